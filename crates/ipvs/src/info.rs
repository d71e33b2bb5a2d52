//! What the kernel says about its IPVS as a whole.

use std::fmt;

use netlink_packet_core::DecodeError;

use crate::attribute::Attributes;
use crate::number::info as of;

/// General information about the kernel's IPVS (`IPVS_CMD_GET_INFO`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// The version's three numbers, as in 1.2.1.
    pub version: [u8; 3],
    /// How many rows the table of connections has.
    pub connection_table_size: u32,
}

/// Writes the version alone.
impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.version;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// Reads it out of the attributes of a message.
pub(crate) fn parse(top: &Attributes<'_>) -> Result<Option<Info>, DecodeError> {
    let [_, version @ ..] = top.u32(of::VERSION)?.to_be_bytes();
    Ok(Some(Info { version, connection_table_size: top.u32(of::CONN_TAB_SIZE)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_three_numbers_in_one() {
        let mut bytes = vec![8, 0, 1, 0];
        bytes.extend(0x0001_0201_u32.to_ne_bytes());
        bytes.extend([8, 0, 2, 0]);
        bytes.extend(4096_u32.to_ne_bytes());
        let info = parse(&Attributes::read(&bytes).unwrap()).unwrap().unwrap();
        assert_eq!((info.to_string().as_str(), info.connection_table_size), ("1.2.1", 4096));
        assert!(parse(&Attributes::read(&bytes[..8]).unwrap()).is_err());
    }
}
