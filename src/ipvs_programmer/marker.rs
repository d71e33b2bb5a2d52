//! Marks on the packets of groups (`nftables_ipvs`): makes the table of nftables equal to what the
//! virtual servers want.
//!
//! Decides what of it has to change. It is all in one table that is nobody else's; after a failure
//! that table is made anew. What a run that was killed has left goes when it is known what takes its
//! place, so that packets are marked meanwhile. Which group has which mark is decided in `lvs`.

use std::collections::BTreeSet;
use std::io;

use net::Marking;
use nft::{Socket, Table, disjoint};

use super::{Access, Error};
use crate::log::Log;

/// What is wanted, and what the kernel has of it.
pub(super) struct Marker {
    access: Access,
    table: Option<Table>,
    /// `None` until it is known.
    wanted: Option<BTreeSet<Marking>>,
    /// What an earlier run left has gone.
    cleared: bool,
    /// Opened when there is something to mark.
    socket: Option<Socket>,
    /// `None` where the kernel has no such table, or nobody knows what is in it.
    installed: Option<(Table, BTreeSet<Marking>)>,
    /// Why the kernel lacks something that is wanted; it was said.
    refused: Option<String>,
    log: Log,
}

impl Marker {
    pub(super) fn new(access: Access, log: Log) -> Self {
        let (table, wanted, cleared) = (None, None, false);
        Self { access, table, wanted, cleared, socket: None, installed: None, refused: None, log }
    }

    /// Whether the kernel lacks what it refused.
    pub(super) const fn is_incomplete(&self) -> bool {
        self.refused.is_some()
    }

    /// From now on this table marks; none does when nothing shall be marked.
    pub(super) fn use_table(&mut self, table: Option<Table>) {
        self.table = table;
        self.settle();
    }

    /// From now on these are to be marked; where they overlap the earlier one counts.
    pub(super) fn mark(&mut self, markings: &[Marking]) {
        self.wanted = Some(disjoint(markings).into_iter().collect());
        self.settle();
    }

    /// Makes the kernel so.
    pub(super) fn settle(&mut self) {
        let outcome = self.differences().map_err(|error| error.to_string());
        match (outcome, self.refused.take()) {
            (Ok(()), None) => {}
            (Ok(()), Some(_)) => self.log.info("nftables: packets for groups are marked now"),
            (Err(why), before) => {
                // Nobody knows what is there now.
                self.installed = None;
                if before.as_ref() != Some(&why) {
                    self.log.error(format!("nftables: cannot mark packets for groups: {why}"));
                }
                self.refused = Some(why);
            }
        }
    }

    /// Looks whether the table still is there: to load a packet filter anew is to flush all tables.
    pub(super) fn look(&mut self) {
        let Some(name) = self.installed.as_ref().map(|(table, _)| table.name.clone()) else {
            return;
        };
        // Where nobody can be asked, nothing is known.
        if self.ask(Socket::tables).is_ok_and(|there| !there.contains(&name)) {
            let line =
                format!("nftables: table {name} was removed by somebody else - putting it back");
            self.log.info(line);
            self.installed = None;
            self.settle();
        }
    }

    /// The end: when nothing is marked any more, nothing is left.
    pub(super) fn end(&mut self) {
        if self.wanted.get_or_insert_default().is_empty() {
            self.use_table(None);
        }
    }

    fn differences(&mut self) -> Result<(), Error> {
        self.change()?;
        self.clear_away()
    }

