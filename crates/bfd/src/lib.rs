//! The BFD core: sessions that notice within milliseconds when a neighbour falls silent
//! (RFC 5880; one hop, RFC 5881; several, RFC 5883).
//!
//! It decides; it does nothing. There is no clock, socket, file or thread here. The driver
//!
//! 1. calls [`Bfd::handle`] with the time and one [`Input`],
//! 2. drains [`Bfd::poll_transmission`] and sends, before anything else,
//! 3. drains [`Bfd::poll_effect`] and carries every [`Effect`] out,
//! 4. waits for the next input, at most until [`Bfd::poll_timeout`].
//!
//! A wake-up has one order: [`Input::Tick`], what the sockets hold, [`Input::Timeout`]. So what
//! is due is sent first, and a driver that was held up reads what its neighbours sent meanwhile
//! before it calls any of them dead. A spurious [`Input::Timeout`] is harmless, and one at or
//! after `poll_timeout` moves every deadline that has passed, so a driver cannot spin.
//!
//! | file | decides |
//! |---|---|
//! | `router` | which session an input concerns; the next deadline |
//! | `session` | the states of one session |
//! | `timing` | which intervals are announced and which are in use; poll sequences |
//! | `sender` | when the next packet is due |
//! | `packet` | the wire format and which packets are refused |
//! | `discriminators` | which numbers sessions go by |
//! | `reconfigure` | what a new configuration changes, and only that |
//! | `table` | how what both ends go by is logged |
//! | `effect`, `event`, `view` | what the outside is told and shown |

mod agenda;
pub mod config;
mod discriminators;
mod effect;
mod event;
mod packet;
mod reconfigure;
mod router;
mod sender;
mod session;
mod table;
mod timing;
mod units;
mod view;

#[cfg(test)]
mod tests;

pub use effect::{Arrival, Effect, Input, Notice, Outlet, Transmission};
pub use event::{Event, What};
pub use packet::{Discard, LENGTH, Packet, Question};
pub use router::Bfd;
pub use table::{Line, Row};
pub use units::{Diagnostic, Discriminator, Interval, SessionId, StateKind};
pub use view::{Stats, View};
