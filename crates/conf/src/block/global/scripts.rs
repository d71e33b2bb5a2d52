//! Rows of `global_defs`: who runs scripts, and the scripts of the daemon's own start and end.
//!
//! A script belongs to the account that is the default where it stands: order matters.

use std::time::Duration;

use super::Row;
use super::value::{self as read, set, set_boolean};
use crate::block::RootDraft;
use crate::block::command::{self, CommandDraft};
use crate::diagnostic::Diagnostic;
use crate::globals::{Account, Globals, OneTimeScript};
use crate::line::Line;
use crate::resolve::account;

/// Scripts of the whole daemon, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProgramsDraft {
    pub(crate) startup: Option<OwnedCommand>,
    pub(crate) shutdown: Option<OwnedCommand>,
    pub(crate) fifo: Option<OwnedCommand>,
    pub(crate) vrrp_fifo: Option<OwnedCommand>,
    pub(crate) lvs_fifo: Option<OwnedCommand>,
}

/// A command and who runs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnedCommand {
    pub(crate) command: CommandDraft,
    pub(crate) account: Account,
}

/// Who runs scripts, and what runs at the start and the end.
pub(super) static SCRIPTS: &[Row] = &[
    Row::now("script_user", "account that scripts run as", script_user).takes(
        "USER [GROUP]",
        "",
        "keepalived_script if it exists",
    ),
    Row::now("enable_script_security", "refuses scripts that others could change", |root, _| {
        set(&mut root.globals.scripts.secure)
    })
    .takes("", "", "off"),
    Row::now("use_symlink_paths", "runs scripts by their configured path", |root, line| {
        set_boolean(&mut root.globals.scripts.use_symlink_paths, line)
    })
    .takes("[on|off]", "", "off"),
    Row::later(
        "set_supplementary_groups",
        "gives scripts the further groups of their user",
        |root, line| set_boolean(&mut root.globals.scripts.further_groups, line),
    )
    .takes("[on|off]", "", "off"),
    Row::script("startup_script", "runs once before anything starts", |root, line| {
        one_time(&root.globals, &mut root.programs.startup, line, "startup")
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::now("startup_script_timeout", "seconds for the startup script", |root, line| {
        timeout(&mut root.globals.startup, line)
    })
    .takes("SECS", "1-1000", "10"),
    Row::script("shutdown_script", "runs once after everything has ended", |root, line| {
        one_time(&root.globals, &mut root.programs.shutdown, line, "shutdown")
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::now("shutdown_script_timeout", "seconds for the shutdown script", |root, line| {
        timeout(&mut root.globals.shutdown, line)
    })
    .takes("SECS", "1-1000", "10"),
];

fn script_user(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let Some(user) = line.word(1) else {
        line.error("No script username specified");
        return None;
    };
    let group = line.word(2);
    let found = account::find(&user.text, group.as_ref().map(|word| word.text.as_str()));
    if let Err(why) = &found {
        let message = "Error setting global script uid/gid";
        line.add(Diagnostic::general(message).at(user.span).hint(why.clone()));
    }
    root.globals.scripts.user = Some(found.ok());
    Some(())
}

fn timeout(script: &mut OneTimeScript, line: &mut Line<'_, '_>) -> Option<()> {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let seconds = line.given(1, &format!("{keyword} requires value"))?;
    let seconds = read::checked(line, &seconds, 1..=1000, |keyword, value| {
        format!("{keyword} '{value}' must be in [1, 1000] - ignoring")
    })?;
    script.timeout = Duration::from_secs(seconds);
    Some(())
}

fn one_time(
    globals: &Globals,
    place: &mut Option<OwnedCommand>,
    line: &mut Line<'_, '_>,
    what: &str,
) -> Option<()> {
    line.given(1, &format!("{what} script missing"))?;
    if place.is_some() {
        line.error(format!("{what} script already specified"));
        return None;
    }
    let owned = command::read(line).and_then(|command| {
        let account = owner(globals, line, command.user.as_deref(), command.group.as_deref())?;
        Some(OwnedCommand { command, account })
    });
    if owned.is_none() {
        line.error(format!("Invalid {what} script"));
    }
    *place = Some(owned?);
    Some(())
}

/// The account that is named, or the default at this place; reported when there is none.
pub(super) fn owner(
    globals: &Globals,
    line: &mut Line<'_, '_>,
    user: Option<&str>,
    group: Option<&str>,
) -> Option<Account> {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let (found, message, error) = match user {
        Some(user) => {
            let message = format!("Unable to set uid/gid of {keyword}");
            (account::find(user, group), message, false)
        }
        None => {
            let message = format!("Unable to set default user {} for script", account::DEFAULT);
            (account::default(globals), message, true)
        }
    };
    let reported = |hint: String| {
        let finding =
            if error { Diagnostic::general(message) } else { Diagnostic::notice(message) };
        line.add(finding.at(line.statement.span).hint(hint));
    };
    found.map_err(reported).ok()
}
