//! The core in virtual time: what neighbours hear, what the operator reads, who is told.

mod any_input;
mod chaos;
mod link;
mod reload;
mod scenarios;
mod sockets;
mod solo;
