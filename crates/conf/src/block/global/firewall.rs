//! Rows of `global_defs`: filters and marks in the kernel.
//!
//! There is nftables only, as in Debian's keepalived: `vrrp_iptables` turns it on, with a word.

use std::collections::HashSet;

use super::Row;
use super::value::{self as read, set};
use crate::block::RootDraft;
use crate::diagnostic::Diagnostic;
use crate::globals::IpvsMarks;
use crate::line::Line;

/// nftables.
pub(super) static FIREWALL: &[Row] = &[
    Row::later("vrrp_iptables", "filters by iptables", iptables).takes(
        "[INPUT_CHAIN [OUTPUT_CHAIN]]",
        "at most 27 bytes each",
        "off; alone it means INPUT and OUTPUT",
    ),
    Row::later("vrrp_ipsets", "names of the ip sets", ipsets).takes(
        "[NAME]...",
        "at most 30 bytes each",
        "keepalived, keepalived6, ...",
    ),
    Row::later("nftables", "filters by nftables", |root, line| {
        table(&mut root.globals.firewall.table, line, "nftables", FILTERS)
    })
    .takes("[TABLE]", "at most 254 bytes", "off; alone it means keepalived"),
    Row::later("nftables_priority", "priority of the nftables chains", |root, line| {
        root.globals.firewall.priority = read::number(line, INTEGERS, |_, value| {
            format!("invalid nftables chain priority '{value}'")
        })?;
        Some(())
    })
    .takes("PRIORITY", "-2147483648 to 2147483647", "-1"),
    Row::later("nftables_ifindex", "uses interface numbers in nftables sets", |root, _| {
        set(&mut root.globals.firewall.link_numbers)
    })
    .takes("", "", "off"),
    Row::later("nftables_counters", "counts in nftables rules", |root, _| {
        set(&mut root.globals.firewall.counters)
    })
    .takes("", "", "off"),
    Row::now("nftables_ipvs", "marks packets for virtual server groups", |root, line| {
        let marks = &mut root.globals.firewall.ipvs;
        table(&mut marks.table, line, "ipvs nftables", MARKS)?;
        marks.first_mark = IpvsMarks::FIRST_MARK;
        Some(())
    })
    .takes("[TABLE]", "at most 254 bytes", "off; alone it means keepalived_ipvs"),
    Row::now("nftables_ipvs_priority", "priority of that chain", |root, line| {
        root.globals.firewall.ipvs.priority = read::number(line, INTEGERS, |_, value| {
            format!("invalid ipvs nftables chain priority '{value}'")
        })?;
        Some(())
    })
    .takes("PRIORITY", "-2147483648 to 2147483647", "-1"),
    Row::now("nftables_ipvs_start_fwmark", "first mark to use", |root, line| {
        let mark = read::number(line, 1..=4_294_967_295, |_, value| {
            format!("invalid ipvs nftables start_fwmark priority '{value}'")
        })?;
        root.globals.firewall.ipvs.first_mark = mark;
        Some(())
    })
    .takes("MARK", "1-4294967295", "1000"),
];

/// The table that filters, unless it is named.
const FILTERS: &str = "keepalived";

/// The table that marks, unless it is named.
const MARKS: &str = "keepalived_ipvs";

const INTEGERS: std::ops::RangeInclusive<i64> = i32::MIN as i64..=i32::MAX as i64;

/// The longest name of a table in bytes (the kernel's limit).
const TABLE: usize = 254;

/// The name of a table; the first one counts.
fn table(
    place: &mut Option<String>,
    line: &mut Line<'_, '_>,
    what: &str,
    default: &str,
) -> Option<()> {
    if place.is_some() {
        line.error(format!("{what} already specified - ignoring"));
        return None;
    }
    let name = line.text(1).unwrap_or(default).to_owned();
    if name.is_empty() || name.len() > TABLE {
        line.error(format!("{what} table name must have 1 to {TABLE} bytes - ignoring"));
        return None;
    }
    *place = Some(name);
    Some(())
}

fn iptables(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let message = "iptables not supported, using nftables instead. Please replace \
                   'vrrp_iptables and 'vrrp_ipsets' with 'nftables' config option";
    let found = Diagnostic::general(message).at(line.statement.span);
    line.add(found.hint("write nftables"));
    root.globals.firewall.table.get_or_insert_with(|| FILTERS.to_owned());
    Some(())
}

/// The longest name of an ip set in bytes (the kernel's limit).
const IPSET: usize = 30;

/// Names of sets are checked and not kept: nftables has sets of its own.
fn ipsets(_: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let mut names = HashSet::new();
    for word in line.statement.words.clone().into_iter().skip(1).take(6) {
        if word.text.is_empty() || word.text.len() > IPSET {
            let message =
                format!("ipset name '{}' must have 1 to {IPSET} bytes - ignoring", word.text);
            line.error_at(&word, message);
        } else if !names.insert(word.text.clone()) {
            line.error_at(&word, format!("ipset name '{}' is used twice - ignoring", word.text));
        }
    }
    Some(())
}
