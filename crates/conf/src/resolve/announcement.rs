//! Settles when and how often an instance announces its addresses.

use std::time::Duration;

use vrrp::config::{Announcement, ExtraLinks};

use super::Resolver;
use crate::block::vrrp_instance::InstanceDraft;
use crate::globals::VrrpDefaults;

/// The instance's values, else the global ones, else keepalived's.
pub(crate) fn resolve(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    strict: bool,
) -> Announcement {
    let global = resolver.globals.vrrp.clone();
    let own = &draft.announcement;
    let refresh = own.refresh.unwrap_or(global.garp_refresh);
    let mut lower_repeat = own.lower_priority_repeat;
    let mut lower_delay = own.lower_priority_delay;
    if strict {
        if lower_repeat.is_some_and(|repeat| repeat > 0) {
            let name = &draft.name;
            resolver.error(format!("({name}) Strict mode requires no repeat garps. resetting"));
        }
        if lower_delay.is_some_and(|delay| delay > Duration::ZERO) {
            let name = &draft.name;
            resolver
                .error(format!("({name}) Strict mode requires no repeat garp delay. resetting"));
        }
        lower_repeat = Some(0);
        lower_delay = Some(Duration::ZERO);
    }
    Announcement {
        delay: own.delay.unwrap_or(global.garp_delay),
        repeat: own.repeat.unwrap_or(global.garp_repeat),
        refresh: (refresh > Duration::ZERO).then_some(refresh),
        refresh_repeat: own.refresh_repeat.unwrap_or(global.garp_refresh_repeat),
        lower_priority_delay: lower_delay
            .or(global.garp_lower_priority_delay)
            .unwrap_or(global.garp_delay),
        lower_priority_repeat: lower_repeat
            .or(global.garp_lower_priority_repeat)
            .unwrap_or(global.garp_repeat),
        extra_links: extra_links(draft, &global),
    }
}

/// `garp_extra_if`; 0 is never.
fn extra_links(draft: &InstanceDraft, global: &VrrpDefaults) -> Option<ExtraLinks> {
    draft.options.extra_links.or(global.extra_links).filter(|extra| extra.every > Duration::ZERO)
}
