//! What a running daemon cannot change: the keywords of which a reload with another value is
//! refused as a whole, and what keepalived calls them (compat 03 §6).
//!
//! Values are compared as they were accepted by their rows; of several the first one counts.

use std::collections::BTreeMap;

use crate::reader::Word;

/// Such a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FixedRow {
    keyword: &'static str,
    /// What the log calls it.
    name: &'static str,
    value: Value,
}

/// What stands after the keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    /// Nothing that counts.
    Flag,
    /// A word, or nothing.
    Word,
    /// A word, or this one.
    Usually(&'static str),
    /// This word, whatever stands there.
    Always(&'static str),
}

static FIXED: &[FixedRow] = &[
    FixedRow::new("net_namespace", "network namespace", Value::Word),
    FixedRow::new("net_namespace_ipvs", "IPVS network namespace", Value::Word),
    FixedRow::new("instance", "instance name", Value::Word),
    FixedRow::new("nftables", "nftables table name", Value::Usually("keepalived")),
    // It turns nftables on, with its usual table.
    FixedRow::new("vrrp_iptables", "nftables table name", Value::Always("keepalived")),
    FixedRow::new("nftables_ipvs", "IPVS nftables table name", Value::Usually("keepalived_ipvs")),
    FixedRow::new("tmp_config_directory", "config_directory", Value::Word),
    FixedRow::new("disable_local_igmp", "disable_local_igmp", Value::Flag),
];

impl FixedRow {
    const fn new(keyword: &'static str, name: &'static str, value: Value) -> Self {
        Self { keyword, name, value }
    }

    /// The row of a keyword; most have none.
    pub(crate) fn of(keyword: &str) -> Option<&'static Self> {
        FIXED.iter().find(|row| row.keyword == keyword)
    }
}

/// What was written of those keywords, by their names in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixed(BTreeMap<&'static str, Option<String>>);

impl Fixed {
    /// Keeps the word after a keyword that its own row has accepted.
    pub(crate) fn keep(&mut self, row: &FixedRow, word: Option<Word>) {
        let word = word.map(|word| word.text);
        let value = match row.value {
            Value::Flag => None,
            Value::Word => word,
            Value::Always(always) => Some(always.to_owned()),
            Value::Usually(usual) => Some(word.unwrap_or_else(|| usual.to_owned())),
        };
        self.0.entry(row.name).or_insert(value);
    }

    /// What is different in `other`, in the words of the log: "network namespace".
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        let mut names = FIXED.iter().map(|row| row.name);
        names.find(|name| self.0.get(name) != other.0.get(name))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Environment, load_text};

    fn difference(old: &str, new: &str) -> Option<&'static str> {
        let fixed =
            |text: &str| load_text("t", text.as_bytes(), &Environment::default()).config.fixed;
        fixed(old).difference(&fixed(new))
    }

    fn in_globals(text: &str) -> String {
        format!("global_defs {{\n{text}\n}}\n")
    }

    #[test]
    fn each_keyword_is_named_as_keepalived_names_it() {
        assert_eq!(difference("", "net_namespace a"), Some("network namespace"));
        assert_eq!(difference("net_namespace a", ""), Some("network namespace"));
        assert_eq!(difference("net_namespace_ipvs a", ""), Some("IPVS network namespace"));
        assert_eq!(difference("", "net_namespace_ipvs"), Some("IPVS network namespace"));
        assert_eq!(difference("instance a", "instance b"), Some("instance name"));
        for (line, name) in [
            ("nftables", "nftables table name"),
            ("nftables_ipvs t", "IPVS nftables table name"),
            ("tmp_config_directory /tmp", "config_directory"),
            ("disable_local_igmp", "disable_local_igmp"),
        ] {
            assert_eq!(difference("", &in_globals(line)), Some(name));
            assert_eq!(difference(&in_globals(line), &in_globals(line)), None);
        }
    }

    #[test]
    fn what_means_the_same_is_no_difference() {
        let same = |old: &str, new: &str| difference(&in_globals(old), &in_globals(new)).is_none();
        assert!(same("nftables", "nftables keepalived"));
        assert!(same("nftables", "vrrp_iptables IN OUT"));
        assert!(same("disable_local_igmp", "disable_local_igmp yes"));
        assert!(same("tmp_config_directory /tmp", "tmp_config_directory /tmp\nrouter_id x"));
        assert!(same(
            "tmp_config_directory /tmp",
            "tmp_config_directory /tmp\ntmp_config_directory /"
        ));
    }
}
