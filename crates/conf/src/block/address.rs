//! Address lines: `ADDR[/LEN] [dev IF] [scope S] [label L] [brd A] ...`, one address per line.
//!
//! Which link an address without `dev` goes to is decided in `resolve::address`.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use net::{AddressFlags, Family, Label, Lifetime, Scope};

use super::words::Words;
use crate::block::words::WordHelp;
use crate::diagnostic::Diagnostic;
use crate::line::Line;
use crate::reader::Word;
use crate::span::Span;
use crate::value;

/// An address as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AddressDraft {
    /// The first word of the line.
    pub(crate) text: String,
    /// Where the line is.
    pub(crate) span: Span,
    pub(crate) ip: IpAddr,
    pub(crate) prefix: u8,
    pub(crate) explicit_prefix: bool,
    pub(crate) dev: Option<Word>,
    pub(crate) peer: Option<IpAddr>,
    pub(crate) broadcast: Option<Ipv4Addr>,
    pub(crate) label: Option<Label>,
    pub(crate) scope: Scope,
    pub(crate) flags: AddressFlags,
    pub(crate) preferred: Lifetime,
    pub(crate) tracked: bool,
    /// `use_vmac`, with its place.
    pub(crate) own_device: Option<Span>,
    /// `track_group`.
    pub(crate) group: Option<Word>,
}

/// What a list of addresses is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Addresses of an instance.
    Virtual,
    /// `static_ipaddress`.
    Static,
}

/// Reads one line; `None` when the address is dropped.
pub(crate) fn read(line: &mut Line<'_, '_>, place: Place) -> Option<AddressDraft> {
    let word = line.word(0)?;
    let (address, length) = match word.text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (word.text.as_str(), None),
    };
    let bits = if address.contains(':') { 128 } else { 32 };
    let prefix = length.map_or(Some(bits), |length| prefix(line, &word, length, bits));
    let Some(ip) = value::address(address) else {
        let message = format!("VRRP parsed invalid IP {}. skipping IP...", word.text);
        line.add(
            Diagnostic::general(message).at(word.span).hint("write ADDRESS or ADDRESS/LENGTH"),
        );
        return None;
    };
    let mut draft = AddressDraft {
        text: word.text.clone(),
        span: line.statement.span,
        ip,
        prefix: prefix.unwrap_or(bits),
        explicit_prefix: length.is_some() && prefix.is_some(),
        dev: None,
        peer: None,
        broadcast: None,
        label: None,
        scope: Scope::GLOBAL,
        flags: AddressFlags::NONE,
        preferred: Lifetime::Default,
        tracked: true,
        own_device: None,
        group: None,
    };
    let mut at = 1;
    while let Some(option) = line.word(at) {
        if option.text == "track_group" && place == Place::Static {
            if line.word(at + 1).is_none() {
                return valueless(&draft, line, &option);
            }
            let mut ended = false;
            let mut words = Words::new(line, at + 1);
            super::route::group(&mut draft.group, &mut words, &mut ended)?;
            if ended {
                break;
            }
            at += 2;
            continue;
        }
        at += 1 + options(&mut draft, line, (&option, at), place)?;
    }
    finish(&mut draft, line);
    Some(draft)
}

fn prefix(line: &mut Line<'_, '_>, word: &Word, text: &str, bits: u8) -> Option<u8> {
    let length = Word { text: text.to_owned(), span: word.span };
    let prefix = line.number(&length, 0..=i64::from(bits));
    if prefix.is_none() {
        let message =
            format!("Invalid address prefix len {text} for address {} - using {bits}", word.text);
        line.error_at(word, message);
    }
    prefix
}

