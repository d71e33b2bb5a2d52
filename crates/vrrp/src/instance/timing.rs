//! How long an instance waits, and how long it may be silent (RFC 9568 §6.1, compat 11 §4.1).

use std::time::Duration;

use super::{Instance, State};
use crate::units::{AdvertInterval, skew};

impl Instance {
    /// An owner that wishes to be master does not wait long where it cannot be so at once: in a
    /// group, or out of FAULT (compat 11 §4.2 and §4.9).
    pub(super) fn first_wait(&self) -> Duration {
        if self.is_master_at_once() {
            self.config.advert_interval.duration() + self.skew(None)
        } else {
            self.master_down(None)
        }
    }

    /// How long a backup waits for a silent master (RFC 9568 §6.1, `Active_Down_Interval`).
    pub(crate) fn master_down(&self, learned: Option<AdvertInterval>) -> Duration {
        let interval = learned.unwrap_or(self.interval_in_use());
        interval.duration() * u32::from(self.config.down_timer_adverts) + self.skew(learned)
    }

    pub(crate) fn skew(&self, learned: Option<AdvertInterval>) -> Duration {
        let interval = learned.unwrap_or(self.interval_in_use());
        skew(self.config.version, self.verdict.priority, interval)
    }

    /// How long it may fail to send before a backup takes over, less one interval for the backup
    /// to hear of it in time (compat 11 §13.4).
    pub(crate) fn bears(&self) -> Duration {
        self.bears_with(self.interval_in_use())
    }

    /// The same with its own interval, whatever the master's is.
    pub(crate) fn would_bear(&self) -> Duration {
        self.bears_with(self.config.advert_interval)
    }

    fn bears_with(&self, interval: AdvertInterval) -> Duration {
        let micros = interval.duration().as_micros();
        let intervals = u128::from(self.config.down_timer_adverts.saturating_sub(1));
        let bears = (micros * intervals).saturating_sub(micros / 256);
        Duration::from_micros(u64::try_from(bears).unwrap_or(u64::MAX))
    }

    pub(crate) fn interval_in_use(&self) -> AdvertInterval {
        match &self.state {
            State::Backup(backup) => backup.interval,
            State::Init | State::Fault | State::Master(_) | State::Stopped => {
                self.config.advert_interval
            }
        }
    }
}
