//! Reads the values of `global_defs`, with the complaints and fallbacks of compat 02.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use net::LinkName;
use vrrp::Version;

use crate::diagnostic::{Class, Diagnostic};
use crate::globals::{DynamicInterfaces, Globals};
use crate::include::Checks;
use crate::line::Line;
use crate::reader::Word;
use crate::resolve::account;
use crate::value::{self, Decimal};

/// How a keyword names a bad value.
pub(crate) type Complaint = fn(&str, &str) -> String;

/// The complaint of most keywords.
pub(crate) fn invalid(keyword: &str, value: &str) -> String {
    format!("{keyword} '{value}' is invalid")
}

/// The complaint of keywords that say that they keep their old value.
pub(crate) fn ignored(keyword: &str, value: &str) -> String {
    format!("{keyword} '{value}' invalid - ignoring")
}

pub(crate) fn min_auto_priority_delay(keyword: &str, value: &str) -> String {
    format!("{keyword} '{value}' must be in [1, 10000000] - ignoring")
}

fn max_auto_priority_range(keyword: &str, value: &str) -> String {
    format!("{keyword} '{value}' must be in [0, 99] (or -1 to disable) - ignoring")
}

pub(crate) fn down_timer(keyword: &str, value: &str) -> String {
    format!("Invalid {keyword} [1:100] '{value}'")
}

fn complain(line: &mut Line<'_, '_>, word: &Word, complaint: Complaint) {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    line.error_at(word, complaint(&keyword, &word.text));
}

/// A number in a range; the keyword is ignored when it is none.
pub(crate) fn number<T: TryFrom<i64>>(
    line: &mut Line<'_, '_>,
    range: RangeInclusive<i64>,
    complaint: Complaint,
) -> Option<T> {
    let word = line.required(1)?;
    let number = line.number(&word, range);
    if number.is_none() {
        complain(line, &word, complaint);
    }
    number
}

/// Whole seconds in a range.
pub(crate) fn whole_seconds(
    line: &mut Line<'_, '_>,
    range: RangeInclusive<i64>,
) -> Option<Duration> {
    number(line, range, ignored).map(Duration::from_secs)
}

pub(crate) fn micros(count: u64) -> Duration {
    Duration::from_micros(count)
}

/// A repeat count: 0 becomes 1.
pub(crate) fn repeat(line: &mut Line<'_, '_>) -> Option<u32> {
    let count: u32 = number(line, 0..=4_294_967_295, ignored)?;
    if count == 0 {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        line.error(format!("{keyword} must be greater than 0, setting to 1"));
    }
    Some(count.max(1))
}

/// Seconds between refreshes; a bad value is 0, which is never.
pub(crate) fn refresh(line: &mut Line<'_, '_>) -> Duration {
    whole_seconds(line, 0..=4_294_967_295).unwrap_or_default()
}

/// The pause between two announcements.
pub(crate) fn pause(line: &mut Line<'_, '_>) -> Option<Duration> {
    let word = line.required(1)?;
    let pause = line.seconds(&word, Decimal::micros(1, 4_294_967_295));
    match pause {
        None => complain(line, &word, invalid),
        Some(time) if time >= Duration::from_secs(1) => {
            let keyword = line.text(0).unwrap_or_default().to_owned();
            line.notice(format!("The {keyword} is very large - {} seconds", word.text));
        }
        Some(_) => {}
    }
    pause
}

/// An optional boolean; without a word it is true.
pub(crate) fn boolean(line: &mut Line<'_, '_>) -> Option<bool> {
    let read = line.boolean(1);
    if read.is_none() {
        let (keyword, value) = (line.text(0).unwrap_or_default(), line.text(1).unwrap_or_default());
        let message = format!("Invalid value '{value}' for global {keyword} specified");
        line.add(Diagnostic::general(message).at(line.span()).hint("write on or off"));
    }
    read
}

/// One word, with an ordinary complaint when it is missing.
pub(crate) fn one(line: &mut Line<'_, '_>, missing: &str) -> Option<String> {
    let word = line.word(1);
    if word.is_none() {
        line.error(missing);
    }
    word.map(|word| word.text)
}

/// The longest name of a process in bytes (the kernel's limit).
const PROCESS_NAME: usize = 15;

pub(crate) fn process_name(line: &mut Line<'_, '_>) -> Option<String> {
    let word = line.required(1)?;
    if word.text.len() <= PROCESS_NAME {
        return Some(word.text);
    }
    let message =
        format!("Process name {} more than {PROCESS_NAME} characters, truncating", word.text);
    line.error_at(&word, message);
    Some(truncated(&word.text, PROCESS_NAME).to_owned())
}

/// At most so many bytes, never half a character.
pub(crate) fn truncated(text: &str, bytes: usize) -> &str {
    let fits = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let end = fits.take_while(|end| *end <= bytes).last().unwrap_or(0);
    &text[..end]
}

