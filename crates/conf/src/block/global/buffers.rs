//! Rows of `global_defs`: receive buffers of sockets.

use super::Row;
use super::value::{self as read, set_boolean};
use crate::block::RootDraft;
use crate::globals::{BufferPolicy, ReceiveBuffer};
use crate::line::Line;
use crate::reader::Word;

/// Receive buffers.
pub(super) static BUFFERS: &[Row] = &[
    Row::now("vrrp_netlink_cmd_rcv_bufs", "receive buffer for commands", |root, line| {
        size(&mut root.globals.buffers.vrrp_commands, line)
    })
    .takes("BYTES", "1-4294967295", "as the kernel has it"),
    Row::now("vrrp_netlink_cmd_rcv_bufs_force", "exceeds the system's limit", |root, line| {
        set_boolean(&mut root.globals.buffers.vrrp_commands.force, line)
    })
    .takes("[on|off]", "", "off"),
    Row::now("vrrp_netlink_monitor_rcv_bufs", "receive buffer for events", |root, line| {
        size(&mut root.globals.buffers.vrrp_monitor, line)
    })
    .takes("BYTES", "1-4294967295", "as the kernel has it"),
    Row::now("vrrp_netlink_monitor_rcv_bufs_force", "exceeds the limit", |root, line| {
        set_boolean(&mut root.globals.buffers.vrrp_monitor.force, line)
    })
    .takes("[on|off]", "", "off"),
    Row::now("process_monitor_rcv_bufs", "receive buffer for process events", |root, line| {
        size(&mut root.globals.buffers.process_monitor, line)
    })
    .takes("BYTES", "1-4294967295", "as the kernel has it"),
    Row::now("process_monitor_rcv_bufs_force", "exceeds the system's limit", |root, line| {
        set_boolean(&mut root.globals.buffers.process_monitor.force, line)
    })
    .takes("[on|off]", "", "off"),
    Row::now("lvs_netlink_cmd_rcv_bufs", "the checkers' buffer for commands", |root, line| {
        size(&mut root.globals.buffers.lvs_commands, line)
    })
    .takes("BYTES", "1-4294967295", "as the kernel has it"),
    Row::now("lvs_netlink_cmd_rcv_bufs_force", "exceeds the system's limit", |root, line| {
        set_boolean(&mut root.globals.buffers.lvs_commands.force, line)
    })
    .takes("[on|off]", "", "off"),
    Row::now("lvs_netlink_monitor_rcv_bufs", "the checkers' buffer for events", |root, line| {
        size(&mut root.globals.buffers.lvs_monitor, line)
    })
    .takes("BYTES", "1-4294967295", "as the kernel has it"),
    Row::now("lvs_netlink_monitor_rcv_bufs_force", "exceeds the limit", |root, line| {
        set_boolean(&mut root.globals.buffers.lvs_monitor.force, line)
    })
    .takes("[on|off]", "", "off"),
    Row::now("vrrp_rx_bufs_policy", "size of VRRP receive buffers", policy).takes(
        "MTU|ADVERT|BYTES",
        "bytes 0-4294967295",
        "as the system has it",
    ),
    Row::now("vrrp_rx_bufs_multiplier", "factor of that size", |root, line| {
        let word = (line.len() == 2).then(|| line.word(1)).flatten();
        let Some(word) = word else {
            line.error("Invalid vrrp_rx_bufs_multiplier");
            return None;
        };
        let complaint = |keyword: &str, value: &str| format!("Invalid {keyword} {value}");
        root.globals.buffers.vrrp.multiplier =
            read::checked(line, &word, 1..=4_294_967_295, complaint)?;
        Some(())
    })
    .takes("FACTOR", "1-4294967295", "3"),
];

/// The size of a buffer; 0 is the kernel's own.
fn size(buffer: &mut ReceiveBuffer, line: &mut Line<'_, '_>) -> Option<()> {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let word = line.given(1, &format!("{keyword} size missing"))?;
    let bytes: u32 = read::checked(line, &word, 0..=4_294_967_295, |keyword, value| {
        format!("{keyword} size ({value}) invalid")
    })?;
    buffer.bytes = (bytes > 0).then_some(bytes);
    Some(())
}

/// keepalived takes a number from the first word wherever it stands; here every word counts.
fn policy(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    line.given(1, "vrrp_rx_bufs_policy missing")?;
    let place = &mut root.globals.buffers.vrrp.policy;
    for word in line.statement.words.clone().into_iter().skip(1) {
        let policy = if word.text.eq_ignore_ascii_case("MTU") {
            BufferPolicy::Mtu
        } else if word.text.eq_ignore_ascii_case("ADVERT") {
            BufferPolicy::Advert
        } else {
            BufferPolicy::Bytes(bytes(line, &word)?)
        };
        let (policy, message) = match (*place, policy) {
            (Some(BufferPolicy::Bytes(bytes)), BufferPolicy::Mtu | BufferPolicy::Advert) => {
                (BufferPolicy::Bytes(bytes), Some(BOTH))
            }
            (Some(BufferPolicy::Mtu | BufferPolicy::Advert), BufferPolicy::Bytes(bytes)) => {
                (BufferPolicy::Bytes(bytes), Some(BOTH))
            }
            (Some(BufferPolicy::Mtu), BufferPolicy::Advert)
            | (Some(BufferPolicy::Advert), BufferPolicy::Mtu) => {
                (BufferPolicy::Mtu, Some(POLICIES))
            }
            (_, policy) => (policy, None),
        };
        *place = Some(policy);
        if let Some(message) = message {
            line.error_at(&word, message);
        }
    }
    Some(())
}

fn bytes(line: &mut Line<'_, '_>, word: &Word) -> Option<u32> {
    let bytes = line.number(word, 0..=4_294_967_295);
    if bytes.is_none() {
        let message = format!("Invalid vrrp_rx_bufs_policy {}", word.text);
        read::wrong(line, word, message, "write MTU, ADVERT or a number of bytes");
    }
    bytes
}

const BOTH: &str = "Cannot set vrrp_rx_bufs_policy size and policy, ignoring policy";

const POLICIES: &str = "Cannot set both vrrp_rx_bufs_policy MTU and ADVERT, ignoring ADVERT";
