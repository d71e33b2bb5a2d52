//! What a new configuration changes in an instance that lives on, and what follows from a
//! configuration alone.

use std::sync::Arc;

use net::AddressKey;

use super::{Backup, Cx, Instance, State};
use crate::config;
use crate::holdings::Holdings;

impl Instance {
    /// Replaces the configuration; the caller has made sure that it is the same virtual router.
    pub(crate) fn adopt(&mut self, cx: &mut Cx<'_>, config: config::Instance) {
        let before = self.master_down(None);
        let interval = self.config.advert_interval;
        let holdings = Holdings::of_instance(&config);
        let moved = holdings != self.holdings;
        for deed in self.holdings.lost(&holdings) {
            self.report(cx, deed);
        }
        let known = &self.holdings.addresses;
        let added = holdings.addresses.iter().any(|new| !known.contains(new));
        self.holdings = holdings;
        self.extra.addresses = extra_addresses(&config);
        self.notify = config.notify.clone().into();
        self.old_checksum = is_old(&config);
        self.gave_way &= config.priority.is_owner();
        self.config = config.into();
        let own = self.config.advert_interval;
        let (after, anew) = (self.master_down(None), self.master_down(Some(own)));
        match &mut self.state {
            State::Backup(backup) if interval != own => {
                *backup = Backup::until(cx.begin + anew, own);
            }
            State::Backup(backup) => backup.shift(cx.begin, before, after),
            State::Master(_) | State::Init | State::Fault | State::Stopped => {}
        }
        if moved {
            let rounds = (self.is_master() && added).then_some(self.config.announcement.repeat);
            self.order(cx, rounds);
        }
    }
}

/// The first address of each link other than its own that is announced on by itself: with `all`
/// every one, otherwise macvlans.
pub(super) fn extra_addresses(config: &config::Instance) -> Arc<[AddressKey]> {
    let Some(extra) = config.announcement.extra_links else { return Arc::default() };
    let mut first: Vec<AddressKey> = Vec::new();
    for held in config.addresses.iter().chain(&config.excluded) {
        let key = held.address.key();
        let counts = Some(&key.link) != config.seat.link() && (extra.all || held.own_device);
        if counts && first.iter().all(|known| known.link != key.link) {
            first.push(key);
        }
    }
    first.into()
}

/// Whether its unicast adverts have the checksum of releases before 1.3.7 from the start.
pub(super) fn is_old(config: &config::Instance) -> bool {
    config.options.unicast_checksum == config::UnicastChecksum::Old
}
