//! Reads the switches of `vrrp_instance` that most instances leave alone (compat 10).

use std::ops::RangeInclusive;
use std::time::Duration;

use net::{Family, LinkName};
use vrrp::Priority;
use vrrp::config::{ExtraLinks, UnicastChecksum};

use super::vrrp_instance::InstanceDraft;
use crate::diagnostic::{Class, Diagnostic};
use crate::line::{Line, Spanned};

/// The values as written; `None` where a default steps in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OptionsDraft {
    pub(crate) vmac_for_addresses: bool,
    pub(crate) send_from_base: bool,
    /// What may be its VRF: all but the last are missing.
    pub(crate) vrfs: Vec<Spanned<String>>,
    pub(crate) tracks_source: bool,
    pub(crate) promote_secondaries: bool,
    pub(crate) polls_link: bool,
    pub(crate) unicast_checksum: UnicastChecksum,
    pub(crate) checksum_as_v2: Option<bool>,
    pub(crate) tells_priority: Option<bool>,
    pub(crate) receive_buffer: u32,
    pub(crate) steps_down_for: Option<Priority>,
    pub(crate) extra_links: Option<ExtraLinks>,
    /// `lvs_sync_daemon_interface`.
    pub(crate) sync_daemon: Option<String>,
}

pub(crate) fn old_unicast_checksum(
    draft: &mut InstanceDraft,
    line: &mut Line<'_, '_>,
) -> Option<()> {
    draft.unicast_keyword = true;
    draft.options.unicast_checksum = match line.word(1) {
        None => UnicastChecksum::Old,
        Some(word) if word.text == "never" => UnicastChecksum::Never,
        Some(word) => {
            let message = format!(
                "({}) Unknown old_unicast_chksum mode {} - ignoring",
                draft.name, word.text
            );
            line.add(Diagnostic::general(message).at(word.span).hint("write never or nothing"));
            return None;
        }
    };
    Some(())
}

pub(crate) fn native_ipv6(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if draft.family == Some(Family::V4) {
        line.error(format!("({}) Cannot specify native_ipv6 with IPv4 addresses", draft.name));
        return None;
    }
    draft.family = Some(Family::V6);
    Some(())
}

pub(crate) fn vrf(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let (name, options) = (&draft.name, &mut draft.options);
    let link = |name: &str| {
        let mut links = line.cx.environment.links.iter();
        links.find(|link| link.name.as_str() == name)
    };
    let known = options.vrfs.iter().find(|vrf| link(&vrf.value).is_some());
    let message = if word.text.len() > LinkName::MAX {
        format!("({name}) VRF interface name '{}' too long - ignoring", word.text)
    } else if draft.interface.is_some() {
        format!("({name}) Cannot specify VRF interface and interface - ignoring")
    } else if let Some(vrf) = known {
        format!("({name}) VRF interface already specified as '{}' - ignoring", vrf.value)
    } else if link(&word.text).is_some_and(|link| link.loopback) {
        format!("({name}) cannot use a loopback interface ({}) for VRF - ignoring", word.text)
    } else {
        // Whether it may come later is known when the whole file is.
        options.vrfs.push(Spanned { value: word.text.clone(), span: word.span });
        return Some(());
    };
    line.error_at(&word, message);
    None
}

pub(crate) fn linkbeat(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    draft.options.polls_link = true;
    let message = format!(
        "({}) 'linkbeat_use_polling' in vrrp instance deprecated - use linkbeat_interfaces block",
        draft.name
    );
    line.add(Diagnostic::new(Class::Deprecated, message).at(line.span()));
    Some(())
}

pub(crate) fn notify_priority_changes(
    draft: &mut InstanceDraft,
    line: &mut Line<'_, '_>,
) -> Option<()> {
    let Some(tells) = line.boolean(1) else {
        let value = line.text(1).unwrap_or_default().to_owned();
        let message = format!(
            "({}) Invalid value '{value}' for notify_priority_changes specified",
            draft.name
        );
        line.add(Diagnostic::general(message).at(line.statement.span).hint("write on or off"));
        return None;
    };
    draft.options.tells_priority = Some(tells);
    Some(())
}