/// What may stand after an address; a test holds this list against what is read.
pub(crate) const WORDS: &[WordHelp] = &[
    WordHelp { names: &["dev"], takes: "IFACE", help: "interface that holds it" },
    WordHelp { names: &["scope"], takes: "SCOPE", help: "how far it is valid, by name or number" },
    WordHelp {
        names: &["label"],
        takes: "TEXT",
        help: "label that begins with the interface (IPv4)",
    },
    WordHelp {
        names: &["brd", "broadcast"],
        takes: "ADDRESS|+|-",
        help: "broadcast address (IPv4)",
    },
    WordHelp {
        names: &["peer"],
        takes: "ADDRESS[/LEN]",
        help: "other end of a point-to-point link",
    },
    WordHelp {
        names: &["preferred_lft"],
        takes: "SECS|forever",
        help: "preferred lifetime (IPv6)",
    },
    WordHelp { names: &["home"], takes: "", help: "a home address of mobile IPv6" },
    WordHelp { names: &["-nodad"], takes: "", help: "duplicates are looked for (IPv6)" },
    WordHelp {
        names: &["mngtmpaddr"],
        takes: "",
        help: "the kernel makes temporary addresses (IPv6)",
    },
    WordHelp { names: &["noprefixroute"], takes: "", help: "no route of its network" },
    WordHelp { names: &["autojoin"], takes: "", help: "joins the multicast group" },
    WordHelp { names: &["no_track"], takes: "", help: "its loss means nothing to the instance" },
    WordHelp { names: &["use_vmac"], takes: "", help: "a virtual MAC of its own; no effect yet" },
];

/// Reads an option; returns how many words it took. `None` drops the address.
fn options(
    draft: &mut AddressDraft,
    line: &mut Line<'_, '_>,
    (option, at): (&Word, usize),
    place: Place,
) -> Option<usize> {
    match option.text.as_str() {
        "no_track" => draft.tracked = false,
        "home" => draft.flags.home = true,
        "-nodad" => draft.flags.dad = true,
        "mngtmpaddr" => draft.flags.manage_temporary = true,
        "noprefixroute" => draft.flags.no_prefix_route = true,
        "autojoin" => draft.flags.auto_join = true,
        "use_vmac" if place == Place::Virtual => {
            draft.own_device = Some(option.span);
            line.cx.report.no_effect_yet("use_vmac", option.span);
        }
        "dev" | "scope" | "label" | "brd" | "broadcast" | "peer" | "preferred_lft" => {
            let Some(argument) = line.word(at + 1) else {
                return valueless(draft, line, option);
            };
            valued(draft, line, &option.text, argument)?;
            return Some(1);
        }
        other => {
            let message =
                format!("Unknown configuration entry '{other}' for ip address - ignoring");
            line.error_at(option, message);
        }
    }
    Some(0)
}

fn valued(
    draft: &mut AddressDraft,
    line: &mut Line<'_, '_>,
    option: &str,
    argument: Word,
) -> Option<()> {
    match option {
        "dev" if draft.dev.is_some() => {
            line.error_at(
                &argument,
                format!("Cannot specify ipaddress device more than once for {}", draft.text),
            );
            return None;
        }
        "dev" => draft.dev = Some(argument),
        "scope" => scope(draft, line, &argument),
        "label" => return label(draft, line, &argument),
        "peer" => peer(draft, line, &argument),
        "preferred_lft" => preferred(draft, line, &argument),
        _ => return broadcast(draft, line, &argument),
    }
    Some(())
}

fn scope(draft: &mut AddressDraft, line: &mut Line<'_, '_>, word: &Word) {
    let scope = match word.text.as_str() {
        "global" | "universe" => Some(Scope::GLOBAL),
        "site" => Some(Scope::SITE),
        "link" => Some(Scope::LINK),
        "host" => Some(Scope::HOST),
        "nowhere" => Some(Scope::NOWHERE),
        number => number.parse().ok().map(Scope),
    };
    match (scope, draft.ip) {
        (Some(scope), IpAddr::V4(_)) => draft.scope = scope,
        (Some(Scope::GLOBAL), IpAddr::V6(_)) => {}
        (Some(_), IpAddr::V6(_)) => {
            line.error_at(
                word,
                format!(
                    "Cannot specify scope for IPv6 addresses ({}) - ignoring scope",
                    draft.text
                ),
            );
        }
        (None, _) => {
            let message =
                format!("Invalid scope '{}' specified for {} - ignoring", word.text, draft.text);
            line.add(
                Diagnostic::general(message).at(word.span).hint("global, link, host or a number"),
            );
        }
    }
}

/// The last option of the line lacks its value; the address is left out.
fn valueless<T>(draft: &AddressDraft, line: &mut Line<'_, '_>, option: &Word) -> Option<T> {
    let name = &option.text;
    line.error_at(option, format!("No {name} parameter specified for {}", draft.text));
    None
}

