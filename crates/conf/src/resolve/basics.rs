//! What the other rules of an instance depend on: its family, version, priority and wish, and
//! whether it is strict.

use net::Family;
use vrrp::config::Initial;
use vrrp::{Priority, Version};

use super::Resolver;
use crate::block::vrrp_instance::InstanceDraft;

/// What the other rules depend on.
#[derive(Clone, Copy)]
pub(super) struct Basics {
    pub(super) family: Family,
    pub(super) version: Version,
    pub(super) strict: bool,
    pub(super) priority: Priority,
    pub(super) initial: Initial,
}

/// The state that it begins with may still change with its authentication.
pub(super) fn resolve(resolver: &mut Resolver<'_>, draft: &InstanceDraft) -> Basics {
    let name = &draft.name;
    let strict = draft.strict.unwrap_or(resolver.globals.vrrp.strict);
    let family = draft.family.unwrap_or(Family::V4);
    let version = match (family, draft.version, strict) {
        (Family::V4, version, _) => {
            version.or(resolver.globals.vrrp.version).unwrap_or(Version::V2)
        }
        (Family::V6, Some(Version::V2), true) => {
            resolver
                .error(format!("({name}) cannot use IPv6 with VRRP version 2; setting version 3"));
            Version::V3
        }
        (Family::V6, version, _) => version.unwrap_or(Version::V3),
    };
    let master = draft.state == Some(Initial::Master);
    let default =
        if master { Priority::OWNER } else { Priority::new(100).unwrap_or(Priority::LOWEST) };
    let priority = draft.priority.unwrap_or(default);
    let mut initial = draft.state.unwrap_or(Initial::Backup);
    if strict && draft.state.is_some() && master != priority.is_owner() {
        resolver.error(format!("({name}) State MASTER must match being address owner"));
        initial = Initial::Backup;
    }
    if priority.is_owner() {
        initial = Initial::Master;
    }
    Basics { family, version, strict, priority, initial }
}
