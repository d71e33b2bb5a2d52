//! What is only true of virtual servers at one moment: who is up, what the kernel has of them, and
//! what it has counted.

use std::collections::BTreeMap;
use std::fmt::{Result, Write};

use ipvs::{Counts, Load, Traffic};
use lvs::config::Identity;
use lvs::{CheckView, ServerView, View};
use net::DestinationKey;

use crate::ipvs_programmer::{Access, Counters, read_counters};
use crate::log::Log;

/// The virtual servers with their counters, by what they are: of those that share a service in the
/// order of the file.
#[derive(Debug)]
pub(in super::super) struct Balanced(BTreeMap<Identity, Vec<(View, Counters)>>);

/// A virtual server: what it is, and how many before it in the file are the same.
pub(super) type Place<'a> = (&'a Identity, usize);

impl Balanced {
    /// Reads the counters; without them the rest is shown.
    pub(in super::super) fn new(views: Vec<View>, access: &Access, log: &Log) -> Self {
        let services = views.iter().map(|view| &*view.services);
        let counters = read_counters(access, services).unwrap_or_else(|error| {
            log.error(format!("Cannot read the counters of IPVS: {error}"));
            Vec::new()
        });
        let counters = counters.into_iter().map(Some).chain(std::iter::repeat(None));
        let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (view, counters) in views.into_iter().zip(counters) {
            let of_same = all.entry(Identity::clone(&view.identity)).or_default();
            of_same.push((view, counters.unwrap_or_default()));
        }
        Self(all)
    }

    fn of(&self, (identity, number): Place<'_>) -> Option<&(View, Counters)> {
        self.0.get(identity)?.get(number)
    }

    fn server(&self, of: Place<'_>, key: DestinationKey) -> Option<(&ServerView, &Counters)> {
        let (view, counters) = self.of(of)?;
        let server = view.servers.iter().find(|server| server.serving.key == key)?;
        Some((server, counters))
    }

    /// Of a virtual server.
    pub(super) fn write_virtual(&self, text: &mut String, of: Place<'_>) -> Result {
        let Some((view, counters)) = self.of(of) else { return Ok(()) };
        writeln!(text, "   quorum_state_up = {}", view.met)?;
        writeln!(text, "   sorry server serves = {}", view.sorry)?;
        writeln!(text, "   live weight = {}", view.live_weight)?;
        write_traffic(text, "   ", &counters.traffic)
    }

    /// Of a server.
    pub(super) fn write_real(
        &self,
        text: &mut String,
        of: Place<'_>,
        key: DestinationKey,
    ) -> Result {
        let Some((server, counters)) = self.server(of, key) else { return Ok(()) };
        writeln!(text, "     alive = {}", server.up)?;
        writeln!(text, "     num failed checkers = {}", server.failed)?;
        writeln!(text, "     RS set = {}", server.wanted.is_some())?;
        writeln!(text, "     effective weight = {}", server.serving.weight)?;
        let Some((load, traffic)) = counters.of(&server.serving) else { return Ok(()) };
        let Load { active, inactive, persistent } = load;
        writeln!(text, "     Active connections = {active}")?;
        writeln!(text, "     Inactive connections = {inactive}")?;
        writeln!(text, "     Persistent connections = {persistent}")?;
        write_traffic(text, "     ", &traffic)
    }

    /// Of a check, by its place among those of its server.
    pub(super) fn write_check(
        &self,
        text: &mut String,
        of: (Place<'_>, DestinationKey),
        place: usize,
    ) -> Result {
        let server = self.server(of.0, of.1);
        let Some(check) = server.and_then(|(server, _)| server.checks.get(place)) else {
            return Ok(());
        };
        let CheckView { up, has_run, failures } = check;
        writeln!(text, "   Up = {up}")?;
        writeln!(text, "   Has run = {has_run}")?;
        writeln!(text, "   Retries iterations = {failures}")
    }
}

fn write_traffic(text: &mut String, indent: &str, traffic: &Traffic) -> Result {
    for (when, counts) in [("", &traffic.total), (" per second", &traffic.per_second)] {
        let Counts { connections, packets_in, packets_out, bytes_in, bytes_out } = counts;
        writeln!(text, "{indent}Connections{when} = {connections}")?;
        writeln!(text, "{indent}Packets in{when} = {packets_in}, out = {packets_out}")?;
        writeln!(text, "{indent}Bytes in{when} = {bytes_in}, out = {bytes_out}")?;
    }
    Ok(())
}
