//! Decides which scripts can be run, as whom, and which are refused (compat 03 §11.3).

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use vrrp::Name;
use vrrp::config::{Command, Instance, Script, SyncGroup};

use super::{Resolver, account};
use crate::Environment;
use crate::block::RootDraft;
use crate::block::command::CommandDraft;
use crate::block::global::OwnedCommand;
use crate::block::vrrp_script::ScriptDraft;
use crate::diagnostic::{Class, Diagnostic};
use crate::globals::Account;
use crate::span::Span;

/// What trackers need to know of a script.
pub(crate) struct Known {
    pub(crate) weight: i16,
    pub(crate) reverse: bool,
}

/// Why a script is not run.
enum Refusal {
    Missing,
    NotExecutable,
    Insecure(PathBuf),
}

/// Resolves every `vrrp_script`; those that cannot be run are left out.
pub(crate) fn resolve_all(resolver: &mut Resolver<'_>, drafts: &[ScriptDraft]) -> Vec<Script> {
    let mut scripts = Vec::new();
    for draft in drafts {
        if let Some(script) = resolve(resolver, draft) {
            let known = Known { weight: draft.weight, reverse: draft.reverse };
            resolver.scripts.insert(draft.name.text.clone(), known);
            scripts.push(script);
        }
    }
    scripts
}

/// The scripts that something tracks; the others are reported.
pub(crate) fn used(
    resolver: &mut Resolver<'_>,
    root: &RootDraft,
    (instances, groups): (&[Instance], &[SyncGroup]),
    scripts: &[Script],
) -> HashSet<Name> {
    let named: HashSet<&str> = root
        .instances
        .iter()
        .map(|draft| &draft.tracked_scripts)
        .chain(root.groups.iter().map(|draft| &draft.tracked_scripts))
        .flatten()
        .map(|entry| entry.name.text.as_str())
        .collect();
    for draft in &root.scripts {
        let name = draft.name.text.as_str();
        if !named.contains(name) && scripts.iter().any(|script| script.name.as_str() == name) {
            let message = format!("Warning - script {name} is not used");
            // keepalived says it without counting it.
            let found = Diagnostic::notice(message).about(draft.name.span);
            resolver.add(found.hint("name it in the track_script of an instance, or remove it"));
        }
    }
    let of_instances = instances.iter().flat_map(|instance| &instance.tracked_scripts);
    let of_groups = groups.iter().flat_map(|group| &group.tracked_scripts);
    of_instances.chain(of_groups).map(|tracked| tracked.object.clone()).collect()
}

fn resolve(resolver: &mut Resolver<'_>, draft: &ScriptDraft) -> Option<Script> {
    let name = &draft.name.text;
    let command = draft.command.as_ref()?;
    let account = account(resolver, draft, command)?;
    let command = match runnable(resolver, command, account) {
        Ok(command) => command,
        Err(refusal) => {
            let why = match refusal {
                Refusal::Missing => "since not found/accessible".to_owned(),
                Refusal::NotExecutable => "since not executable".to_owned(),
                Refusal::Insecure(path) => format!("due to insecure path {}", path.display()),
            };
            let message = format!("Disabling track script {name} {why}");
            resolver.add(Diagnostic::general(message).about(command.span));
            resolver.refused_scripts.insert(name.clone());
            return None;
        }
    };
    resolver.runs_scripts = true;
    Some(Script {
        name: Name::new(name),
        command,
        interval: draft.interval,
        timeout: draft.timeout.unwrap_or(draft.interval),
        rise: draft.rise.max(1),
        fall: draft.fall.max(1),
        fails_at_start: draft.fails_at_start,
    })
}

/// The account of a `vrrp_script`: its `user`, that of its `script` line, or the default.
fn account(
    resolver: &mut Resolver<'_>,
    draft: &ScriptDraft,
    command: &CommandDraft,
) -> Option<Account> {
    let name = &draft.name.text;
    let account = match (draft.account, command.user.as_deref()) {
        // That there is none has been reported.
        (Some(account), _) => return account,
        // keepalived only logs this one.
        (None, Some(user)) => account::find(user, command.group.as_deref()).map_err(|hint| {
            let message = format!("Unable to set uid/gid for script '{}'", command.text);
            (Diagnostic::notice(message).at(command.span), hint)
        }),
        (None, None) => account::default(&resolver.globals).map_err(|hint| {
            resolver.no_default_account = true;
            let message = format!("Unable to set default user for vrrp script {name} - removing");
            (Diagnostic::general(message).at(draft.closed.unwrap_or(command.span)), hint)
        }),
    };
    account.map_err(|(found, hint)| resolver.add(found.hint(hint))).ok()
}

