//! `global_defs`: its rows, in a table per theme.
//!
//! compat 02 has the ranges and the bad-value rules. A row fills the typed settings at once;
//! scripts wait in drafts, because whether they may run is decided by settings that come later.

mod announcement;
mod buffers;
mod fifo;
mod files;
mod firewall;
mod identity;
mod ipvs;
mod mail;
mod monitoring;
mod scheduling;
mod scripts;
mod sync_daemon;
mod umask;
pub(crate) mod value;
mod vrrp_defaults;

pub(crate) use scripts::{OwnedCommand, ProgramsDraft};

use super::RootDraft;
use crate::keyword::Keyword;

type Row = Keyword<RootDraft>;

/// The rows of `global_defs`.
pub(crate) static GLOBAL: [&[Row]; 12] = [
    identity::IDENTITY,
    mail::MAIL,
    scripts::SCRIPTS,
    fifo::FIFO,
    scheduling::SCHEDULING,
    vrrp_defaults::VRRP,
    announcement::ANNOUNCEMENT,
    ipvs::IPVS,
    firewall::FIREWALL,
    monitoring::MONITORING,
    buffers::BUFFERS,
    files::FILES,
];
