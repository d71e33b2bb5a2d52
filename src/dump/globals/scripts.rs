//! Who runs scripts, which are refused, and the scripts of the start and the end.

use conf::{OneTimeScript, ScriptPolicy};

use super::{Sheet, enabled};
use crate::dump::command::quoted;

/// How the paths of scripts are followed, and which groups they get.
pub(super) fn paths(policy: &ScriptPolicy, sheet: &mut Sheet) {
    let symlinks = if policy.use_symlink_paths { "Keep" } else { "Replace" };
    sheet.say(format_args!("{symlinks} symlinks in script paths"));
    let groups = if policy.further_groups { "Set" } else { "Don't set" };
    sheet.say(format_args!("{groups} supplementary groups for all scripts"));
}

/// Whether scripts must be safe, and the usual account.
pub(super) fn account(policy: &ScriptPolicy, sheet: &mut Sheet) {
    // The other two are in `paths`, where keepalived shows them.
    let ScriptPolicy { user, secure, use_symlink_paths: _, further_groups: _ } = policy;
    sheet.say(format_args!("Script security {}", enabled(*secure)));
    match user {
        None => {}
        Some(None) => sheet.say("Default script uid:gid (none)"),
        Some(Some(account)) => {
            sheet.say(format_args!("Default script uid:gid {}:{}", account.uid, account.gid));
        }
    }
}

pub(super) fn one_time(name: &str, script: &OneTimeScript, sheet: &mut Sheet) {
    let OneTimeScript { command, timeout } = script;
    let Some(command) = command else { return };
    let (uid, gid) = (command.account.uid, command.account.gid);
    let words = quoted(&command.argv);
    let timeout = timeout.as_secs();
    sheet.set(
        &format!("{name} script"),
        format_args!("{words}, uid:gid {uid}:{gid}, timeout {timeout}"),
    );
}
