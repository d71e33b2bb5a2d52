//! Datagrams of netlink and the socket that they come through, whatever they are about.
//!
//! Decides how a datagram is taken apart, what an acknowledgement says, and how long the kernel
//! is waited for. What a request asks for, how requests are gathered and which refusals are none
//! is decided by `rtnl` and `ipvs`.

mod channel;
mod message;
mod reply;

pub use channel::{Channel, invalid};
pub use message::{HEADER, Message, messages};
pub use reply::Reply;