/// Resolves a notify script of VRRP.
pub(crate) fn notify(resolver: &mut Resolver<'_>, draft: Option<&CommandDraft>) -> Option<Command> {
    let command = notified(resolver, draft?);
    resolver.runs_scripts |= command.is_some();
    command
}

/// Resolves a notify script of virtual and real servers.
pub(crate) fn check_notify(
    resolver: &mut Resolver<'_>,
    draft: Option<&CommandDraft>,
) -> Option<Arc<lvs::config::Command>> {
    let Command { argv, uid, gid } = notified(resolver, draft?)?;
    resolver.runs_check_scripts = true;
    Some(Arc::new(lvs::config::Command { argv, uid, gid }))
}

/// Resolves the program of a check; the account of its `user` outranks the one of its line.
pub(crate) fn check_program(
    resolver: &mut Resolver<'_>,
    draft: &CommandDraft,
    (own, closed): (Option<Option<Account>>, Option<Span>),
) -> Option<lvs::config::Command> {
    let text = &draft.text;
    let account = match (own, draft.user.as_deref()) {
        // That there is none has been reported.
        (Some(account), _) => Ok(account?),
        // keepalived only logs this one.
        (None, Some(user)) => account::find(user, draft.group.as_deref()).map_err(|hint| {
            let message =
                format!("Failed to set uid/gid for misc checker script '{text}' - removing");
            (Diagnostic::notice(message).at(draft.span), hint)
        }),
        (None, None) => account::default(&resolver.globals).map_err(|hint| {
            resolver.no_default_account = true;
            let message = format!("Unable to set default user for misc script '{text}' - removing");
            (Diagnostic::general(message).at(closed.unwrap_or(draft.span)), hint)
        }),
    };
    let account = account.map_err(|(found, hint)| resolver.add(found.hint(hint))).ok()?;
    match runnable(resolver, draft, account) {
        Ok(Command { argv, uid, gid }) => {
            resolver.runs_check_scripts = true;
            Some(lvs::config::Command { argv, uid, gid })
        }
        Err(refusal) => {
            let (why, hint) = match refusal {
                Refusal::Missing => ("since not found/accessible", "the check is left out".into()),
                Refusal::NotExecutable => ("since not executable", "the check is left out".into()),
                Refusal::Insecure(path) => {
                    ("due to insecure", format!("others than root can change {}", path.display()))
                }
            };
            let message = format!("Disabling misc script {text} {why}");
            resolver.add(Diagnostic::notice(message).at(draft.span).hint(hint));
            None
        }
    }
}

/// A script that is told of something; one that cannot be run is dropped with a line in the log
/// only.
fn notified(resolver: &mut Resolver<'_>, draft: &CommandDraft) -> Option<Command> {
    let account = told_as(resolver, draft)?;
    usable(resolver, draft, account)
}

/// A script of the daemon itself.
pub(crate) fn owned(
    resolver: &mut Resolver<'_>,
    owned: &OwnedCommand,
) -> Option<crate::globals::Command> {
    let command = usable(resolver, &owned.command, owned.account)?;
    Some(crate::globals::Command { argv: command.argv, account: owned.account })
}

/// The command if this account can run it; if not, a line in the log says so.
fn usable(resolver: &mut Resolver<'_>, draft: &CommandDraft, account: Account) -> Option<Command> {
    match runnable(resolver, draft, account) {
        Ok(command) => Some(command),
        Err(refusal) => {
            let program = &draft.argv[0];
            let message = match refusal {
                Refusal::Missing => {
                    format!("WARNING - script {program} not found or not accessible - disabling.")
                }
                Refusal::NotExecutable => format!(
                    "WARNING - script '{program}' is not executable for uid:gid {}:{} - disabling.",
                    account.uid, account.gid
                ),
                Refusal::Insecure(path) => format!(
                    "Unsafe permissions found for script '{program}' - disabling. ({})",
                    path.display()
                ),
            };
            resolver.add(Diagnostic::notice(message).at(draft.span));
            None
        }
    }
}

