//! The blocks of the language as a manual lists them: where each may stand, what else opens it,
//! and whose rows it shares.
//!
//! What stands in a block is said by its rows; `reference` brings both together.

use crate::reference::Entry;

/// A block of keywords, or of lines that are made of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The keyword that opens it; empty for the top of a file.
    pub name: &'static str,
    /// Other keywords that open a block of the same rows.
    pub aliases: &'static [&'static str],
    /// The blocks that it stands in.
    pub within: &'static [&'static str],
    /// The rows that it has from another block.
    pub shares: Option<Shares>,
    /// A block of values: its rows are words that stand within a line, not in front of it.
    pub of_values: bool,
}

/// Rows that a block has from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// The block that lists them.
    pub block: &'static str,
    /// Their keywords; `None` for all.
    pub only: Option<&'static [&'static str]>,
}

impl Shares {
    /// Whether this keyword is among them.
    #[must_use]
    pub fn takes(&self, keyword: &str) -> bool {
        self.only.is_none_or(|only| only.contains(&keyword))
    }
}

impl Block {
    /// The block that a keyword opens inside another one; `None` when it opens none with rows.
    #[must_use]
    pub fn opened(within: &str, keyword: &str) -> Option<&'static Self> {
        let opens =
            |block: &Self| block.within.contains(&within) && block.names().any(|n| n == keyword);
        BLOCKS.iter().find(|block| opens(block))
    }

    /// The row of a keyword in it, which may be one that it shares.
    #[must_use]
    pub fn row(&self, entries: &[Entry], keyword: &str) -> Option<Entry> {
        let of = |block: &str| {
            entries.iter().find(|entry| entry.block == block && entry.name == keyword).copied()
        };
        of(self.name).or_else(|| {
            let shares = self.shares?;
            shares.takes(keyword).then(|| of(shares.block)).flatten()
        })
    }

    /// Every keyword that opens it.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    const fn of(name: &'static str, within: &'static [&'static str]) -> Self {
        Self { name, aliases: &[], within, shares: None, of_values: false }
    }

    const fn values(name: &'static str, within: &'static [&'static str]) -> Self {
        Self { of_values: true, ..Self::of(name, within) }
    }

    const fn also(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    const fn sharing(self, block: &'static str, only: Option<&'static [&'static str]>) -> Self {
        Self { shares: Some(Shares { block, only }), ..self }
    }
}

const TOP: &[&str] = &[""];
const INSTANCE: &[&str] = &["vrrp_instance"];
const REAL_SERVER: &[&str] = &["real_server"];

/// What every check has that is repeated.
const SCHEDULE: &[&str] =
    &["retry", "delay_before_retry", "warmup", "delay_loop", "alpha", "log_all_failures"];
/// What says where a check connects to.
const CONNECT: &[&str] =
    &["connect_ip", "connect_port", "bindto", "bind_port", "bind_if", "connect_timeout", "fwmark"];

/// Every block, the top of a file first.
pub static BLOCKS: &[Block] = &[
    Block::of("", &[]),
    Block::of("global_defs", TOP),
    Block::of("vrrp_instance", TOP),
    Block::of("authentication", INSTANCE),
    Block::of("auth_hmac", INSTANCE),
    Block::values("virtual_ipaddress", INSTANCE).also(&["virtual_ipaddress_excluded"]),
    Block::values("virtual_routes", INSTANCE),
    Block::values("virtual_rules", INSTANCE),
    Block::values("static_ipaddress", TOP).sharing("virtual_ipaddress", None),
    Block::values("static_routes", TOP).sharing("virtual_routes", None),
    Block::values("static_rules", TOP).sharing("virtual_rules", None),
    Block::of("vrrp_sync_group", TOP),
    Block::of("vrrp_script", TOP),
    Block::of("vrrp_track_process", TOP),
    Block::of("track_file", TOP).also(&["vrrp_track_file"]),
    Block::of("track_group", TOP),
    Block::of("garp_group", TOP),
    Block::of("bfd_instance", TOP),
    Block::of("SSL", TOP),
    Block::of("virtual_server", TOP),
    Block::of("real_server", &["virtual_server"]),
    Block::of("TCP_CHECK", REAL_SERVER).also(&["PING_CHECK"]),
    Block::of("HTTP_GET", REAL_SERVER).also(&["SSL_GET"]).sharing("TCP_CHECK", None),
    Block::of("url", &["HTTP_GET"]),
    Block::of("SMTP_CHECK", REAL_SERVER).sharing("TCP_CHECK", None),
    Block::of("host", &["SMTP_CHECK"]).sharing("TCP_CHECK", Some(CONNECT)),
    Block::of("DNS_CHECK", REAL_SERVER).sharing("TCP_CHECK", None),
    Block::of("UDP_CHECK", REAL_SERVER).sharing("TCP_CHECK", None),
    Block::of("MISC_CHECK", REAL_SERVER).sharing("TCP_CHECK", Some(SCHEDULE)),
    Block::of("FILE_CHECK", REAL_SERVER),
    Block::of("BFD_CHECK", REAL_SERVER),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::reference;

    #[test]
    fn every_block_is_opened_by_a_keyword_of_the_block_around_it() {
        let entries = reference();
        for block in BLOCKS {
            for within in block.within {
                let around = BLOCKS.iter().find(|other| other.name == *within).unwrap();
                for name in block.names() {
                    assert!(around.row(&entries, name).is_some(), "{within} {name}");
                }
            }
        }
        for entry in &entries {
            assert!(BLOCKS.iter().any(|block| block.name == entry.block), "{}", entry.block);
        }
    }

    #[test]
    fn what_is_shared_exists() {
        let entries = reference();
        let tcp = Block::opened("real_server", "PING_CHECK").unwrap();
        assert_eq!(tcp.name, "TCP_CHECK");
        for keyword in SCHEDULE.iter().chain(CONNECT) {
            assert!(tcp.row(&entries, keyword).is_some(), "{keyword}");
        }
    }
}
