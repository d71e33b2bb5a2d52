//! Datagrams of netlink and the socket that they come through, whatever they are about.
//!
//! Decides how a datagram is taken apart, how requests and answers find each other, and how long the
//! kernel is waited for. What a request asks for, how many go together and which refusals are none
//! is decided by `rtnl`, `ipvs` and `nft`.

mod batch;
mod channel;
mod error;
mod message;
mod question;
mod reply;

pub use batch::Answer;
pub use channel::Channel;
pub use error::Error;
pub use message::{HEADER, Message, messages};
pub use question::Question;
pub use reply::Reply;