fn label(draft: &mut AddressDraft, line: &mut Line<'_, '_>, word: &Word) -> Option<()> {
    if draft.ip.is_ipv6() {
        line.error_at(
            word,
            format!("Cannot specify label for IPv6 addresses ({}) - ignoring label", draft.text),
        );
        return Some(());
    }
    if word.text.is_empty() {
        return Some(());
    }
    draft.label = Label::new(&word.text);
    if draft.label.is_none() {
        line.error_at(
            word,
            format!(
                "Address label {} is longer than maximum length 15 - removing address",
                word.text
            ),
        );
    }
    draft.label.as_ref().map(|_| ())
}

fn peer(draft: &mut AddressDraft, line: &mut Line<'_, '_>, word: &Word) {
    let (text, length) =
        word.text.split_once('/').map_or((word.text.as_str(), None), |(a, l)| (a, Some(l)));
    let peer = value::address(text).filter(|peer| Family::of(*peer) == Family::of(draft.ip));
    let Some(peer) = peer.filter(|_| draft.peer.is_none()) else {
        line.error_at(word, format!("Invalid peer address {} for {}", word.text, draft.text));
        return;
    };
    let bits = Family::of(draft.ip).bits();
    if draft.explicit_prefix {
        line.error("Cannot specify address prefix when specifying peer address - ignoring");
    }
    let prefix = length.and_then(|length| length.parse().ok()).filter(|prefix| *prefix <= bits);
    draft.prefix = prefix.unwrap_or(bits);
    draft.explicit_prefix = false;
    draft.peer = Some(peer);
}

fn preferred(draft: &mut AddressDraft, line: &mut Line<'_, '_>, word: &Word) {
    if matches!(word.text.as_str(), "forever" | "infinite" | "infinity") {
        draft.preferred = Lifetime::Forever;
        return;
    }
    match line.number::<u64>(word, 0..=4_294_967_295) {
        Some(seconds) => draft.preferred = Lifetime::For(Duration::from_secs(seconds)),
        None => line.error_at(word, format!("preferred_lft {} is invalid", word.text)),
    }
}

fn broadcast(draft: &mut AddressDraft, line: &mut Line<'_, '_>, word: &Word) -> Option<()> {
    let IpAddr::V4(ip) = draft.ip else {
        let message = format!("Broadcast {} given for IPv6 address {}", word.text, draft.text);
        line.error_at(word, message + " - skipping address");
        return None;
    };
    let host_bits = u32::MAX.checked_shr(u32::from(draft.prefix)).unwrap_or(0);
    let small = draft.prefix > 30;
    draft.broadcast = match word.text.as_str() {
        "+" | "-" if small => {
            line.error(format!("Address prefix length {} too long for broadcast", draft.prefix));
            None
        }
        "+" => Some(Ipv4Addr::from(u32::from(ip) | host_bits)),
        "-" => Some(Ipv4Addr::from(u32::from(ip) & !host_bits)),
        text => match value::address(text) {
            Some(IpAddr::V4(address)) => Some(address),
            _ => {
                line.error_at(
                    word,
                    format!("Invalid broadcast address {text} for {} - skipping", draft.text),
                );
                return None;
            }
        },
    };
    Some(())
}

fn finish(draft: &mut AddressDraft, line: &mut Line<'_, '_>) {
    if draft.peer.is_some() && draft.broadcast.is_some() {
        line.error(format!(
            "Cannot specify broadcast and peer addresses - ignoring broadcast of {}",
            draft.text
        ));
        draft.broadcast = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Environment;

    #[test]
    fn every_word_of_the_list_is_known_to_the_reader() {
        for word in WORDS.iter().flat_map(|help| help.names) {
            let line = format!("192.0.2.51 {word} 192.0.2.1");
            let text = format!(
                "vrrp_instance V {{\n interface lo\n virtual_router_id 1\n \
                 virtual_ipaddress {{\n {line}\n }}\n}}\n"
            );
            let loaded = crate::load_text("t", text.as_bytes(), &Environment::default());
            let lines = loaded.report.log_lines().collect::<Vec<_>>().join("\n");
            let unknown = format!("Unknown configuration entry '{word}'");
            assert!(!lines.contains(&unknown), "{lines}");
        }
    }
}
