//! What the cases hold, line by line and block by block, for putting together anew.
//!
//! Left out: keywords that 2.2.7 does not know, and those whose effect on the machine or on the
//! whole file would hide everything else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::environment;
use crate::verdict::Verdict;

/// What the case says of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Good,
    Boundary,
    Bad,
}

/// A statement, or the head of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Without its comment and without `{`.
    pub(crate) text: String,
    pub(crate) mark: Mark,
    /// A block follows.
    pub(crate) opens: bool,
}

impl Piece {
    pub(crate) fn keyword(&self) -> &str {
        self.text.split_whitespace().next().unwrap_or_default()
    }
}

/// All of them, by the keywords of the blocks that they stand in.
pub(crate) struct Pieces(BTreeMap<String, Vec<Piece>>);

/// Keywords since 2.2.8 (compat 02, 10, 20).
const NEWER: [&str; 31] = [
    "use_symlink_paths",
    "set_supplementary_groups",
    "v3_checksum_as_v2",
    "vrrp_ipsets",
    "snmp_vs_stats_update_interval",
    "snmp_rs_stats_update_interval",
    "dbus_no_interface_name",
    "vrrp_delay_after_boot",
    "vrrp_owner_ignore_adverts",
    "json_version",
    "iproute_usr_dir",
    "iproute_etc_dir",
    "state_dump_file",
    "stats_dump_file",
    "json_dump_file",
    "no_virtual_ipaddress",
    "timer_expired_backup",
    "thread_timer_expired",
    "owner_ignore_adverts",
    "auth_hmac",
    "key",
    "active_key",
    "time_window",
    "anti_replay",
    "mode",
    "netlink_notify_msg",
    "tls_compliant",
    "tls_verify",
    "lvs_audit_interval",
    "sni_name",
    "multihop",
];

/// They write files, enter namespaces or change what the rest of the file means.
const UNSAFE: [&str; 12] = [
    "net_namespace",
    "net_namespace_ipvs",
    "instance",
    "config_save_dir",
    "tmp_config_directory",
    "include_check",
    "notify_fifo",
    "vrrp_notify_fifo",
    "lvs_notify_fifo",
    "use_pid_dir",
    "umask",
    "random_seed",
];

impl Pieces {
    /// Those of every case in a directory, in the order of their names.
    pub(crate) fn read(cases: &Path) -> Self {
        let mut files: Vec<_> = fs::read_dir(cases)
            .expect("the cases can be read")
            .map(|entry| entry.expect("the cases can be read").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "conf"))
            .filter(|path| {
                let name = path.file_name().expect("the cases can be read").to_string_lossy();
                !name.starts_with("bad-") && !name.starts_with("pre-")
            })
            .collect();
        files.sort();
        let mut pieces = Self(BTreeMap::new());
        for file in files {
            let complaints = Verdict::ours(&conf::load(&file, &environment()).report).complaints;
            pieces.add(
                &String::from_utf8_lossy(&fs::read(file).expect("the cases can be read")),
                &complaints,
            );
        }
        pieces
    }

    /// What may stand in the block of that path; at the top for an empty one.
    pub(crate) fn of(&self, path: &[&str]) -> &[Piece] {
        self.0.get(&path.join("/")).map_or(&[], Vec::as_slice)
    }

    /// All of them, with the blocks that they stand in.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &[Piece])> {
        self.0.iter().map(|(path, pieces)| (path.as_str(), pieces.as_slice()))
    }

    /// A line that is complained about is a bad one, marked or not.
    fn add<C>(&mut self, text: &str, complaints: &BTreeMap<usize, C>) {
        let mut path: Vec<String> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let (code, mark) = split(line);
            let mark = if complaints.contains_key(&number) { Mark::Bad } else { mark };
            if code == "}" {
                path.pop();
                continue;
            }
            let head = code.strip_suffix('{').map(str::trim_end);
            let text = head.unwrap_or(code);
            let piece = Piece { text: text.to_owned(), mark, opens: head.is_some() };
            let keyword = piece.keyword().to_owned();
            let block = path.last().map_or("", String::as_str);
            if usable(&piece)
                && !newer_value(block, &piece.text)
                && path.iter().all(|block| known(block))
            {
                self.0.entry(path.join("/")).or_default().push(piece);
            }
            if head.is_some() {
                path.push(keyword);
            }
        }
    }
}

fn known(keyword: &str) -> bool {
    !NEWER.contains(&keyword) && !UNSAFE.contains(&keyword)
}

/// A form of a value that 2.2.7 does not know (compat 02, 10).
fn newer_value(block: &str, text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let Some((keyword, values)) = words.split_first() else { return false };
    match (block, *keyword) {
        ("vrrp_script", "interval" | "timeout") => values.iter().any(|word| word.contains('.')),
        ("garp_group", "garp_interval" | "gna_interval") => values.contains(&"4294.967295"),
        (_, "use_vmac") => values.len() > 1,
        (_, "use_ipvlan") => values.iter().any(|word| ["name", "group"].contains(word)),
        ("global_defs", _) => values.iter().any(|word| word.starts_with(':')),
        ("static_rules" | "virtual_rules", "inet6") => true,
        (_, _) => false,
    }
}

/// A plain statement of the language: the preprocessor's part comes from `mutate`.
fn usable(piece: &Piece) -> bool {
    let plain = !piece.text.starts_with(['@', '~']) && !piece.text.contains(['$', '{', '}']);
    plain && !piece.text.is_empty() && known(piece.keyword()) && !piece.text.starts_with("include")
}

/// A line without its comment, and the mark in that.
fn split(line: &str) -> (&str, Mark) {
    let mut quoted = false;
    let mut escaped = false;
    let comment = line.find(|c: char| {
        let ends = matches!(c, '#' | '!') && !quoted && !escaped;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    let (code, comment) = line.split_at(comment.unwrap_or(line.len()));
    let mark = match comment.split_whitespace().nth(1) {
        Some("bad") => Mark::Bad,
        Some("boundary") => Mark::Boundary,
        Some(_) | None => Mark::Good,
    };
    (code.trim(), mark)
}
