//! How links are watched and announced on: `garp_group`, `linkbeat_interfaces`,
//! `interface_up_down_delays`.

use std::time::Duration;

use net::LinkName;
use vrrp::config::{LinkDelay, LinkSettings, Polling};

use crate::diagnostic::{Class, Diagnostic};
use crate::keyword::Keyword;
use crate::line::{Line, Spanned};
use crate::reader::Word;
use crate::value::Decimal;

/// What was written of links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LinksDraft {
    /// Polled links and delays; the paces are resolved from `paces`.
    pub(crate) settings: LinkSettings,
    pub(crate) paces: Vec<PaceDraft>,
    /// Links of the settings that are not there, and what they are named for.
    pub(crate) unknown: Vec<(Spanned<LinkName>, &'static str)>,
}

/// `garp_group` as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PaceDraft {
    pub(crate) arp: Option<Duration>,
    pub(crate) neighbor: Option<Duration>,
    /// Each by itself (`interface`).
    pub(crate) single: Vec<Word>,
    /// All of them together (`interfaces`).
    pub(crate) shared: Vec<Word>,
    /// Links of the groups above.
    taken: Vec<String>,
}

impl PaceDraft {
    /// Whether it has a pause for anything.
    pub(crate) fn limits(&self) -> bool {
        self.arp.is_some() || self.neighbor.is_some()
    }
}

type Row = Keyword<PaceDraft>;

/// The rows of `garp_group`.
pub(crate) static GARP_GROUP: &[Row] = &[
    Row::now("garp_interval", "pause between gratuitous ARPs", |draft, line| {
        draft.arp = Some(pause(line)?);
        Some(())
    })
    .takes("SECS", "0-4294.967295", ""),
    Row::now("gna_interval", "pause between neighbour adverts", |draft, line| {
        draft.neighbor = Some(pause(line)?);
        Some(())
    })
    .takes("SECS", "0-4294.967295", ""),
    Row::now("interface", "an interface of the group", |draft, line| {
        let word = line.required(1)?;
        if is_usable(draft, line, &word) {
            draft.single.push(word);
        }
        Some(())
    })
    .takes("IFACE", "", ""),
    Row::now("interfaces", "interfaces that share one limit", |draft, line| {
        let count = line.list(draft, |draft, line| {
            for word in line.statement.words.clone() {
                if is_usable(draft, line, &word) {
                    draft.shared.push(word);
                }
            }
            Some(())
        });
        if count == 0 {
            line.error_at_end("Warning - empty garp_group interfaces block");
        }
        Some(())
    })
    .takes("{ IFACE... }", "", ""),
];

fn pause(line: &mut Line<'_, '_>) -> Option<Duration> {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let word = line.required(1)?;
    let pause = line.seconds(&word, Decimal::micros(0, 4_294_967_295));
    match pause {
        None => line.error_at(&word, format!("garp_group {keyword} '{}' invalid", word.text)),
        Some(pause) if pause >= Duration::from_secs(1) => {
            line.notice(format!("The garp_group {keyword} is very large - {} seconds", word.text));
        }
        Some(_) => {}
    }
    pause
}

/// Whether a link is in no group yet, and its announcements are not those of another one; if not,
/// that is reported.
fn is_usable(draft: &PaceDraft, line: &mut Line<'_, '_>, word: &Word) -> bool {
    let mut own = draft.single.iter().chain(&draft.shared).map(|other| &other.text);
    if draft.taken.contains(&word.text) || own.any(|other| *other == word.text) {
        let message = format!("garp_group already specified for {} - ignoring", word.text);
        line.error_at(word, message);
        return false;
    }
    if is_virtual(line, &word.text) {
        let message = format!("Cannot specify garp_delay on a vmac ({}) - ignoring", word.text);
        line.add(Diagnostic::general(message).at(word.span).hint("name the interface below it"));
        return false;
    }
    true
}

/// Whether it is made on another interface.
fn is_virtual(line: &Line<'_, '_>, name: &str) -> bool {
    let mut links = line.cx.environment.links.iter();
    links.any(|link| link.name.as_str() == name && link.kind.is_virtual())
}

