//! What is always in the kernel: `static_ipaddress`, `static_routes`, `static_rules`, and the
//! groups of instances that watch it (`track_group`).

use super::address::{self, AddressDraft, Place};
use super::route::{self, RouteDraft};
use super::rule::{self, RuleDraft};
use crate::keyword::Keyword;
use crate::line::Line;
use crate::reader::Word;

/// Everything of it as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StaticsDraft {
    pub(crate) addresses: Vec<AddressDraft>,
    pub(crate) routes: Vec<RouteDraft>,
    pub(crate) rules: Vec<RuleDraft>,
    pub(crate) groups: Vec<TrackGroupDraft>,
}

impl StaticsDraft {
    /// Whether nothing is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.routes.is_empty() && self.rules.is_empty()
    }
}

/// `track_group` as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrackGroupDraft {
    pub(crate) name: Word,
    pub(crate) members: Vec<Word>,
    listed: bool,
}

type Row = Keyword<TrackGroupDraft>;

/// The rows of `track_group`.
pub(crate) static TRACK_GROUP: &[Row] =
    &[Row::now("group", "the instances of the group", |draft, line| {
        if draft.listed {
            let name = &draft.name.text;
            line.error(format!("Group list already specified for track group {name}"));
            line.skip_block();
            return None;
        }
        line.list(&mut draft.members, |members: &mut Vec<Word>, line| {
            members.append(&mut line.statement.words);
            Some(())
        });
        draft.listed = !draft.members.is_empty();
        if !draft.listed {
            let name = &draft.name.text;
            line.error_at_end(format!("Warning - track group {name} has empty group block"));
        }
        Some(())
    })
    .takes("{ INSTANCE... }", "", "")];

/// Reads a `track_group`; `None` when it is skipped.
pub(crate) fn group(statics: &mut StaticsDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let name = line.given(1, "track_group must have a name - skipping");
    let mut others = statics.groups.iter();
    let name =
        line.new_name(name, "track_group", |name| others.any(|one| one.name.text == name))?;
    let mut draft = TrackGroupDraft { name, members: Vec::new(), listed: false };
    line.block(TRACK_GROUP, &mut draft);
    if !draft.listed {
        let name = &draft.name.text;
        line.notice(format!("track_group {name} has no virtual router(s) - removing"));
        return None;
    }
    statics.groups.push(draft);
    Some(())
}

/// `static_ipaddress`.
pub(crate) fn addresses(statics: &mut StaticsDraft, line: &mut Line<'_, '_>) -> Option<()> {
    line.list(&mut statics.addresses, |addresses, line| {
        addresses.push(address::read(line, Place::Static)?);
        Some(())
    });
    Some(())
}

/// `static_routes`.
pub(crate) fn routes(statics: &mut StaticsDraft, line: &mut Line<'_, '_>) -> Option<()> {
    line.list(&mut statics.routes, |routes, line| {
        routes.push(route::read(line, true)?);
        Some(())
    });
    Some(())
}

/// `static_rules`.
pub(crate) fn rules(statics: &mut StaticsDraft, line: &mut Line<'_, '_>) -> Option<()> {
    line.list(&mut statics.rules, |rules, line| {
        rules.push(rule::read(line, true)?);
        Some(())
    });
    Some(())
}
