//! What a new configuration changes, and only that (compat 22 §6, §7).
//!
//! A session is the same one if it has its old name and its neighbour could tell no difference:
//! same addresses, same way. It keeps state, timers and discriminators. No packet says goodbye
//! to the neighbour of one that is gone: it notices by itself, as with keepalived.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use crate::config::{self, Config};
use crate::router::Bfd;

/// What makes two configurations the same session.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    name: Arc<str>,
    neighbor: IpAddr,
    source: Option<IpAddr>,
    multihop: bool,
}

impl Identity {
    fn of(config: &config::Session) -> Self {
        let config::Session { name, neighbor, source, multihop, .. } = config;
        let (neighbor, source, multihop) = (*neighbor, *source, *multihop);
        Self { name: Arc::clone(name), neighbor, source, multihop }
    }
}

impl Bfd {
    /// Takes over a new configuration.
    pub(crate) fn reconfigure(&mut self, config: &Config) {
        let old = std::mem::take(&mut self.sequence).into_iter();
        let mut old: BTreeMap<_, _> =
            old.map(|id| (Identity::of(&self.sessions[&id].config), id)).collect();
        let kept: Vec<_> =
            config.sessions.iter().map(|new| old.remove(&Identity::of(new))).collect();
        // Those that go make room first: a new one may want the same port.
        for id in old.into_values() {
            self.remove(id);
        }
        for (new, kept) in config.sessions.iter().zip(kept) {
            let id = match kept {
                Some(id) => {
                    self.with(id, |session, cx| session.adopt(cx, new.clone()));
                    id
                }
                None => self.add(new.clone()),
            };
            self.sequence.push(id);
        }
        self.index_sessions();
    }
}