    fn change(&mut self) -> Result<(), Error> {
        let there = self.installed.as_ref().map(|(table, _)| table);
        if there.is_some() && there != self.table.as_ref() {
            let gone = self.installed.take().map(|(table, _)| table);
            gone.map_or(Ok(()), |table| self.ask(|socket| socket.remove(&table.name)))?;
        }
        let Some((table, wanted)) = self.table.clone().zip(self.wanted.clone()) else {
            return Ok(());
        };
        match self.installed.take() {
            // A table that nobody needs is not made; one that refused may have left something.
            None if wanted.is_empty() && self.refused.is_none() => return Ok(()),
            None => {
                let all: Vec<Marking> = wanted.iter().copied().collect();
                self.ask(|socket| socket.replace(&table, &all))?;
            }
            Some((_, there)) if there != wanted => {
                let gone: Vec<Marking> = there.difference(&wanted).copied().collect();
                let added: Vec<Marking> = wanted.difference(&there).copied().collect();
                self.ask(|socket| socket.change(&table, &gone, &added))?;
            }
            Some(_) => {}
        }
        self.installed = Some((table, wanted));
        Ok(())
    }

    /// Removes what an earlier run left, once.
    fn clear_away(&mut self) -> Result<(), Error> {
        if self.cleared || self.wanted.is_none() {
            return Ok(());
        }
        let ours = self.installed.as_ref().map(|(table, _)| table.name.clone());
        // A kernel that cannot be asked has nothing; what is wanted of it is refused elsewhere.
        let there = self.ask(Socket::tables).unwrap_or_default();
        for name in there.into_iter().filter(|name| Some(name) != ours.as_ref()) {
            self.ask(|socket| socket.remove(&name))?;
            self.log.info(format!("nftables: removed the table {name} of an earlier run"));
        }
        self.cleared = true;
        Ok(())
    }

