//! Rounds intervals to what the version can carry, and settles who preempts whom.

use std::time::Duration;

use vrrp::config::{Initial, Preemption};
use vrrp::{AdvertInterval, Priority, Version};

use super::Resolver;
use crate::block::vrrp_instance::InstanceDraft;

/// The interval between adverts, rounded as the version needs it.
pub(crate) fn advert_interval(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    version: Version,
) -> AdvertInterval {
    let Some(written) = &draft.advert_interval else {
        return AdvertInterval::SECOND;
    };
    let (name, wanted) = (&draft.name, written.value);
    let seconds = wanted.as_secs_f64();
    let found = |resolver: &mut Resolver<'_>, message: String| {
        resolver.add(crate::diagnostic::Diagnostic::general(message).about(written.span));
    };
    match version {
        Version::V2 => {
            if wanted.subsec_nanos() != 0 {
                let message = format!(
                    "({name}) VRRPv2 advertisement interval {seconds:.6}s must be an integer. \
                     rounding"
                );
                found(resolver, message);
            }
            let rounded = (wanted + Duration::from_millis(500)).as_secs().clamp(1, 255);
            let rounded = u8::try_from(rounded).unwrap_or(u8::MAX);
            AdvertInterval::from_secs(rounded).unwrap_or(AdvertInterval::SECOND)
        }
        Version::V3 => {
            if wanted.as_micros() % 10_000 != 0 {
                let message = format!(
                    "({name}) VRRPv3 advertisement interval {seconds:.6}s must be in units of 10ms \
                     - rounding"
                );
                found(resolver, message);
            }
            let rounded = ((wanted.as_micros() + 5_000) / 10_000).max(1);
            let most = AdvertInterval::MAX_CENTIS;
            if rounded > u128::from(most) {
                let message = format!(
                    "({name}) VRRPv3 advertisement interval {seconds:.2}s is out of range. \
                     Must be less than 40.96s. Setting to 40.95s"
                );
                found(resolver, message);
            }
            let centis = u16::try_from(rounded).unwrap_or(most).min(most);
            AdvertInterval::from_centis(centis).unwrap_or(AdvertInterval::SECOND)
        }
    }
}

/// `nopreempt` and `preempt_delay`, where they can work at all.
pub(crate) fn preemption(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    (priority, initial, strict): (Priority, Initial, bool),
) -> Preemption {
    let name = &draft.name;
    let mut nopreempt = draft.nopreempt;
    if nopreempt && priority.is_owner() {
        resolver.error(format!(
            "({name}) nopreempt is incompatible with priority {priority}. resetting nopreempt"
        ));
        nopreempt = false;
    } else if nopreempt && initial == Initial::Master {
        resolver.error(format!(
            "({name}) Warning - nopreempt will not work with initial state MASTER - clearing"
        ));
        nopreempt = false;
    }
    let mut delay = draft.preempt_delay;
    let reasons = [
        (
            initial == Initial::Master,
            "Warning - preempt delay will not work with initial state MASTER - clearing",
        ),
        (nopreempt, "preempt_delay is incompatible with nopreempt mode - resetting"),
        (strict, "preempt_delay is incompatible with strict mode - resetting"),
    ];
    if delay > Duration::ZERO {
        for (_, reason) in reasons.iter().filter(|(applies, _)| *applies) {
            resolver.error(format!("({name}) {reason}"));
            delay = Duration::ZERO;
        }
    }
    match (nopreempt, delay) {
        (true, _) => Preemption::Never,
        (false, Duration::ZERO) => Preemption::Immediate,
        (false, delay) => Preemption::Delayed(delay),
    }
}