pub(crate) fn smtp_server(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let host = line.required(1)?;
    let port = line.word(2);
    let number = port.as_ref().map_or(Some(25), |word| value::port(&word.text));
    let Some(number) = number else {
        let shown = port.map(|word| word.text).unwrap_or_default();
        line.error(format!("Invalid smtp server {} {shown}", host.text));
        g.mail.server = None;
        return None;
    };
    g.mail.server = Some((host.text, number));
    Some(())
}

pub(crate) fn smtp_timeout(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let seconds: u64 = number(line, 0..=4294, invalid)?;
    if seconds == 0 {
        line.error("smtp_connect_timeout must be greater than 0, setting to 1");
    }
    g.mail.connect_timeout = Duration::from_secs(seconds.max(1));
    Some(())
}

pub(crate) fn notification_email(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let count = line.list(&mut g.mail.recipients, |recipients, line| {
        recipients.extend(line.statement.words.iter().map(|word| word.text.clone()));
        Some(())
    });
    if count == 0 {
        line.error_at_end("Warning - empty notification_email block");
    }
    Some(())
}

pub(crate) fn max_auto_priority(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    g.scheduling.max_auto_priority =
        if line.len() > 1 { number(line, -1..=99, max_auto_priority_range)? } else { 99 };
    Some(())
}

pub(crate) fn dynamic_interfaces(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    g.dynamic_interfaces = match line.word(1) {
        None => DynamicInterfaces::On,
        Some(word) if word.text == "allow_if_changes" => DynamicInterfaces::AllowChanges,
        Some(word) => {
            line.error_at(&word, format!("Unknown dynamic_interfaces option '{}'", word.text));
            DynamicInterfaces::On
        }
    };
    Some(())
}

pub(crate) fn default_interface(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(word) = line.word(1) else {
        line.error("default_interface requires interface name");
        return None;
    };
    match LinkName::new(&word.text) {
        Ok(name) => g.default_interface = Some(name),
        Err(error) => {
            let found = Diagnostic::general(format!("Invalid default_interface {}", word.text));
            line.add(found.at(word.span).hint(error.to_string()));
        }
    }
    Some(())
}

pub(crate) fn group_v4(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    match value::address(&word.text) {
        Some(IpAddr::V4(group)) if group.is_multicast() => g.vrrp.group_v4 = group,
        _ => bad_group(line, &word),
    }
    Some(())
}

pub(crate) fn group_v6(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    match value::address(&word.text) {
        Some(IpAddr::V6(group)) if group.is_multicast() => g.vrrp.group_v6 = group,
        _ => bad_group(line, &word),
    }
    Some(())
}

fn bad_group(line: &mut Line<'_, '_>, word: &Word) {
    let keyword = line.text(0).unwrap_or_default();
    let message = format!("{keyword} [{}] is not multicast. Skipping", word.text);
    line.add(Diagnostic::general(message).at(word.span).hint("write a multicast address"));
}

/// Sets to the minimum what still has its default (compat 02, `vrrp_min_garp`).
pub(crate) fn min_garp(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    if !boolean(line)? {
        return Some(());
    }
    let default = crate::globals::VrrpDefaults::default();
    let vrrp = &mut g.vrrp;
    if vrrp.garp_repeat == default.garp_repeat {
        vrrp.garp_repeat = 1;
    }
    if vrrp.garp_refresh_repeat == default.garp_refresh_repeat {
        vrrp.garp_refresh_repeat = 0;
    }
    if vrrp.garp_delay == default.garp_delay {
        vrrp.garp_delay = Duration::ZERO;
    }
    Some(())
}

pub(crate) fn version(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    g.vrrp.version = match line.integer(&word, 2..=3) {
        Some(2) => Some(Version::V2),
        Some(3) => Some(Version::V3),
        _ => {
            line.error_at(&word, "VRRP Error: Version must be either 2 or 3");
            return None;
        }
    };
    Some(())
}

pub(crate) fn iptables(_: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    if line.text(0) == Some("vrrp_iptables") {
        line.error(
            "iptables not supported, using nftables instead. Please replace 'vrrp_iptables and \
             'vrrp_ipsets' with 'nftables' config option",
        );
    }
    Some(())
}

pub(crate) fn nice(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let complaint = |_: &str, _: &str| "Invalid vrrp process priority specified".to_owned();
    g.scheduling.nice = number(line, -20..=19, complaint).unwrap_or(0);
    Some(())
}

pub(crate) fn realtime(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(word) = line.word(1) else {
        line.error("No vrrp_rt_priority specified");
        return None;
    };
    let Some(wanted) = line.integer(&word, i64::from(i32::MIN)..=i64::from(i32::MAX)) else {
        complain(line, &word, invalid);
        return None;
    };
    let clamped = wanted.clamp(1, 99);
    if clamped != wanted {
        let message = format!(
            "vrrp process real-time priority {wanted} {} {clamped} - setting to {}",
            if wanted > clamped { "greater than maximum" } else { "less than minimum" },
            if wanted > clamped { "maximum" } else { "minimum" }
        );
        line.error_at(&word, message);
    }
    g.scheduling.realtime = u8::try_from(clamped).ok();
    Some(())
}

