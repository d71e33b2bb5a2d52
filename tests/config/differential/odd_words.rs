//! Every statement of the cases with words that nobody means, each in a file of its own: without its
//! last word, without any, with a number out of place, with too many.
//!
//! What has random files around it is in `generate`; here a single line is odd and nothing hides it.

use std::collections::BTreeSet;

use crate::generate::Pieces;

/// What may stand in the place of the last word.
const WORDS: [&str; 7] = ["zz", "\"\"", "-1", "0", "1.5", "4294967296", "99999999999999999999"];

/// An instance that nothing is wrong with: without one 2.2.7 looks at little.
pub(super) const INSTANCE: &str = "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 1\n\
                                   virtual_ipaddress {\n192.0.2.1\n}\n}\n";

/// All of them, always in the same order.
pub(super) fn all(pieces: &Pieces) -> Vec<String> {
    let mut all = Vec::new();
    for (path, pieces) in pieces.all() {
        let path: Vec<&str> = path.split('/').filter(|block| !block.is_empty()).collect();
        let mut lines = BTreeSet::new();
        for piece in pieces.iter().filter(|piece| !piece.opens) {
            lines.extend(variants(&piece.text));
        }
        all.extend(lines.iter().map(|line| file(&path, line)));
    }
    all
}

/// The line with each of the words.
fn variants(line: &str) -> Vec<String> {
    let (before, _) = line.rsplit_once(' ').unwrap_or((line, ""));
    let keyword = line.split_whitespace().next().unwrap_or_default();
    let mut variants = vec![keyword.to_owned(), before.to_owned(), format!("{line} zz")];
    variants.extend(WORDS.iter().map(|word| format!("{before} {word}")));
    variants
}

/// A file that is well but for one line, which comes first in its block.
fn file(path: &[&str], line: &str) -> String {
    let mut text = String::from(
        "global_defs {\nscript_user root\nenable_script_security\n}\nvrrp_script chk0 {\nscript \
         /bin/true\n}\n",
    );
    for block in path {
        text += &format!("{}{{\n", header(block));
    }
    text += &format!("{line}\n");
    for block in path.iter().rev() {
        text += &format!("{}}}\n", needed(block));
    }
    if path.first() != Some(&"vrrp_instance") {
        text += INSTANCE;
    }
    text
}

fn header(block: &str) -> String {
    let name = match block {
        "vrrp_instance" => "VI_1 ",
        "virtual_server" => "192.0.2.1 80 ",
        "real_server" => "198.51.100.1 80 ",
        "vrrp_sync_group"
        | "virtual_server_group"
        | "track_group"
        | "vrrp_script"
        | "vrrp_track_process"
        | "track_file"
        | "vrrp_track_file"
        | "bfd_instance" => "N ",
        _ => "",
    };
    format!("{block} {name}")
}

/// What the block needs besides.
fn needed(block: &str) -> &'static str {
    match block {
        "vrrp_instance" => {
            "interface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.1\n}\n"
        }
        "virtual_server" => "protocol TCP\nlb_algo rr\nlb_kind NAT\n",
        "real_server" => "weight 1\n",
        "vrrp_script" => "script /bin/true\n",
        "vrrp_track_process" => "process true\n",
        "track_file" | "vrrp_track_file" => "file /tmp/x\n",
        "bfd_instance" => "neighbor_ip 192.0.2.7\n",
        "HTTP_GET" | "SSL_GET" => "url {\npath /\n}\n",
        "url" => "path /\n",
        "MISC_CHECK" => "misc_path /bin/true\n",
        "DNS_CHECK" => "name example.com\n",
        _ => "",
    }
}
