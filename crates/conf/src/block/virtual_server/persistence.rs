//! How clients keep the server that they got first: its three keywords.

use std::net::Ipv4Addr;

use net::{Family, Granularity, ModuleName};

use super::VirtualServerDraft;
use crate::diagnostic::Diagnostic;
use crate::line::Line;
use crate::value;

/// What `persistence_timeout` is when its value is not given, in seconds.
pub(crate) const DEFAULT: u32 = 360;

/// The longest timeout: 31 days.
const LONGEST: i64 = 2_678_400;

/// `persistence_timeout`.
pub(super) fn timeout(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(word) = line.word(1) else {
        vs.persistence = Some(DEFAULT);
        return Some(());
    };
    let trailing = value::integer(&word.text, &(1..=LONGEST)).trailing;
    match line.number(&word, 1..=LONGEST).filter(|_| !trailing) {
        Some(seconds) => vs.persistence = Some(seconds),
        None => {
            let hint = match word.text.as_str() {
                "0" => "leave the line out for a service that is not persistent",
                _ => "write 1 to 2678400 seconds, which are 31 days",
            };
            let found = Diagnostic::general("persistence_timeout invalid").at(word.span);
            line.add(found.hint(hint));
        }
    }
    Some(())
}

/// `persistence_granularity`, which makes a service persistent too.
pub(super) fn granularity(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let written = if word.text.contains('.') { Family::V4 } else { Family::V6 };
    let family = vs.family.unwrap_or(written);
    let granularity = match family {
        Family::V4 => word.text.parse::<Ipv4Addr>().ok().map(Granularity::Mask),
        Family::V6 => line.number(&word, 1..=128).map(Granularity::Prefix),
    };
    let Some(granularity) = granularity else {
        let (family, hint) = match family {
            Family::V4 => ("IPv4", "write a netmask such as 255.255.255.0"),
            Family::V6 => ("IPv6", "write the length of a prefix, 1 to 128"),
        };
        let message = format!("Invalid {family} persistence_granularity specified - {}", word.text);
        line.add(Diagnostic::general(message).at(word.span).hint(hint));
        return None;
    };
    vs.family = Some(family);
    vs.rare().granularity = Some(granularity);
    vs.persistence = vs.persistence.or(Some(DEFAULT));
    Some(())
}

/// `persistence_engine`.
pub(super) fn engine(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let name = ModuleName::new(&word.text);
    if name.is_none() {
        let why = if word.text.len() > ModuleName::MAX { "too long" } else { "invalid" };
        let message = format!("persistence_name {why}, ignoring - {}", word.text);
        let found = Diagnostic::general(message).at(word.span);
        line.add(found.hint(format!("a name has 1 to {} bytes, such as sip", ModuleName::MAX)));
    }
    vs.rare().engine = Some(name?);
    Some(())
}