pub(crate) fn rttime(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let limit: Option<u64> = number(line, 1..=4_294_967_295, |_, value| {
        format!("Invalid vrrp real-time limit - {value}")
    });
    g.scheduling.realtime_limit = limit.map(|limit| Duration::from_micros(limit.max(2)));
    Some(())
}

pub(crate) fn script_user(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(user) = line.word(1) else {
        line.error("No script username specified");
        return None;
    };
    let group = line.word(2);
    let found = account::find(&user.text, group.as_ref().map(|word| word.text.as_str()));
    if let Err(why) = &found {
        let message = "Error setting global script uid/gid";
        line.add(Diagnostic::general(message).at(user.span).hint(why.clone()));
    }
    g.scripts.user = Some(found.ok());
    Some(())
}

pub(crate) fn umask(g: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    line.required(1)?;
    let words = line.statement.words.iter().skip(1).map(|word| word.text.as_str());
    let text: String = words.collect();
    let Some(mask) = mask(&text) else {
        line.error(format!("invalid umask value {text}"));
        return None;
    };
    g.umask = mask;
    Some(())
}

/// A mask in C notation or as names of mode bits joined by `|`.
fn mask(text: &str) -> Option<u32> {
    let number = if let Some(hexadecimal) = text.strip_prefix("0x") {
        u32::from_str_radix(hexadecimal, 16).ok()
    } else if text.starts_with('0') {
        u32::from_str_radix(text, 8).ok()
    } else {
        text.parse().ok()
    };
    let named = || text.split('|').map(mode_bit).try_fold(0, |all, bit| Some(all | bit?));
    number.or_else(named).filter(|mask| *mask <= 0o777)
}

fn mode_bit(name: &str) -> Option<u32> {
    let (bits, who) = match name.strip_prefix("S_").unwrap_or(name).strip_prefix("IRWX") {
        Some(who) => (7, who),
        None => match name.strip_prefix("S_").unwrap_or(name).split_at_checked(2)? {
            ("IR", who) => (4, who),
            ("IW", who) => (2, who),
            ("IX", who) => (1, who),
            _ => return None,
        },
    };
    match who {
        "USR" | "U" => Some(bits << 6),
        "GRP" | "G" => Some(bits << 3),
        "OTH" | "O" => Some(bits),
        _ => None,
    }
}

/// The numbers of `${_RANDOM}` from here on.
pub(crate) fn random_seed(_: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    let seed =
        number(line, 0..=4_294_967_295, |keyword, value| format!("Invalid {keyword} {value}"))?;
    line.cx.reader.preprocessor.seed(seed);
    Some(())
}

/// Which problems of include lines are errors from here on (compat 01 §11).
pub(crate) fn include_check(_: &mut Globals, line: &mut Line<'_, '_>) -> Option<()> {
    if line.len() == 1 {
        line.cx.reader.checks = Checks::ALL;
        return Some(());
    }
    let mut replaced = false;
    for word in line.statement.words.clone().into_iter().skip(1) {
        let (sign, name) = match word.text.strip_prefix(['+', '-']) {
            Some(name) => (word.text.chars().next(), name),
            None => (None, word.text.as_str()),
        };
        if sign.is_none() {
            if replaced {
                let message = format!("Duplicate include_check '{name}' specified - ignoring");
                line.error_at(&word, message);
                continue;
            }
            replaced = true;
            line.cx.reader.checks = Checks { readable: true, ..Checks::default() };
        }
        let on = sign != Some('-');
        let checks = &mut line.cx.reader.checks;
        match name {
            "read" | "readable" => checks.readable = on,
            "match" => checks.matching = on,
            "wildcard_match" => checks.wildcard = on,
            "brace_match" => checks.brace = on,
            _ => {
                let message = format!("Unknown include_check type '{name}' - ignoring");
                let found = Diagnostic::new(Class::General, message).at(word.span);
                line.add(found.hint("read, match, wildcard_match or brace_match"));
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_a_number_or_names() {
        assert_eq!(mask("0177"), Some(0o177));
        assert_eq!(mask("IRWXG|IRWXO|IXUSR"), Some(0o177));
        assert_eq!(mask("0x3f"), Some(0o77));
        assert_eq!(mask("01000"), None);
        assert_eq!(mask("IQUSR"), None);
    }

    #[test]
    fn truncation_never_splits_a_character() {
        assert_eq!(truncated("abcdefg", 3), "abc");
        assert_eq!(truncated("aää", 4), "aä");
    }
}
