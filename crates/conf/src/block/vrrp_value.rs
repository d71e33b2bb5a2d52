//! Reads the values of `vrrp_instance`, with the complaints and fallbacks of compat 10.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use net::{Family, LinkName};
use vrrp::config::Initial;
use vrrp::{Priority, Version, Vrid};

use super::address::{self, AddressDraft, Place};
use super::vrrp_instance::InstanceDraft;
use crate::diagnostic::Diagnostic;
use crate::line::{Line, Spanned};
use crate::reader::Word;
use crate::value::{self, Decimal};

/// An optional boolean; without a word it is true.
pub(crate) fn boolean(line: &mut Line<'_, '_>, instance: &str) -> Option<bool> {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let read = line.boolean(1);
    if read.is_none() {
        let value = line.text(1).unwrap_or_default().to_owned();
        let message = if keyword == "smtp_alert" {
            format!("Invalid vrrp_instance smtp_alert parameter {value}")
        } else {
            format!("({instance}) invalid {keyword} {value} specified")
        };
        line.add(Diagnostic::general(message).at(line.statement.span).hint("write on or off"));
    }
    read
}

/// A number in a range; the keyword is ignored when it is none.
pub(crate) fn number<T: TryFrom<i64>>(
    draft: &InstanceDraft,
    line: &mut Line<'_, '_>,
    range: RangeInclusive<i64>,
) -> Option<T> {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let word = line.required(1)?;
    let number = line.number(&word, range);
    if number.is_none() {
        let message = format!("({}): {keyword} '{}' invalid - ignoring", draft.name, word.text);
        line.error_at(&word, message);
    }
    number
}

/// Whole seconds from 0.
pub(crate) fn seconds(
    draft: &InstanceDraft,
    line: &mut Line<'_, '_>,
    most: i64,
) -> Option<Duration> {
    number(draft, line, 0..=most).map(Duration::from_secs)
}

/// A repeat count: 0 becomes 1.
pub(crate) fn repeat(draft: &InstanceDraft, line: &mut Line<'_, '_>) -> Option<u32> {
    let count: u32 = number(draft, line, 0..=4_294_967_295)?;
    if count == 0 {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        line.error(format!("({}): {keyword} must be greater than 0, setting to 1", draft.name));
    }
    Some(count.max(1))
}

pub(crate) fn state(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let name = &draft.name;
    match word.text.as_str() {
        "MASTER" => draft.state = Some(Initial::Master),
        "BACKUP" if draft.state == Some(Initial::Master) => {
            line.error_at(
                &word,
                format!("({name}) state previously set as MASTER - ignoring BACKUP"),
            );
        }
        "BACKUP" => draft.state = Some(Initial::Backup),
        other => {
            let message = format!("({name}) unknown state '{other}', defaulting to BACKUP");
            line.add(Diagnostic::general(message).at(word.span).hint("write MASTER or BACKUP"));
            draft.state = Some(Initial::Backup);
        }
    }
    Some(())
}

pub(crate) fn interface(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    if word.text.len() > LinkName::MAX {
        line.error_at(&word, format!("Interface name '{}' too long - ignoring", word.text));
        return None;
    }
    let known = &line.cx.environment.links;
    if known.iter().any(|link| link.loopback && link.name.as_str() == word.text) {
        let message = format!(
            "({}) cannot use a loopback interface ({}) for vrrp - ignoring",
            draft.name, word.text
        );
        line.error_at(&word, message);
        return None;
    }
    draft.interface = Some(Spanned { value: word.text, span: word.span });
    Some(())
}

pub(crate) fn source(
    draft: &mut InstanceDraft,
    line: &mut Line<'_, '_>,
    unicast: bool,
) -> Option<()> {
    let word = line.required(1)?;
    draft.unicast_keyword |= unicast;
    let Some(address) = value::address_cut(&word.text) else {
        let message = format!(
            "Configuration error: VRRP instance[{}] malformed src address[{}]. Skipping...",
            draft.name, word.text
        );
        line.add(Diagnostic::general(message).at(word.span).hint("write an IP address"));
        return None;
    };
    if !draft.agree(address) {
        let message = format!(
            "Configuration error: VRRP instance[{}] and src address[{}] MUST be of the same \
             family !!! Skipping...",
            draft.name, word.text
        );
        line.error_at(&word, message);
        return None;
    }
    draft.source = Some(address);
    Some(())
}

pub(crate) fn group(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let group = value::address(&word.text).filter(IpAddr::is_multicast);
    let Some(group) = group else {
        let message =
            format!("({}) mcast_dst_ip {} not multicast. Skipping...", draft.name, word.text);
        line.add(Diagnostic::general(message).at(word.span).hint("write a multicast address"));
        return None;
    };
    if !draft.agree(group) {
        let message =
            format!("({}) mcast_dst_ip {group} is of another family - ignoring", draft.name);
        line.error_at(&word, message);
        return None;
    }
    draft.group = Some(group);
    Some(())
}

pub(crate) fn vrid(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    match line.number(&word, 1..=255).and_then(Vrid::new) {
        Some(vrid) => draft.vrid = Some(vrid),
        None => {
            let message = format!(
                "({}): VRID '{}' not valid - must be between 1 & 255",
                draft.name, word.text
            );
            line.error_at(&word, message);
        }
    }
    Some(())
}

