//! What concerns IPVS as a whole, not one service: its timeouts, the synchronisation of
//! connections, how often the table is looked at, and whether it is emptied at the end.
//!
//! Decides what has to be asked of the kernel so that it is as was said last. Who is master, and
//! so which way connections go, is decided elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use ipvs::{Direction, Error, Socket, SyncDaemon, Timeouts};
use nix::libc;

use crate::log::Log;

/// What the kernel shall be like; replaces what was said before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Whole {
    /// `lvs_timeouts`; one that is 0 is the kernel's own.
    pub(crate) timeouts: Timeouts,
    /// `lvs_sync_daemon`: the daemons that shall run now, at most one of each direction.
    pub(crate) daemons: Vec<SyncDaemon>,
    /// `lvs_audit_interval`: how often the table is compared with how it was left; `None` is never.
    pub(crate) audit: Option<Duration>,
    /// `nftables_ipvs`: the table that marks packets for groups; `None` where none does.
    pub(crate) marks: Option<nft::Table>,
    /// `lvs_flush_on_stop`: the whole table is emptied at the end, whoever filled it.
    pub(crate) flush_at_end: bool,
}

/// What the kernel is like.
#[derive(Debug)]
pub(super) struct State {
    wanted: Whole,
    /// The timeouts that the kernel had before anybody changed them.
    original: Option<Timeouts>,
    running: Vec<SyncDaemon>,
    /// Why daemons could not be started, as far as that was said.
    refused: BTreeMap<Direction, String>,
    /// Nobody has looked yet for what an earlier run left.
    fresh: bool,
    /// The kernel refused something that is still wanted.
    incomplete: bool,
    log: Log,
}

impl State {
    pub(super) fn new(log: Log) -> Self {
        let (wanted, running, refused) = (Whole::default(), Vec::new(), BTreeMap::new());
        Self { wanted, original: None, running, refused, fresh: true, incomplete: false, log }
    }

    /// Whether the kernel lacks what it refused.
    pub(super) const fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// Makes the kernel so.
    pub(super) fn order(&mut self, socket: &mut Socket, wanted: Whole) {
        self.wanted = wanted;
        self.refused.clear();
        self.retry(socket);
    }

    /// Does what is still to be done.
    pub(super) fn retry(&mut self, socket: &mut Socket) {
        self.incomplete = false;
        self.set_timeouts(socket, self.wanted.timeouts);
        if !self.wanted.daemons.is_empty() && std::mem::take(&mut self.fresh) {
            self.stop_leftovers(socket);
        }
        self.run_daemons(socket);
    }

    /// The end: what was changed is as it was before.
    pub(super) fn end(&mut self, socket: &mut Socket) {
        self.set_timeouts(socket, Timeouts::default());
        self.wanted.daemons.clear();
        self.run_daemons(socket);
        if self.wanted.flush_at_end
            && let Err(error) = socket.flush()
        {
            self.say("IP_VS_SO_SET_FLUSH(1157)", &error);
        }
    }

    fn set_timeouts(&mut self, socket: &mut Socket, wanted: Timeouts) {
        if self.original.is_none() && wanted == Timeouts::default() {
            return;
        }
        self.original = self.original.or_else(|| self.read_timeouts(socket));
        // The kernel takes 0 for a timeout that stays as it is.
        let original = self.original.unwrap_or_default();
        let or = |wanted: u32, original| if wanted == 0 { original } else { wanted };
        let timeouts = Timeouts {
            tcp: or(wanted.tcp, original.tcp),
            tcp_fin: or(wanted.tcp_fin, original.tcp_fin),
            udp: or(wanted.udp, original.udp),
        };
        if let Err(error) = socket.set_timeouts(&timeouts) {
            self.log.info(format!("Failed to set ipvs timeouts: {}", text(&error)));
        }
    }

    fn read_timeouts(&self, socket: &mut Socket) -> Option<Timeouts> {
        let read = socket.timeouts();
        if let Err(error) = &read {
            self.log.info(format!("Failed to get IPVS timeouts: {}", text(error)));
        }
        read.ok()
    }

    /// Daemons of an earlier run may have other settings, which the kernel does not change.
    fn stop_leftovers(&self, socket: &mut Socket) {
        let left = socket.daemons().unwrap_or_default();
        for (direction, id) in left {
            if let Err(error) = socket.stop_daemon(direction, id) {
                self.say("IP_VS_SO_SET_STOPDAEMON(1164)", &error);
            }
        }
    }

    fn run_daemons(&mut self, socket: &mut Socket) {
        for daemon in std::mem::take(&mut self.running) {
            if self.wanted.daemons.contains(&daemon) {
                self.running.push(daemon);
            } else if let Err(error) = socket.stop_daemon(daemon.direction, daemon.id) {
                self.say("IP_VS_SO_SET_STOPDAEMON(1164)", &error);
            }
        }
        for daemon in self.wanted.daemons.clone() {
            if self.running.contains(&daemon) {
                continue;
            }
            match socket.start_daemon(&daemon) {
                Ok(()) => {
                    let way = match daemon.direction {
                        Direction::Master => "MASTER",
                        Direction::Backup => "BACKUP",
                    };
                    self.log.detail(format!("IPVS: started the sync daemon {way}"));
                    self.refused.remove(&daemon.direction);
                    self.running.push(daemon);
                }
                Err(error) => {
                    self.incomplete = true;
                    let why = text(&error);
                    if self.refused.insert(daemon.direction, why.clone()) != Some(why) {
                        self.say("IP_VS_SO_SET_STARTDAEMON(1163)", &error);
                    }
                }
            }
        }
    }

    fn say(&self, command: &str, error: &Error) {
        self.log.info(format!("IPVS cmd {command} error: {}", text(error)));
    }
}

/// What the log says of an error: its text and number (compat 24 §6).
fn text(error: &Error) -> String {
    error.refusal().map_or_else(|| error.to_string(), refused)
}

fn refused(number: i32) -> String {
    let text = match number {
        libc::EEXIST => "Daemon has already run".into(),
        libc::ESRCH => "No daemon is running".into(),
        number => ipvs::meaning(number),
    };
    format!("{text}({number})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_called_what_monitors_know() {
        for (number, expected) in [
            (libc::EEXIST, "Daemon has already run(17)"),
            (libc::ESRCH, "No daemon is running(3)"),
            (libc::EPERM, "Permission denied (you must be root)(1)"),
            (
                libc::EINVAL,
                "Invalid operation.  Possibly wrong module version, address not unicast, ...(22)",
            ),
            (libc::ENODEV, "No such device(19)"),
        ] {
            assert_eq!(refused(number), expected);
        }
    }
}
