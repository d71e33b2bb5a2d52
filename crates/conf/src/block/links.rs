//! Root keywords about interfaces: which are polled, how long a change waits, how often one may
//! announce. Whether the interfaces exist is decided in `resolve`.

use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::globals::LinkPolling;
use crate::keyword::Keyword;
use crate::line::Line;
use crate::reader::Word;
use crate::value::Decimal;

/// What was written about interfaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LinksDraft {
    pub(crate) polled: Vec<PolledDraft>,
    pub(crate) delays: Vec<DelayDraft>,
    pub(crate) garp_groups: Vec<GarpGroupDraft>,
}

/// A line of `linkbeat_interfaces`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PolledDraft {
    pub(crate) link: Word,
    pub(crate) by: Option<LinkPolling>,
}

/// A line of `interface_up_down_delays`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DelayDraft {
    pub(crate) link: Word,
    pub(crate) down: Duration,
    pub(crate) up: Duration,
}

/// A `garp_group`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GarpGroupDraft {
    pub(crate) arp: Option<Duration>,
    pub(crate) neighbour: Option<Duration>,
    pub(crate) single: Vec<Word>,
    pub(crate) shared: Vec<Word>,
}

/// `linkbeat_interfaces`.
pub(crate) fn polled(draft: &mut LinksDraft, line: &mut Line<'_, '_>) -> Option<()> {
    line.list(&mut draft.polled, |polled, line| {
        let link = line.word(0)?;
        let by = match line.text(1) {
            Some("MII") => Some(LinkPolling::Mii),
            Some("ETHTOOL") => Some(LinkPolling::Ethtool),
            Some("IOCTL") => Some(LinkPolling::Flags),
            Some(_) | None => None,
        };
        if let Some(extra) = line.word(1 + usize::from(by.is_some())) {
            let message = format!("extra characters {} in linkbeat interface", extra.text);
            let found = Diagnostic::general(message).at(extra.span);
            line.add(found.hint("write MII, ETHTOOL or IOCTL, or nothing"));
        }
        polled.push(PolledDraft { link, by });
        Some(())
    });
    Some(())
}

/// A delay of an interface, up to 255 seconds.
const DELAY: Decimal = Decimal::micros(0, 255_000_000);

/// `interface_up_down_delays`.
pub(crate) fn delays(draft: &mut LinksDraft, line: &mut Line<'_, '_>) -> Option<()> {
    line.list(&mut draft.delays, |delays, line| {
        let link = line.word(0)?;
        let Some(down) = line.word(1) else {
            let message = format!("No delay of interface {} specified - ignoring", link.text);
            let found = Diagnostic::notice(message).at(line.statement.span);
            line.add(found.hint("write seconds to wait when it goes down, and when it comes up"));
            return None;
        };
        let down = line.seconds(&down, DELAY)?;
        let up = line.word(2).map_or(Some(Duration::ZERO), |up| line.seconds(&up, DELAY))?;
        if let Some(extra) = line.text(3) {
            let message = format!("Extra delay {extra} of interface {} is ignored", link.text);
            line.notice(message);
        }
        delays.push(DelayDraft { link, down, up });
        Some(())
    });
    Some(())
}

/// `garp_group`.
pub(crate) fn garp_group(draft: &mut LinksDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let mut group = GarpGroupDraft::default();
    line.block(GARP_GROUP, &mut group);
    if group.arp.is_none() && group.neighbour.is_none() {
        let number = draft.garp_groups.len();
        let message = format!("garp group {number} does not have any delay set - removing");
        let found = Diagnostic::general(message).at(line.statement.span);
        line.add(found.hint("put garp_interval or gna_interval into it"));
        return None;
    }
    draft.garp_groups.push(group);
    Some(())
}

type Row = Keyword<GarpGroupDraft>;

/// The rows of `garp_group`.
pub(crate) static GARP_GROUP: &[Row] = &[
    Row::later("garp_interval", "pause between gratuitous ARPs", |group, line| {
        group.arp = Some(interval(line)?);
        Some(())
    }),
    Row::later("gna_interval", "pause between neighbour adverts", |group, line| {
        group.neighbour = Some(interval(line)?);
        Some(())
    }),
    Row::later("interface", "an interface of the group", |group, line| {
        group.single.push(line.required(1)?);
        Some(())
    }),
    Row::later("interfaces", "interfaces that share one limit", |group, line| {
        let count = line.list(&mut group.shared, |shared, line| {
            shared.extend(line.statement.words.iter().cloned());
            Some(())
        });
        if count == 0 {
            line.error("Warning - empty garp_group interfaces block");
        }
        Some(())
    }),
];

fn interval(line: &mut Line<'_, '_>) -> Option<Duration> {
    let word = line.required(1)?;
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let interval = line.seconds(&word, Decimal::micros(0, 4_294_967_295));
    match interval {
        None => line.error_at(&word, format!("garp_group {keyword} '{}' invalid", word.text)),
        Some(time) if time >= Duration::from_secs(1) => {
            line.notice(format!("The {keyword} is very large - {} seconds", word.text));
        }
        Some(_) => {}
    }
    interval
}