pub(crate) fn unicast_ttl(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    match line.number(&word, 0..=255) {
        Some(ttl) => draft.unicast_ttl = Some(ttl),
        None => {
            let message = format!(
                "({}): TTL '{}' not valid - must be between 0 & 255",
                draft.name, word.text
            );
            line.error_at(&word, message);
        }
    }
    Some(())
}

pub(crate) fn version(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let version = match line.integer(&word, 2..=3) {
        Some(2) => Version::V2,
        Some(3) => Version::V3,
        _ => {
            line.error_at(&word, format!("({}): Version must be either 2 or 3", draft.name));
            return None;
        }
    };
    let deduced = draft.version.or_else(|| (draft.family? == Family::V6).then_some(Version::V3));
    if deduced.is_some_and(|deduced| deduced != version) {
        let message = format!(
            "({}) vrrp_version {} conflicts with configured or deduced version {}; ignoring.",
            draft.name,
            version.number(),
            deduced.map_or(0, Version::number)
        );
        line.error_at(&word, message);
        return None;
    }
    draft.version = Some(version);
    Some(())
}

/// The priority used when a bad one is given.
const PRIORITY: u8 = 100;

pub(crate) fn priority(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let read = line.number(&word, 1..=255).and_then(Priority::new);
    if read.is_none() {
        let message = format!(
            "({}) Priority not valid! must be between 1 & 255. Using default {PRIORITY}",
            draft.name
        );
        line.error_at(&word, message);
    }
    draft.priority = read.or_else(|| Priority::new(PRIORITY));
    Some(())
}

pub(crate) fn advert_interval(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let Some(value) = line.seconds(&word, Decimal::micros(10_000, 255_000_000)) else {
        let message = format!(
            "({}) Advert interval ({}) not valid! Must be > 0 - ignoring",
            draft.name, word.text
        );
        line.error_at(&word, message);
        return None;
    };
    draft.advert_interval = Some(Spanned { value, span: word.span });
    Some(())
}

pub(crate) fn preempt_delay(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let delay = line.seconds(&word, Decimal::micros(0, 1_000_000_000));
    if delay.is_none() {
        let message = format!("({}) Preempt_delay not valid! must be between 0-1000", draft.name);
        line.error_at(&word, message);
    }
    draft.preempt_delay = delay.unwrap_or_default();
    Some(())
}

pub(crate) fn debug(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    if line.integer(&word, 0..=4).is_none() {
        let message =
            format!("({}) Debug value '{}' not valid; must be between 0-4", draft.name, word.text);
        line.error_at(&word, message);
    }
    Some(())
}

pub(crate) fn refresh(draft: &InstanceDraft, line: &mut Line<'_, '_>) -> Option<Duration> {
    let word = line.required(1)?;
    let seconds = line.number(&word, 0..=4_294_967_295).map(Duration::from_secs);
    if seconds.is_none() {
        let message =
            format!("({}): Invalid garp_master_refresh '{}' - ignoring", draft.name, word.text);
        line.error_at(&word, message);
    }
    Some(seconds.unwrap_or_default())
}

pub(crate) fn down_timer(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    match line.number(&word, 1..=100) {
        Some(adverts) => draft.down_timer_adverts = Some(adverts),
        None => {
            let message =
                format!("({}): Invalid down_timer_adverts [1:100] '{}'", draft.name, word.text);
            line.error_at(&word, message);
        }
    }
    Some(())
}

pub(crate) fn addresses(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    line.list(draft, |draft, line| {
        let address = address::read(line, Place::Virtual)?;
        if !draft.agree(address.ip) {
            let message = format!(
                "({}): address family must match VRRP instance [{}] - ignoring",
                draft.name, address.text
            );
            let found = Diagnostic::general(message).at(address.span);
            line.add(found.hint("put it into virtual_ipaddress_excluded"));
            return None;
        }
        fresh(draft, &address, "VIP", line)?;
        draft.addresses.push(address);
        Some(())
    });
    Some(())
}

pub(crate) fn excluded(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    line.list(draft, |draft, line| {
        let address = address::read(line, Place::Virtual)?;
        fresh(draft, &address, "Excluded VIP", line)?;
        draft.excluded.push(address);
        Some(())
    });
    Some(())
}

/// Refuses an address that is there already.
fn fresh(
    draft: &InstanceDraft,
    address: &AddressDraft,
    list: &str,
    line: &mut Line<'_, '_>,
) -> Option<()> {
    let name = |dev: &Option<Word>| dev.as_ref().map(|word| word.text.clone());
    let same = |other: &&AddressDraft| {
        other.ip == address.ip
            && other.prefix == address.prefix
            && name(&other.dev) == name(&address.dev)
    };
    let what = if draft.addresses.iter().any(|other| same(&other)) {
        "a VIP"
    } else if draft.excluded.iter().any(|other| same(&other)) {
        "an excluded VIP"
    } else {
        return Some(());
    };
    let message = format!("({}): {list} duplicates {what} {} - ignoring", draft.name, address.text);
    // keepalived only logs this.
    line.add(Diagnostic::notice(message).at(address.span));
    None
}
