//! The counters of the instances as text (compat 11 §18.2): monitoring reads it line by line.

use std::fmt::Write as _;

use vrrp::{Snapshot, Stats};

/// The whole file.
pub(super) fn text(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    for instance in &snapshot.instances {
        // Writing into a string cannot fail.
        let _ = write(&mut text, instance.config.name.as_str(), &instance.stats);
    }
    text
}

fn write(text: &mut String, name: &str, stats: &Stats) -> std::fmt::Result {
    writeln!(text, "VRRP Instance: {name}")?;
    writeln!(text, "  Advertisements:")?;
    writeln!(text, "    Received: {}", stats.advert_rcvd)?;
    writeln!(text, "    Sent: {}", stats.advert_sent)?;
    writeln!(text, "  Became master: {}", stats.become_master)?;
    writeln!(text, "  Released master: {}", stats.release_master)?;
    writeln!(text, "  Packet Errors:")?;
    writeln!(text, "    Length: {}", stats.packet_len_err)?;
    writeln!(text, "    TTL: {}", stats.ip_ttl_err)?;
    writeln!(text, "    Invalid Type: {}", stats.invalid_type_rcvd)?;
    writeln!(text, "    Advertisement Interval: {}", stats.advert_interval_err)?;
    writeln!(text, "    Address List: {}", stats.addr_list_err)?;
    writeln!(text, "  Authentication Errors:")?;
    writeln!(text, "    Invalid Type: {}", stats.invalid_authtype)?;
    writeln!(text, "    Type Mismatch: {}", stats.authtype_mismatch)?;
    writeln!(text, "    Failure: {}", stats.auth_failure)?;
    writeln!(text, "  Authentication Extension Errors:")?;
    writeln!(text, "    Missing: {}", stats.auth_ext_missing)?;
    writeln!(text, "    Malformed: {}", stats.auth_ext_malformed)?;
    writeln!(text, "    Unknown Key: {}", stats.auth_ext_unknown_key)?;
    writeln!(text, "    Invalid HMAC: {}", stats.auth_ext_invalid_hmac)?;
    writeln!(text, "    Stale: {}", stats.auth_ext_stale)?;
    writeln!(text, "    Replay: {}", stats.auth_ext_replay)?;
    writeln!(text, "  Priority Zero:")?;
    writeln!(text, "    Received: {}", stats.pri_zero_rcvd)?;
    writeln!(text, "    Sent: {}", stats.pri_zero_sent)
}
