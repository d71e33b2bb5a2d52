//! The connection synchronisation of IPVS: one daemon of the kernel that sends, one that receives.
//!
//! Decides how a daemon is put to the kernel. Which of them shall run is decided elsewhere.

use std::net::IpAddr;

use netlink_packet_core::DecodeError;

use crate::attribute::Attributes;
use crate::number::{daemon as of, top};
use crate::writer::Writer;

/// Which way connections go. The kernel runs at most one daemon of each in a network namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// It sends (`IP_VS_STATE_MASTER`).
    Master,
    /// It receives (`IP_VS_STATE_BACKUP`).
    Backup,
}

impl Direction {
    const fn number(self) -> u32 {
        match self {
            Self::Master => of::MASTER,
            Self::Backup => of::BACKUP,
        }
    }
}

/// One daemon of the kernel; what is `None` is the kernel's default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncDaemon {
    /// Which way it works.
    pub direction: Direction,
    /// The name of its interface.
    pub link: String,
    /// Whose connections it takes: daemons of one number belong together.
    pub id: u8,
    /// The longest message in bytes.
    pub max_length: Option<u16>,
    /// The UDP port.
    pub port: Option<u16>,
    /// The TTL of its multicast.
    pub ttl: Option<u8>,
    /// The multicast group.
    pub group: Option<IpAddr>,
}

/// Writes what starts a daemon.
pub(crate) fn write(writer: &mut Writer<'_>, daemon: &SyncDaemon) {
    writer.nested(top::DAEMON, |writer| {
        writer.u32(of::STATE, daemon.direction.number());
        writer.text(of::MCAST_IFN, &daemon.link);
        writer.u32(of::SYNC_ID, daemon.id.into());
        if let Some(length) = daemon.max_length {
            writer.u16(of::SYNC_MAXLEN, length);
        }
        match daemon.group {
            Some(IpAddr::V4(group)) => writer.bytes(of::MCAST_GROUP, &group.octets()),
            Some(IpAddr::V6(group)) => writer.bytes(of::MCAST_GROUP6, &group.octets()),
            None => {}
        }
        if let Some(port) = daemon.port {
            writer.u16(of::MCAST_PORT, port);
        }
        if let Some(ttl) = daemon.ttl {
            writer.u8(of::MCAST_TTL, ttl);
        }
    });
}

/// Writes what stops a daemon.
pub(crate) fn write_stop(writer: &mut Writer<'_>, direction: Direction, id: u8) {
    writer.nested(top::DAEMON, |writer| {
        writer.u32(of::STATE, direction.number());
        writer.u32(of::SYNC_ID, id.into());
    });
}

/// Reads which daemon runs, and its number, out of the attributes of a message.
pub(crate) fn parse(top: &Attributes<'_>) -> Result<Option<(Direction, u8)>, DecodeError> {
    let found = top.nested(top::DAEMON)?;
    let direction = match found.u32(of::STATE)? {
        of::MASTER => Direction::Master,
        of::BACKUP => Direction::Backup,
        _ => return Ok(None),
    };
    let id = u8::try_from(found.u32(of::SYNC_ID)?).ok();
    Ok(id.map(|id| (direction, id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::writer::Header;

    fn attributes(body: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
        let mut bytes = Vec::new();
        Writer::message(&mut bytes, Header { family: 1, flags: 0, sequence: 0, command: 0 }, body);
        bytes.split_off(20)
    }

    #[test]
    fn what_is_written_can_be_read() {
        let daemon = SyncDaemon {
            direction: Direction::Backup,
            link: "eth0".into(),
            id: 51,
            max_length: Some(1400),
            port: None,
            ttl: Some(3),
            group: Some([224, 0, 0, 90].into()),
        };
        let bytes = attributes(|writer| write(writer, &daemon));
        let top = Attributes::read(&bytes).unwrap();
        assert_eq!(parse(&top).unwrap(), Some((Direction::Backup, 51)));
        let inside = top.nested(top::DAEMON).unwrap();
        assert_eq!(inside.text(of::MCAST_IFN), Some("eth0"));
        assert_eq!(inside.u16(of::SYNC_MAXLEN).unwrap(), 1400);
        assert_eq!(inside.find(of::MCAST_GROUP), Some(&[224, 0, 0, 90][..]));
        assert_eq!(inside.u8(of::MCAST_TTL).unwrap(), 3);
        assert!(inside.find(of::MCAST_PORT).is_none() && inside.find(of::MCAST_GROUP6).is_none());
        let other = SyncDaemon { port: Some(8850), ttl: None, ..daemon };
        let bytes = attributes(|writer| write(writer, &other));
        let inside = Attributes::read(&bytes).unwrap().nested(top::DAEMON).unwrap();
        assert_eq!(inside.u16(of::MCAST_PORT).unwrap(), 8850);
        assert!(inside.find(of::MCAST_TTL).is_none());
    }
}
