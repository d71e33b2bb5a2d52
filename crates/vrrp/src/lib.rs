//! The VRRP core: virtual routers that elect, hold and give up mastership (RFC 3768, RFC 9568).
//!
//! It decides; it does nothing. There is no clock, socket, file or thread here. The driver
//!
//! 1. calls [`Router::handle`] with the time and one [`Input`],
//! 2. opens what [`Router::poll_endpoints`] wants, drains [`Router::poll_transmission`] and sends,
//!    before anything else, and only then closes what is no longer wanted,
//! 3. drains [`Router::poll_effect`] and carries every [`Effect`] out,
//! 4. waits for the next input, at most until [`Router::poll_timeout`].
//!
//! A spurious [`Input::Timeout`] is harmless, and one at or after `poll_timeout` moves every
//! deadline that has passed, so a driver cannot spin. Effects may be carried out late, and orders
//! to the network manager may be dropped for newer ones of the same owner or repeated.
//!
//! | file | decides |
//! |---|---|
//! | `router` | which instance, group or script an input concerns; the next deadline |
//! | `endpoints` | where packets come in and which instance they are for |
//! | `startup` | how long nobody acts after the start |
//! | `sources` | what is said of the addresses that links have to send from |
//! | `gate`, `endpoints` | where adverts come in and go out |
//! | `strays` | what is said of packets for nobody |
//! | `held_up` | what a master does that did not get to run |
//! | `instance` | the states of one virtual router |
//! | `sync_group` | which instances change state together |
//! | `tracking` | what everything that is tracked does to priority and health |
//! | `debounce` | how long a link has to be up or down until that counts |
//! | `script` | when a check script runs and what its results add up to |
//! | `process` | whether enough processes run, and since when that counts |
//! | `holdings`, `statics` | what an owner may have in the kernel; what is always there |
//! | `announce` | when addresses are announced |
//! | `advert` | the wire format and which packets are refused |
//! | `reconfigure` | what a new configuration changes, and only that |
//! | `notice`, `event` | what the outside is told, in one shape each |
//! | `view` | what the outside may see |

mod advert;
mod agenda;
mod announce;
pub mod config;
mod debounce;
mod effect;
mod endpoints;
mod event;
mod fault;
mod file;
mod gate;
mod held_up;
mod holdings;
mod instance;
mod notice;
mod process;
mod reconfigure;
mod repeats;
mod router;
mod script;
mod sources;
mod startup;
mod state;
mod statics;
mod stats;
mod strays;
mod sync_group;
mod tracking;
mod units;
mod view;

pub use advert::{Advert, Circumstances, Discard, DiscardKind, Distrust, Remark, decode};
pub use effect::{
    Announce, Effect, Endpoint, Facts, Input, OneRound, Order, OwnerId, Recount, ScriptOutcome,
    ScriptSignal, Transmission,
};
pub use event::{Checked, Deed, Dispute, Event, Heard, Moved, What};
pub use fault::FaultCause;
pub use gate::Gate;
pub use holdings::Holdings;
pub use notice::{Notice, Subject, Told};
pub use router::{Clock, Router};
pub use state::StateKind;
pub use stats::Stats;
pub use units::{
    AdvertInterval, Advertised, Generation, InstanceId, Name, Priority, Run, Version, Vrid, Weight,
    skew,
};
pub use view::{FileView, GroupView, LinkView, ProcessView, ScriptView, Snapshot, View};

#[cfg(test)]
mod tests;
