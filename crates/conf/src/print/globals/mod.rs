//! The statements outside every block, and `global_defs`: what differs from the defaults.
//!
//! Order matters where the reader says so: `script_user` stands before the scripts, a table
//! before its mark, `vrrp_min_garp` before what it lowers.

mod daemon;
mod defaults;
mod parts;
mod root;

use std::time::Duration;

use super::{Writer, seconds};
use crate::resolve::account;
use crate::{Account, Command, Config};

pub(super) fn print(config: &Config, out: &mut Writer) {
    let globals = &config.globals;
    root::print(globals, out);
    let mut body = Writer::inside();
    daemon::print(globals, &mut body);
    parts::print(globals, &mut body);
    defaults::print(&globals.vrrp, &mut body);
    if !body.is_empty() {
        out.block("global_defs", &[], |out| out.append(&body));
    }
}

impl Writer {
    /// A keyword without words, where it applies.
    fn flag(&mut self, keyword: &str, set: bool) {
        if set {
            self.statement(keyword, &[]);
        }
    }

    /// A keyword that turns something off as well.
    fn boolean(&mut self, keyword: &str, set: Option<bool>) {
        if let Some(set) = set {
            self.statement(keyword, &[if set { "on" } else { "off" }]);
        }
    }

    /// A value that is not the default.
    fn value<T: ToString>(&mut self, keyword: &str, value: Option<T>) {
        if let Some(value) = value {
            self.statement(keyword, &[&value.to_string()]);
        }
    }

    /// Whole seconds.
    fn seconds(&mut self, keyword: &str, time: Option<Duration>) {
        self.value(keyword, time.map(|time| time.as_secs()));
    }

    /// Whole microseconds.
    fn micros(&mut self, keyword: &str, time: Option<Duration>) {
        self.value(keyword, time.map(|time| time.as_micros()));
    }

    /// Seconds with decimals.
    fn decimal(&mut self, keyword: &str, time: Option<Duration>) {
        self.value(keyword, time.map(seconds));
    }

    /// A path.
    fn path(&mut self, keyword: &str, path: Option<&std::path::PathBuf>) {
        self.value(keyword, path.map(|path| path.display().to_string()));
    }

    /// A script and its account.
    fn command(&mut self, keyword: &str, command: Option<&Command>) {
        if let Some(Command { argv, account }) = command {
            let [user, group] = account_words(*account);
            self.script(keyword, argv, &[&user, &group]);
        }
    }
}

/// The value, unless it is the default.
fn changed<T: PartialEq + Copy>(value: T, default: T) -> Option<T> {
    (value != default).then_some(value)
}

/// A user and a group by their numbers.
fn account_words(account: Account) -> [String; 2] {
    let mark = if account.further_groups { ":" } else { "" };
    let [user, group] = account::words(account.uid, account.gid);
    [user, format!("{mark}{group}")]
}

#[cfg(test)]
mod tests;