    fn ask<T>(&mut self, what: impl FnOnce(&mut Socket) -> io::Result<T>) -> Result<T, Error> {
        let socket = match self.socket.take() {
            Some(socket) => self.socket.insert(socket),
            None => {
                let owner = self.access.owner.as_str();
                let opened = self.access.within(|| Socket::open(owner))?;
                self.socket.insert(opened.map_err(Error::Nftables)?)
            }
        };
        let asked = what(socket);
        if asked.is_err() {
            // Answers may still be on their way.
            self.socket = None;
        }
        asked.map_err(Error::Nftables)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use conf::IpvsNamespace;
    use net::Protocol;
    use testkit::lab::{Host, Lab};

    use super::*;
    use crate::log;

    fn marking(first: u8, last: u8, mark: u32) -> Marking {
        let ip = |last: u8| IpAddr::from([192, 0, 2, last]);
        let (addresses, ports) = ((ip(first), ip(last)), (80, 80));
        Marking { protocol: Protocol::Tcp, addresses, ports, mark }
    }

    fn table(name: &str, priority: i32) -> Option<Table> {
        Some(Table { name: name.to_owned(), priority })
    }

    fn marker(namespace: &str) -> Marker {
        let namespace = Some(IpvsNamespace::Named(namespace.to_owned()));
        let owner = "keepalived /run/a.pid".to_owned();
        Marker::new(Access { namespace, buffer: None, owner }, log::silent())
    }

    /// The elements of the map of TCP; `None` where there is no such table.
    fn elements(host: &Host, name: &str) -> Option<Vec<String>> {
        let tables = host.ok(["nft", "list", "tables"]);
        tables.contains(&format!("table ip {name}\n")).then(|| {
            let text = host.ok(["nft", "list", "map", "ip", name, "tcp_map"]);
            let found = text.split_once("elements = {").map(|(_, rest)| rest);
            let found = found.and_then(|rest| rest.split_once('}')).map(|(found, _)| found);
            let mut found: Vec<String> = found
                .into_iter()
                .flat_map(|found| found.split(','))
                .map(|one| one.trim().to_owned())
                .collect();
            found.sort();
            found
        })
    }

    #[test]
    fn the_table_follows_what_is_wanted_and_is_gone_at_the_end() {
        let lab = Lab::new("marker");
        let host = lab.host("a", "192.0.2.1/24");
        let mut marker = marker(host.namespace());
        marker.use_table(table("one", -1));
        assert_eq!(elements(&host, "one"), None, "nobody needs it yet");
        marker.mark(&[marking(1, 5, 1000), marking(4, 9, 1001)]);
        let both =
            ["192.0.2.1-192.0.2.5 . 80 : 0x000003e8", "192.0.2.6-192.0.2.9 . 80 : 0x000003e9"];
        assert_eq!(elements(&host, "one").unwrap(), both);
        marker.mark(&[marking(4, 9, 1001)]);
        assert_eq!(elements(&host, "one").unwrap(), ["192.0.2.4-192.0.2.9 . 80 : 0x000003e9"]);
        // Another priority is another table.
        marker.use_table(table("one", 7));
        assert!(host.ok(["nft", "list", "table", "ip", "one"]).contains("priority filter + 7"));
        marker.use_table(table("two", 7));
        assert_eq!((elements(&host, "one"), elements(&host, "two").unwrap().len()), (None, 1));
        assert!(!marker.is_incomplete());

        // Somebody took it away: the change is refused, and the next attempt makes it anew.
        host.ok(["nft", "delete", "table", "ip", "two"]);
        marker.mark(&[marking(7, 7, 1002)]);
        assert!(marker.is_incomplete());
        marker.settle();
        assert_eq!(elements(&host, "two").unwrap(), ["192.0.2.7 . 80 : 0x000003ea"]);
        // And when nothing changes, whoever looks puts it back.
        let there = elements(&host, "two");
        host.ok(["nft", "flush", "ruleset"]);
        assert_eq!(elements(&host, "two"), None);
        for _ in 0..2 {
            marker.look();
            assert_eq!(elements(&host, "two"), there);
        }
        marker.end();
        assert!(elements(&host, "two").is_some(), "what is wanted stays, as its services do");
        marker.mark(&[]);
        marker.end();
        assert_eq!(elements(&host, "two"), None);
    }

    /// What a daemon does that was killed and starts again with this table and these markings.
    fn started_again(host: &Host, table: Option<Table>, markings: &[Marking]) -> Marker {
        let mut marker = marker(host.namespace());
        marker.use_table(table);
        marker.mark(markings);
        assert!(!marker.is_incomplete());
        marker
    }

    #[test]
    fn what_a_killed_daemon_left_is_replaced_or_removed() {
        let lab = Lab::new("marker-left");
        let host = lab.host("a", "192.0.2.1/24");
        host.ok(["nft", "add table ip others"]);
        let leave = || drop(started_again(&host, table("one", -1), &[marking(1, 5, 1000)]));
        let there = |name| elements(&host, name);
        leave();
        assert!(there("one").is_some(), "whoever is killed removes nothing");
        started_again(&host, table("one", -1), &[marking(7, 7, 1000)]);
        assert_eq!(there("one").unwrap(), ["192.0.2.7 . 80 : 0x000003e8"], "the same table");
        started_again(&host, table("two", -1), &[marking(7, 7, 1000)]);
        assert!(there("one").is_none() && there("two").is_some(), "another table");
        leave();
        started_again(&host, table("one", -1), &[]);
        assert_eq!(there("one"), None, "nothing to mark any more");
        leave();
        started_again(&host, None, &[]);
        assert_eq!(there("one"), None, "nftables is not wanted any more");
        leave();
        let mut marker = marker(host.namespace());
        marker.use_table(table("one", -1));
        assert!(there("one").is_some(), "until it is known what is to be marked");
        marker.end();
        assert_eq!(host.ok(["nft", "list", "tables"]).trim(), "table ip others");
    }

    #[test]
    fn a_namespace_without_a_way_in_is_refused_and_told() {
        let mut marker = marker("nowhere");
        marker.use_table(table("one", -1));
        marker.mark(&[marking(1, 1, 1000)]);
        assert!(marker.refused.as_ref().unwrap().contains("/run/netns/nowhere"));
    }
}
