//! `vrrp_sync_group`: instances that change state together.

use super::command;
use super::notify::NotifyDraft;
use super::track::{self, TrackDraft, TrackList};
use crate::diagnostic::{Class, Diagnostic};
use crate::keyword::Keyword;
use crate::line::Line;
use crate::reader::Word;

/// The block as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupDraft {
    /// Its name.
    pub(crate) name: Word,
    /// `group`; `None` when there is no such list.
    pub(crate) members: Option<Vec<Word>>,
    pub(crate) tracked_links: Vec<TrackDraft>,
    pub(crate) tracked_scripts: Vec<TrackDraft>,
    pub(crate) tracked_files: Vec<TrackDraft>,
    pub(crate) tracked_processes: Vec<TrackDraft>,
    pub(crate) tracked_sessions: Vec<TrackDraft>,
    pub(crate) notify: NotifyDraft,
    pub(crate) smtp_alert: Option<bool>,
    /// `sync_group_tracking_weight`: trackers of members keep their weights.
    pub(crate) tracking_weight: bool,
    /// `notify_priority_changes`: default of the members.
    pub(crate) tells_priority: Option<bool>,
}

impl GroupDraft {
    pub(crate) fn new(name: Word) -> Self {
        Self {
            name,
            members: None,
            tracked_links: Vec::new(),
            tracked_scripts: Vec::new(),
            tracked_files: Vec::new(),
            tracked_processes: Vec::new(),
            tracked_sessions: Vec::new(),
            notify: NotifyDraft::default(),
            smtp_alert: None,
            tracking_weight: false,
            tells_priority: None,
        }
    }
}

type Row = Keyword<GroupDraft>;

/// The rows of `vrrp_sync_group`.
pub(crate) static SYNC_GROUP: &[Row] = &[
    Row::now("group", "the instances of the group", members).takes("{ INSTANCE... }", "", ""),
    Row::now("track_interface", "interfaces tracked for every member", |group, line| {
        let (owner, entries) = (&group.name.text, &mut group.tracked_links);
        track::read(TrackList { owner, kind: "interface", entries }, line)
    })
    .takes("{ IFACE [weight N [reverse|noreverse]] }", "-253 to 253", "weight 0"),
    Row::now("track_script", "scripts tracked for every member", |group, line| {
        let (owner, entries) = (&group.name.text, &mut group.tracked_scripts);
        track::read(TrackList { owner, kind: "script", entries }, line)
    })
    .takes(
        "{ NAME [weight N [reverse|noreverse]] }",
        "-253 to 253",
        "the weight of the script",
    ),
    Row::now("track_file", "files tracked for every member", |group, line| {
        let (owner, entries) = (&group.name.text, &mut group.tracked_files);
        track::read(TrackList { owner, kind: "file", entries }, line)
    })
    .takes("{ NAME [weight N [reverse|noreverse]] }", "-254 to 254", "the weight of the file"),
    Row::now("track_process", "processes tracked for every member", |group, line| {
        let (owner, entries) = (&group.name.text, &mut group.tracked_processes);
        track::read(TrackList { owner, kind: "process", entries }, line)
    })
    .takes(
        "{ NAME [weight N [reverse|noreverse]] }",
        "-254 to 254",
        "the weight of the process",
    ),
    Row::now("track_bfd", "BFD sessions tracked for every member", |group, line| {
        let (owner, entries) = (&group.name.text, &mut group.tracked_sessions);
        track::read(TrackList { owner, kind: "bfd", entries }, line)
    })
    .takes(
        "{ NAME [weight N [reverse|noreverse]] }",
        "-253 to 253",
        "the weight of the session",
    ),
    Row::script("notify_master", "script run when the group becomes master", |group, line| {
        command::set(&group.name.text, &mut group.notify.master, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::script("notify_backup", "script run when the group becomes backup", |group, line| {
        command::set(&group.name.text, &mut group.notify.backup, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::script("notify_fault", "script run when the group fails", |group, line| {
        command::set(&group.name.text, &mut group.notify.fault, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::script("notify_stop", "script run when the daemon stops", |group, line| {
        command::set(&group.name.text, &mut group.notify.stop, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::script("notify", "script run on every transition", |group, line| {
        command::set(&group.name.text, &mut group.notify.any, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::later("smtp_alert", "mail on transitions of the group", smtp_alert).takes(
        "[on|off]",
        "",
        "smtp_alert_vrrp, else smtp_alert, else off",
    ),
    Row::now("global_tracking", "old spelling of sync_group_tracking_weight", |group, line| {
        group.tracking_weight = true;
        let message = format!(
            "({}) global_tracking is deprecated. Use track_interface/script/file on the sync group",
            group.name.text
        );
        let found = Diagnostic::new(Class::Deprecated, message).at(line.span());
        let weight = "sync_group_tracking_weight";
        line.add(found.hint(format!("or write {weight}")).replace_by(Some(weight)));
        Some(())
    })
    .takes("", "", "off"),
    Row::now("sync_group_tracking_weight", "lets members differ in priority", |group, _| {
        group.tracking_weight = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::now("notify_priority_changes", "default of its members", notify_priority_changes).takes(
        "[on|off]",
        "",
        "vrrp_notify_priority_changes",
    ),
];

fn members(group: &mut GroupDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if group.members.is_some() {
        let name = &group.name.text;
        line.error(format!("Group list already specified for sync group {name}"));
        line.skip_block();
        return None;
    }
    let mut members = Vec::new();
    line.list(&mut members, |members: &mut Vec<Word>, line| {
        members.append(&mut line.statement.words);
        Some(())
    });
    if members.is_empty() {
        let name = &group.name.text;
        line.error_at_end(format!("Warning - sync group {name} has empty group block"));
        return None;
    }
    group.members = Some(members);
    Some(())
}

fn notify_priority_changes(group: &mut GroupDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(tells) = line.boolean(1) else {
        let value = line.text(1).unwrap_or_default().to_owned();
        let name = &group.name.text;
        let message = format!(
            "({name}) Invalid value '{value}' for sync group notify_priority_changes specified"
        );
        line.add(Diagnostic::general(message).at(line.statement.span).hint("write on or off"));
        return None;
    };
    group.tells_priority = Some(tells);
    Some(())
}

fn smtp_alert(group: &mut GroupDraft, line: &mut Line<'_, '_>) -> Option<()> {
    group.smtp_alert = line.boolean(1);
    if group.smtp_alert.is_none() {
        let value = line.text(1).unwrap_or_default().to_owned();
        line.error(format!("Invalid vrrp_group smtp_alert parameter {value}"));
    }
    Some(())
}
