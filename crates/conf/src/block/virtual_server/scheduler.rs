//! `lvs_sched` and the flags that belong to certain schedulers.
//!
//! Whether the kernel has a scheduler is found out when the service is made.

use net::ServiceFlags;

use super::VirtualServerDraft;
use crate::block::lvs_value as read;
use crate::line::Line;

const SCHEDULERS: [&str; 14] =
    ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "mh", "dh", "fo", "ovf", "sed", "nq", "twos"];

/// `lvs_sched` and its old spelling.
pub(super) fn scheduler(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let known = SCHEDULERS.into_iter().find(|name| *name == word.text);
    if known.is_none() {
        let message = format!("Invalid lvs_scheduler '{}' - ignoring", word.text);
        read::unknown(line, &word, message, &SCHEDULERS);
    }
    vs.scheduler = Some(known?);
    Some(())
}

/// `sh-port`.
pub(super) fn sh_port(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    flag(vs, line, "sh", ServiceFlags::SCHEDULER_2)
}

/// `sh-fallback`.
pub(super) fn sh_fallback(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    flag(vs, line, "sh", ServiceFlags::SCHEDULER_1)
}

/// `mh-port`.
pub(super) fn mh_port(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    flag(vs, line, "mh", ServiceFlags::SCHEDULER_2)
}

/// `mh-fallback`.
pub(super) fn mh_fallback(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    flag(vs, line, "mh", ServiceFlags::SCHEDULER_1)
}

/// `hashed`, which sets nothing: the kernel keeps that flag to itself.
pub(super) fn hashed(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    flag(vs, line, "sh", ServiceFlags::NONE)
}

/// A flag counts when its scheduler was chosen before it (compat 20).
fn flag(
    vs: &mut VirtualServerDraft,
    line: &mut Line<'_, '_>,
    scheduler: &str,
    flag: ServiceFlags,
) -> Option<()> {
    match vs.scheduler {
        Some(chosen) if chosen == scheduler => vs.flags = vs.flags.with(flag),
        // The flag of the one hashing scheduler beside the other: ignored without a word.
        Some("sh" | "mh") => {}
        Some(_) | None => {
            let keyword = line.text(0).unwrap_or_default();
            let message = format!("{keyword} only applies to {scheduler} scheduler - ignoring");
            let found = crate::diagnostic::Diagnostic::general(message).at(line.span());
            line.add(found.hint(format!("write it after lvs_sched {scheduler}")));
            return None;
        }
    }
    Some(())
}
