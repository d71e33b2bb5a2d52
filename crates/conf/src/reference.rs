//! Lists every keyword with its help text: for manuals, for the proof that each has a golden, and
//! for advice about misplaced words.
//!
//! Which blocks there are, and where they stand, is said in `place`.

use crate::block::words::WordHelp;
use crate::block::{
    address, authentication, bfd_instance, checker, global, hmac, links, real_server, route, rule,
    statics, tls, track_file, track_process, virtual_server, vrrp_instance, vrrp_script,
    vrrp_sync_group,
};
use crate::keyword::{Effect, Keyword, Takes};

/// One keyword as a manual shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The block it stands in; empty at the top of a file.
    pub block: &'static str,
    /// The keyword.
    pub name: &'static str,
    /// What it is for.
    pub help: &'static str,
    /// Whether it does so.
    pub effect: Effect,
    /// What stands after it; `None` where its row does not say yet.
    pub takes: Option<Takes>,
}

/// Every keyword of every block.
#[must_use]
pub fn reference() -> Vec<Entry> {
    let mut all = entries("", crate::block::ROOT);
    for table in global::GLOBAL {
        all.extend(entries("global_defs", table));
    }
    all.extend(entries("vrrp_instance", vrrp_instance::INSTANCE));
    all.extend(entries("authentication", authentication::AUTHENTICATION));
    all.extend(entries("auth_hmac", hmac::AUTH_HMAC));
    all.extend(entries("vrrp_sync_group", vrrp_sync_group::SYNC_GROUP));
    all.extend(entries("vrrp_script", vrrp_script::SCRIPT));
    all.extend(entries("vrrp_track_process", track_process::TRACK_PROCESS));
    all.extend(entries("track_file", track_file::TRACK_FILE));
    all.extend(entries("track_group", statics::TRACK_GROUP));
    all.extend(entries("garp_group", links::GARP_GROUP));
    all.extend(entries("bfd_instance", bfd_instance::BFD_INSTANCE));
    all.extend(entries("SSL", tls::SSL));
    all.extend(entries("virtual_server", virtual_server::VIRTUAL_SERVER));
    all.extend(entries("real_server", real_server::REAL_SERVER));
    // What checks share is listed once, for the check that has nothing else.
    all.extend(entries("TCP_CHECK", checker::CONNECT));
    all.extend(entries("TCP_CHECK", checker::SCHEDULE));
    all.extend(entries("HTTP_GET", checker::WEB));
    all.extend(entries("url", checker::URL));
    all.extend(entries("url", checker::PATTERN));
    all.extend(entries("SMTP_CHECK", checker::SMTP));
    all.extend(entries("DNS_CHECK", checker::DNS));
    all.extend(entries("UDP_CHECK", checker::UDP));
    all.extend(entries("MISC_CHECK", checker::MISC));
    all.extend(entries("FILE_CHECK", checker::FILE));
    all.extend(entries("BFD_CHECK", checker::BFD));
    all
}

/// The options within the lines of a block of values, in the order of its table; none for others.
#[must_use]
pub fn words_of(block: &str) -> Vec<WordHelp> {
    match block {
        "virtual_ipaddress" => address::WORDS.to_vec(),
        "virtual_routes" => route::words().collect(),
        "virtual_rules" => rule::words().collect(),
        _ => Vec::new(),
    }
}

fn entries<D>(block: &'static str, table: &'static [Keyword<D>]) -> Vec<Entry> {
    let entry = |row: &Keyword<D>| Entry {
        block,
        name: row.name,
        help: row.help,
        effect: row.effect,
        takes: row.takes,
    };
    table.iter().map(entry).collect()
}

/// Words that keepalived knew once, or that only its forks know.
const GONE: [(&str, &str); 6] = [
    ("nb_get_retry", "write retry; only HTTP_GET and SSL_GET still know the old word"),
    ("nat_mask", "keepalived no longer has it and LVS-NAT needs no mask: remove the line"),
    ("lvs_id", "it is called router_id now"),
    ("laddr_group_name", "it belongs to full NAT, which is in no mainline kernel"),
    ("linkbeat_use_polling", "use linkbeat_interfaces"),
    ("state_file_location", "it is called state_dump_file"),
];

/// What to do about a word that this block does not know.
pub(crate) fn advice(word: &str) -> Option<String> {
    if let Some((_, advice)) = GONE.iter().find(|(name, _)| *name == word) {
        return Some((*advice).to_owned());
    }
    let blocks: Vec<&str> =
        reference().iter().filter(|entry| entry.name == word).map(|entry| entry.block).collect();
    match blocks.as_slice() {
        [] => None,
        ["", ..] => Some(format!("`{word}` stands at the top of a file, outside every block")),
        [block, ..] => Some(format!("`{word}` belongs into `{block}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_block_has_a_keyword_twice() {
        let mut seen = std::collections::HashSet::new();
        for entry in reference() {
            assert!(seen.insert((entry.block, entry.name)), "{} {}", entry.block, entry.name);
            assert!(!entry.help.is_empty());
        }
        assert!(seen.len() > 300);
        let later = |name| reference().iter().any(|e| e.name == name && e.effect == Effect::Later);
        assert!(later("enable_dbus") && !later("TCP_CHECK"));
    }

    #[test]
    fn a_misplaced_word_is_sent_home() {
        assert_eq!(
            advice("connect_port").as_deref(),
            Some("`connect_port` belongs into `TCP_CHECK`")
        );
        assert!(advice("nat_mask").is_some_and(|advice| advice.contains("remove")));
        assert_eq!(advice("nonsense"), None);
    }
}
