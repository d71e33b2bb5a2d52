//! What a packet for an instance leads to: it is judged, counted, and handed to the state.

use std::time::Duration;

use super::{Cx, Instance, State, Wish};
use crate::advert::{self, Advert, Circumstances, Discard, Distrust, Sequence};
use crate::config::{self, Cast};
use crate::event::{Deed, Heard};
use crate::units::Advertised;

impl Instance {
    pub(crate) fn on_packet(&mut self, cx: &mut Cx<'_>, packet: &[u8]) -> Wish {
        let known = match &self.state {
            State::Backup(backup) => backup.following,
            State::Master(_) => None,
            // Instances that take no part do not even count (compat 11 §3).
            State::Init | State::Fault | State::Stopped => return Wish::Nothing,
        };
        let Some(advert::Addressed { source: from, .. }) = advert::addressed(packet) else {
            return Wish::Nothing;
        };
        self.ever_heard = true;
        let since_1970 = cx.since_1970;
        let circumstances = Circumstances { known_master: known, since_1970 };
        let advert = advert::decode(packet, &self.config, circumstances);
        match advert.and_then(|advert| self.not_replayed(advert, since_1970)) {
            Ok(advert) => {
                self.count(&advert);
                if advert.old_checksum && !self.old_checksum {
                    self.old_checksum = true;
                    self.report(cx, Deed::OldChecksum);
                }
                for remark in &advert.remarks {
                    if let Some(silent) = self.reported.note(remark.kind(), from, cx.now) {
                        let remark = remark.clone();
                        self.heard(cx, Heard::Remarked { from, remark, silent });
                    }
                }
                if self.is_master() {
                    self.on_rival(cx, &advert)
                } else {
                    self.on_master(cx, &advert)
                }
            }
            Err(why) => {
                why.count(&mut self.stats);
                if let Some(silent) = self.reported.note(why.kind(), from, cx.now) {
                    self.heard(cx, Heard::Discarded { from, why, silent });
                }
                Wish::Nothing
            }
        }
    }

    /// Each authenticated number counts once.
    ///
    /// Under AH one that only this router has used itself is new: two masters that began at the
    /// same moment would otherwise refuse each other for ever.
    fn not_replayed(&mut self, advert: Advert, since_1970: Duration) -> Result<Advert, Discard> {
        let highest = self.sequence;
        if let Some(received) = advert.sequence {
            if received <= self.heard_sequence || received < highest {
                return Err(Distrust::Replayed { received, highest }.into());
            }
            (self.sequence, self.heard_sequence) = (received, received);
        }
        if let Some(number) = advert.number {
            let clock = (Sequence::of_time(since_1970), self.window());
            let peers = match &self.config.cast {
                Cast::Multicast { .. } => None,
                Cast::Unicast { peers } => Some(peers.len()),
            };
            if !self.seen.take(advert.source, number, clock, peers) {
                return Err(Distrust::SeenBefore.into());
            }
        }
        Ok(advert)
    }

    /// How far the clocks of senders may be away, where the clock counts.
    pub(super) fn window(&self) -> Option<Duration> {
        let hmac = self.config.hmac.as_ref()?;
        (hmac.freshness == config::Freshness::Time).then_some(hmac.window)
    }

    fn count(&mut self, advert: &Advert) {
        self.stats.advert_rcvd += 1;
        self.stats.pri_zero_rcvd += u64::from(advert.priority == Advertised::Release);
        let odd = advert.remarks.iter().any(advert::Remark::is_about_addresses);
        self.stats.addr_list_err += u64::from(odd);
    }
}
