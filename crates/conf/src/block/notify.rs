//! The scripts that are told of transitions; instances and sync groups share them.

use super::command::{self, CommandDraft};
use crate::line::Line;

/// Scripts told of transitions, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NotifyDraft {
    pub(crate) master: Option<CommandDraft>,
    pub(crate) backup: Option<CommandDraft>,
    pub(crate) fault: Option<CommandDraft>,
    pub(crate) stop: Option<CommandDraft>,
    pub(crate) any: Option<CommandDraft>,
    pub(crate) master_rx_lower_priority: Option<CommandDraft>,
    /// `notify_deleted`, which may stand without a script.
    pub(crate) deleted: Option<Option<CommandDraft>>,
}

/// `notify_deleted`: the script is optional.
pub(crate) fn deleted(notify: &mut NotifyDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if notify.deleted.is_some() {
        line.error("notify_deleted script already specified - ignoring");
        return None;
    }
    let command = if line.len() > 1 { Some(command::read(line)?) } else { None };
    notify.deleted = Some(command);
    Some(())
}