pub(crate) fn sync_daemon(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let name = &draft.name;
    let message =
        format!("({name}) Specifying lvs_sync_daemon_interface against a vrrp is deprecated.");
    let found = Diagnostic::new(Class::Deprecated, message).at(line.span());
    line.add(found.hint("Please use global lvs_sync_daemon"));
    if let Some(known) = &line.cx.sync_link {
        let message = format!(
            "({name}) lvs_sync_daemon_interface has already been specified as {known} - ignoring"
        );
        line.error_at(&word, message);
        return None;
    }
    line.cx.sync_link = Some(word.text.clone());
    draft.options.sync_daemon = Some(word.text);
    Some(())
}

/// Without an argument any router may be the one that takes over.
const HIGHEST: u8 = 254;

/// `timer_expired_backup [PRIORITY]`, and its old spelling.
pub(crate) fn timer_expired(
    draft: &mut InstanceDraft,
    line: &mut Line<'_, '_>,
    old: bool,
) -> Option<()> {
    if old {
        let message = format!(
            "({}) \"thread_timer_expired\" is deprecated - please use \"timer_expired_backup\"",
            draft.name
        );
        let found = Diagnostic::new(Class::Deprecated, message).at(line.span());
        line.add(found.replace_by(Some("timer_expired_backup")));
    }
    let Some(word) = line.word(1) else {
        draft.options.steps_down_for = Priority::new(HIGHEST);
        return Some(());
    };
    let priority = line.number(&word, 1..=i64::from(HIGHEST)).and_then(Priority::new);
    if priority.is_none() {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        let message = format!(
            "({}) {keyword} '{}' invalid - must be between 1 and {HIGHEST} - ignoring",
            draft.name, word.text
        );
        line.error_at(&word, message);
        return None;
    }
    draft.options.steps_down_for = priority;
    Some(())
}

/// `garp_extra_if [all] SECONDS`, and its old spelling.
pub(crate) fn extra_links(
    draft: &mut InstanceDraft,
    line: &mut Line<'_, '_>,
    old: bool,
) -> Option<()> {
    if old {
        let message = "Keyword \"vmac_garp_intvl\" is deprecated - please use \"garp_extra_if\"";
        let found = Diagnostic::new(Class::Deprecated, message).at(line.span());
        line.add(found.replace_by(Some("garp_extra_if")));
    }
    let name = &draft.name;
    let refused =
        |keyword: &str, text: &str| format!("({name}): {keyword} '{text}' invalid - ignoring");
    let without = |keyword: &str| format!("({name}): {keyword} specified without time - ignoring");
    draft.options.extra_links = Some(extra_links_of(line, 0..=86_400, refused, without)?);
    Some(())
}

/// `all` and seconds, in any order; of several times the last one counts. Both messages get the
/// keyword, the first one the bad word too.
pub(crate) fn extra_links_of(
    line: &mut Line<'_, '_>,
    range: RangeInclusive<i64>,
    refused: impl Fn(&str, &str) -> String,
    without: impl Fn(&str) -> String,
) -> Option<ExtraLinks> {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let (mut all, mut every) = (false, None);
    for word in line.statement.words.clone().into_iter().skip(1) {
        if word.text == "all" {
            all = true;
            continue;
        }
        let Some(seconds) = line.number(&word, range.clone()) else {
            let found = Diagnostic::general(refused(&keyword, &word.text)).at(word.span);
            let (least, most) = (range.start(), range.end());
            line.add(found.hint(format!("write all or nothing, and {least} to {most} seconds")));
            return None;
        };
        every = Some(Duration::from_secs(seconds));
    }
    if every.is_none() {
        line.error(without(&keyword));
    }
    Some(ExtraLinks { all, every: every? })
}

pub(crate) fn receive_buffer(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let missing = format!("({}) invalid kernel_rx_buf_size specified", draft.name);
    let word = line.given(1, &missing)?;
    let bytes = line.number(&word, 0..=4_294_967_295).filter(|_| line.len() == 2);
    let Some(bytes) = bytes else {
        line.add(Diagnostic::general(missing).at(word.span).hint("write one number of bytes"));
        return None;
    };
    draft.options.receive_buffer = bytes;
    Some(())
}
