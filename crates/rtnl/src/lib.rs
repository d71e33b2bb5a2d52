//! The kernel's links and addresses: changing them in batches, listing them, hearing of changes.
//!
//! Decides how an address is put to the kernel and what its answers mean. Which addresses there
//! should be is decided elsewhere; routes and rules will follow the same pattern.

mod address;
mod announce;
mod batch;
mod error;
mod link;
mod message;
mod monitor;
mod socket;

pub use address::Installed;
pub use announce::{
    GRATUITOUS_ARP_LENGTH, NEIGHBOUR_ADVERT_LENGTH, gratuitous_arp, neighbour_advert,
};
pub use batch::{Change, Failure};
pub use error::Error;
pub use monitor::{Event, Monitor};
pub use socket::Socket;
