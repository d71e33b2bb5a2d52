//! Looks up the accounts that scripts run as.
//!
//! Whether an account may run a script is decided in `resolve::script`.

use nix::unistd::{Group, User, getgid, getuid};

use crate::globals::{Account, Globals};

/// The account that runs scripts when nothing else is said, if it exists.
pub(crate) const DEFAULT: &str = "keepalived_script";

/// Looks up a user and a group by name; without a group it is the user's own.
pub(crate) fn find(user: &str, group: Option<&str>) -> Result<Account, String> {
    let known = by_user(user).ok_or_else(|| format!("no user is called {user}"))?;
    let further_groups = group.is_some_and(|group| group.starts_with(':'));
    let name = group.map(|group| group.strip_prefix(':').unwrap_or(group));
    match name.filter(|name| !(further_groups && name.is_empty())) {
        None => Ok(Account { further_groups, ..known }),
        Some(name) => {
            let gid = by_group(name).ok_or_else(|| format!("no group is called {name}"))?;
            Ok(Account { gid, further_groups, ..known })
        }
    }
}

/// The account of a script that names none (compat 03 §11.1).
pub(crate) fn default(globals: &Globals) -> Result<Account, String> {
    match globals.scripts.user {
        Some(Some(account)) => Ok(account),
        Some(None) => Err("script_user does not exist".to_owned()),
        None => match by_user(DEFAULT) {
            Some(account) => Ok(account),
            None if globals.scripts.secure => {
                Err(format!("create the user {DEFAULT}, or name one by script_user"))
            }
            None => Ok(numbers(getuid().as_raw(), getgid().as_raw())),
        },
    }
}

/// How a user and a group are written; one that has no name any more by its number, which nobody
/// takes.
pub(crate) fn words(uid: u32, gid: u32) -> [String; 2] {
    let user = User::from_uid(uid.into()).ok().flatten().map(|user| user.name);
    let group = Group::from_gid(gid.into()).ok().flatten().map(|group| group.name);
    [user.unwrap_or_else(|| uid.to_string()), group.unwrap_or_else(|| gid.to_string())]
}

const fn numbers(uid: u32, gid: u32) -> Account {
    Account { uid, gid, further_groups: false }
}

fn by_user(name: &str) -> Option<Account> {
    let user = User::from_name(name).ok().flatten()?;
    Some(numbers(user.uid.as_raw(), user.gid.as_raw()))
}

fn by_group(name: &str) -> Option<u32> {
    Group::from_name(name).ok().flatten().map(|group| group.gid.as_raw())
}
