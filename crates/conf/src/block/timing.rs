//! When checks run: the keywords that virtual servers, real servers and checks share.
//!
//! What one leaves out is handed down to it in `resolve`.

use std::time::Duration;

use super::lvs_value::{self as read, Owner};
use crate::line::Line;

/// When checks run, as written; `None` where the value from above steps in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimingDraft {
    /// `alpha`: a check has failed until it succeeds.
    pub(crate) alpha: Option<bool>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) delay_loop: Option<Duration>,
    pub(crate) delay_before_retry: Option<Duration>,
    pub(crate) retry: Option<u32>,
    pub(crate) warmup: Option<Duration>,
}

impl TimingDraft {
    /// Nothing is said.
    pub(crate) const NONE: Self = Self {
        alpha: None,
        connect_timeout: None,
        delay_loop: None,
        delay_before_retry: None,
        retry: None,
        warmup: None,
    };

    /// These values, and where there is none the other's.
    pub(crate) fn or(self, above: Self) -> Self {
        Self {
            alpha: self.alpha.or(above.alpha),
            connect_timeout: self.connect_timeout.or(above.connect_timeout),
            delay_loop: self.delay_loop.or(above.delay_loop),
            delay_before_retry: self.delay_before_retry.or(above.delay_before_retry),
            retry: self.retry.or(above.retry),
            warmup: self.warmup.or(above.warmup),
        }
    }
}

/// `connect_timeout`.
pub(crate) fn connect_timeout(
    timing: &mut TimingDraft,
    line: &mut Line<'_, '_>,
    owner: Owner,
) -> Option<()> {
    timing.connect_timeout = Some(read::timeout(line, owner)?);
    Some(())
}

/// `delay_loop`.
pub(crate) fn delay_loop(
    timing: &mut TimingDraft,
    line: &mut Line<'_, '_>,
    owner: Owner,
) -> Option<()> {
    timing.delay_loop = Some(read::pause(line, owner, 1)?);
    Some(())
}

/// `delay_before_retry`.
pub(crate) fn delay_before_retry(
    timing: &mut TimingDraft,
    line: &mut Line<'_, '_>,
    owner: Owner,
) -> Option<()> {
    timing.delay_before_retry = Some(read::pause(line, owner, 0)?);
    Some(())
}

/// `warmup`.
pub(crate) fn warmup(
    timing: &mut TimingDraft,
    line: &mut Line<'_, '_>,
    owner: Owner,
) -> Option<()> {
    timing.warmup = Some(read::pause(line, owner, 0)?);
    Some(())
}

/// `retry` of virtual and real servers, which must not be 0.
pub(crate) fn default_retry(
    timing: &mut TimingDraft,
    line: &mut Line<'_, '_>,
    owner: Owner,
) -> Option<()> {
    timing.retry = Some(read::strict(line, owner, 1, u32::MAX)?);
    Some(())
}

/// `retry` of a check.
pub(crate) fn retry(timing: &mut TimingDraft, line: &mut Line<'_, '_>) -> Option<()> {
    timing.retry = Some(read::number(line, Owner::Check, 0, u32::MAX)?);
    Some(())
}

/// `alpha` of real servers and checks.
pub(crate) fn alpha(timing: &mut TimingDraft, line: &mut Line<'_, '_>) -> Option<()> {
    timing.alpha = Some(read::boolean(line)?);
    Some(())
}
