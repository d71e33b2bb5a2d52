//! `disable_local_igmp`: the kernel reports no link-local multicast group (224.0.0.0/24) while the
//! daemon runs. Switches do not need these reports, and some forward by them what they should flood.

use std::fs;
use std::io;

use crate::log::Log;

const SETTING: &str = "/proc/sys/net/ipv4/igmp_link_local_mcast_reports";

/// The setting is off for as long as this lives.
#[derive(Debug)]
pub(super) struct QuietIgmp {
    before: String,
}

impl QuietIgmp {
    /// `None` when it was off already, or when there is no such setting, which is logged.
    pub(super) fn new(log: &Log) -> Option<Self> {
        match turn_off() {
            Ok(before) => (before != "0").then_some(Self { before }),
            Err(error) => {
                log.info(format!("kernel does not support disable_local_igmp ({error})"));
                None
            }
        }
    }
}

fn turn_off() -> io::Result<String> {
    let before = fs::read_to_string(SETTING)?.trim().to_owned();
    if before != "0" {
        fs::write(SETTING, "0")?;
    }
    Ok(before)
}

impl Drop for QuietIgmp {
    fn drop(&mut self) {
        // Nobody is left to tell: the daemon ends.
        let _ = fs::write(SETTING, &self.before);
    }
}