/// Reads a `garp_group`. One that limits nothing is kept, since its links must exist.
pub(crate) fn pace(links: &mut LinksDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let limiting = links.paces.iter().filter(|pace| pace.limits());
    let all = limiting.flat_map(|pace| pace.single.iter().chain(&pace.shared));
    let taken = all.map(|link| link.text.clone());
    let mut draft = PaceDraft { taken: taken.collect(), ..PaceDraft::default() };
    line.block(GARP_GROUP, &mut draft);
    if !draft.limits() {
        let number = links.paces.iter().filter(|pace| pace.limits()).count();
        line.error_at_end(format!("garp group {number} does not have any delay set - removing"));
    }
    links.paces.push(draft);
    Some(())
}

/// What is wrong with a link that is not there: its settings are about hardware.
pub(crate) fn unknown(name: &str, what: &str) -> Diagnostic {
    Diagnostic::new(Class::Fatal, format!("unknown interface {name} specified for {what}"))
}

/// The link that a line begins with. Whether it has to be there already is known in the end.
fn link(
    links: &mut LinksDraft,
    line: &mut Line<'_, '_>,
    what: &'static str,
) -> Option<Spanned<LinkName>> {
    let word = line.word(0)?;
    let value = match LinkName::new(&word.text) {
        Ok(value) => value,
        Err(error) => {
            line.add(unknown(&word.text, what).at(word.span).hint(error.to_string()));
            return None;
        }
    };
    let named = Spanned { value, span: word.span };
    if !line.cx.environment.links.iter().any(|link| link.name == named.value) {
        links.unknown.push((named.clone(), what));
    }
    Some(named)
}

/// `linkbeat_interfaces`: `IFNAME [MII|ETHTOOL|IOCTL]`.
pub(crate) fn polled(links: &mut LinksDraft, line: &mut Line<'_, '_>) -> Option<()> {
    line.list(links, |links, line| {
        let Spanned { value: link, span } = link(links, line, "linkbeat interface")?;
        if is_virtual(line, link.as_str()) {
            let message =
                format!("Turning off linkbeat for {link} since netlink works for vmacs/ipvlans");
            line.add(Diagnostic::notice(message).at(span));
            return Some(());
        }
        let (kind, extra) = match line.text(1) {
            Some("MII") => (Polling::Mii, 2),
            Some("ETHTOOL") => (Polling::Ethtool, 2),
            Some("IOCTL") => (Polling::Ioctl, 2),
            Some(_) | None => (Polling::Any, 1),
        };
        if let Some(word) = line.word(extra) {
            let message = format!("extra characters {} in linkbeat interface", word.text);
            let found = Diagnostic::general(message).at(word.span);
            line.add(found.hint("write MII, ETHTOOL, IOCTL or nothing"));
        }
        let polled = &mut links.settings.polled;
        polled.retain(|(other, _)| *other != link);
        polled.push((link, kind));
        Some(())
    });
    Some(())
}

/// `interface_up_down_delays`: `IFNAME DOWN [UP]`.
pub(crate) fn delays(links: &mut LinksDraft, line: &mut Line<'_, '_>) -> Option<()> {
    line.list(links, |links, line| {
        let link = link(links, line, "up/down delay")?.value;
        let Some(down) = line.word(1) else {
            line.notice(format!("No delays specified for interface {link} - ignoring"));
            return None;
        };
        let range = Decimal::micros(0, 255_000_000);
        let down = line.seconds(&down, range)?;
        let up = match line.word(2) {
            Some(word) => line.seconds(&word, range)?,
            None => Duration::ZERO,
        };
        if let Some(word) = line.word(3) {
            let message = format!("extra characters {} in up/down delay - ignoring", word.text);
            line.add(Diagnostic::notice(message).at(word.span));
        }
        let delays = &mut links.settings.delays;
        delays.retain(|other| other.link != link);
        delays.push(LinkDelay { link, down, up });
        Some(())
    });
    Some(())
}
