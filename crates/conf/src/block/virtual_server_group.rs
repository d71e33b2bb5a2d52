//! `virtual_server_group`: addresses and marks that virtual servers share.
//!
//! Which virtual servers use a group, and whether they may, is decided in
//! `resolve::virtual_server`.

mod range;

use lvs::config::GroupEntry;
use net::Family;

use super::RootDraft;
use crate::diagnostic::Diagnostic;
use crate::line::{Line, Spanned};

/// A group as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VirtualServerGroupDraft {
    pub(crate) name: Spanned<String>,
    pub(crate) entries: Vec<GroupEntry>,
}

impl VirtualServerGroupDraft {
    /// Whether packets of this family are in it.
    pub(crate) fn has(&self, family: Family) -> bool {
        self.entries.iter().any(|entry| entry.family() == Some(family))
    }

    /// Whether some mark in it leaves the family to the virtual server.
    fn has_open_mark(&self) -> bool {
        self.entries.iter().any(|entry| entry.family().is_none())
    }
}

/// Reads a whole group.
pub(super) fn read(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(word) = line.required(1) else {
        line.skip_block();
        return None;
    };
    line.statement.words.truncate(1);
    let name = Spanned { value: word.text, span: word.span };
    let mut group = VirtualServerGroupDraft { name, entries: Vec::new() };
    line.list(&mut group, entry);
    let name = &group.name.value;
    if group.entries.is_empty() {
        let message = format!("virtual server group {name} has no entries - removing");
        let found = Diagnostic::general(message);
        line.add_at_end(
            found.hint("write an address and a port, or fwmark and a number, on each line"),
        );
        return None;
    }
    if group.has(Family::V4) && group.has(Family::V6) && group.has_open_mark() {
        let what = "cannot have IPv4, IPv6 and fwmark without family - removing";
        let found = Diagnostic::general(format!("virtual server group {name} {what}"));
        line.add_at_end(found.hint("write inet or inet6 after each fwmark"));
        return None;
    }
    if root.virtual_server_groups.iter().any(|other| other.name.value == *name) {
        // keepalived says nothing of it.
        let message = format!("virtual server group {name} is already defined - ignoring");
        let found = Diagnostic::notice(message).at(group.name.span);
        line.add(found.hint("the first one counts; give each group a name of its own"));
        return None;
    }
    group.entries.shrink_to_fit();
    root.virtual_server_groups.push(group);
    Some(())
}

fn entry(group: &mut VirtualServerGroupDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let entry = match line.text(0) {
        Some("fwmark") => mark(&group.name.value, line)?,
        Some(_) | None => range::entry(line)?,
    };
    group.entries.push(entry);
    Some(())
}

/// `fwmark NUMBER [inet|inet6]`.
fn mark(group: &str, line: &mut Line<'_, '_>) -> Option<GroupEntry> {
    let word = line.required(1)?;
    let number = line.number(&word, 0..=i64::from(u32::MAX)).filter(|number| *number != 0);
    let Some(mark) = number else {
        let message =
            format!("({group}): fwmark '{}' must be in [1, {}] - ignoring", word.text, u32::MAX);
        let hint = "a mark is 1 to 4294967295; packets without a mark have 0";
        line.add(Diagnostic::general(message).at(word.span).hint(hint));
        return None;
    };
    let family = match line.text(2) {
        None => None,
        Some("inet") => Some(Family::V4),
        Some("inet6") => Some(Family::V6),
        Some(other) => {
            let message = format!("({group}): fwmark '{mark}' family {other} unknown - ignoring");
            let place = line.word(2).map_or(word.span, |word| word.span);
            line.add(Diagnostic::general(message).at(place).hint("write inet or inet6"));
            return None;
        }
    };
    Some(GroupEntry::Mark { mark, family })
}