/// The account of a script that is told of something. keepalived only logs that a named one does
/// not exist, and complains once that there is no default, by its own account or by `script_user`.
fn told_as(resolver: &mut Resolver<'_>, draft: &CommandDraft) -> Option<Account> {
    let account = match draft.user.as_deref() {
        Some(user) => account::find(user, draft.group.as_deref()).map_err(|hint| {
            let message = format!("Unable to set uid/gid for script '{}'", draft.text);
            Diagnostic::notice(message).hint(hint)
        }),
        None => account::default(&resolver.globals).map_err(|hint| {
            let message = format!("Unable to set default user {} for script", account::DEFAULT);
            let refused = resolver.globals.scripts.user == Some(None);
            let said = std::mem::replace(&mut resolver.no_default_account, true) || refused;
            let class = if said { Class::Notice } else { Class::General };
            Diagnostic::new(class, message).hint(hint)
        }),
    };
    account.map_err(|found| resolver.add(found.at(draft.span))).ok()
}

fn runnable(
    resolver: &Resolver<'_>,
    draft: &CommandDraft,
    account: Account,
) -> Result<Command, Refusal> {
    let mut argv = draft.argv.clone();
    if draft.text.starts_with('<') {
        argv = vec!["/bin/sh".to_owned(), "-c".to_owned(), draft.text.clone()];
    }
    let Environment { search_path, script_root: root, .. } = resolver.environment;
    let program = find(root, &argv[0], search_path, account)?;
    let resolved = fs::canonicalize(below(root, &program)).map_err(|_| Refusal::Missing)?;
    let about = fs::metadata(&resolved).map_err(|_| Refusal::Missing)?;
    if !about.is_file() || !allows(&about, account, 0o1) {
        return Err(Refusal::NotExecutable);
    }
    let privileged = account.uid == 0 || account.gid == 0 || runs_as_root(&about);
    let insecure = insecure_part(root, &program).or_else(|| insecure_part(root, &resolved));
    if let (true, true, Some(part)) = (resolver.globals.scripts.secure, privileged, insecure) {
        return Err(Refusal::Insecure(part));
    }
    argv[0] = program.to_string_lossy().into_owned();
    Ok(Command { argv, uid: account.uid, gid: account.gid })
}

/// The program as an absolute path; without a slash it is looked for in the search path.
fn find(
    root: &Path,
    program: &str,
    search_path: &str,
    account: Account,
) -> Result<PathBuf, Refusal> {
    if program.contains('/') {
        let path = Path::new(program);
        return match below(root, path).exists() {
            true => Ok(path.to_path_buf()),
            false => Err(Refusal::Missing),
        };
    }
    let executable = |path: &PathBuf| {
        let about = fs::metadata(below(root, path));
        about.is_ok_and(|about| about.is_file() && allows(&about, account, 0o1))
    };
    let mut candidates = search_path.split(':').map(|directory| Path::new(directory).join(program));
    candidates.find(executable).ok_or(Refusal::Missing)
}

/// Where a path is looked up; the root is empty but in tests.
fn below(root: &Path, path: &Path) -> PathBuf {
    if root.as_os_str().is_empty() || path.starts_with(root) {
        return path.to_path_buf();
    }
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// Whether the mode gives the account this right; root needs it for anybody.
fn allows(about: &Metadata, account: Account, right: u32) -> bool {
    let mode = about.mode();
    match account.uid {
        0 => mode & (right | right << 3 | right << 6) != 0,
        uid if uid == about.uid() => mode & (right << 6) != 0,
        _ if account.gid == about.gid() => mode & (right << 3) != 0,
        _ => mode & right != 0,
    }
}

fn runs_as_root(about: &Metadata) -> bool {
    (about.mode() & 0o4000 != 0 && about.uid() == 0)
        || (about.mode() & 0o2000 != 0 && about.gid() == 0)
}

/// The first part of the path that somebody else than root could change.
fn insecure_part(root: &Path, path: &Path) -> Option<PathBuf> {
    let (mut part, path) = (root.to_path_buf(), below(root, path));
    for component in path.strip_prefix(root).unwrap_or(&path).components() {
        part.push(component);
        if component == Component::CurDir {
            continue;
        }
        let Ok(about) = fs::symlink_metadata(&part) else {
            return Some(part);
        };
        let mode = about.mode();
        let sticky = about.is_dir() && mode & 0o1000 != 0;
        let group_writes = mode & 0o020 != 0 && about.gid() != 0;
        let writable = !about.is_symlink() && !sticky && (group_writes || mode & 0o002 != 0);
        if about.uid() != 0 || writable {
            return Some(part);
        }
    }
    None
}
