//! What the kernel counts of services and of destinations.
//!
//! Decides how its counters are read: the wide ones where there are such, those of 32 bits, which
//! wrap, on kernels before 4.1. What is made of them is decided elsewhere.

use std::iter::Sum;
use std::ops::Add;

use netlink_packet_core::DecodeError;

use crate::attribute::Attributes;
use crate::number::statistics as of;

/// Something of the kernel's table, and what the kernel has counted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted<T> {
    /// The service or the destination.
    pub of: T,
    /// What went through it.
    pub traffic: Traffic,
    /// Who is connected to it now; nothing for a service, which has no such counters.
    pub load: Load,
}

/// What went through a service or a destination since it was made, or since somebody cleared it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// All of it.
    pub total: Counts,
    /// The kernel's estimate of what goes through in a second.
    pub per_second: Counts,
}

/// One set of counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that were scheduled.
    pub connections: u64,
    /// Packets to the servers.
    pub packets_in: u64,
    /// Packets from the servers, as far as they come by here.
    pub packets_out: u64,
    /// Bytes to the servers.
    pub bytes_in: u64,
    /// Bytes from the servers, as far as they come by here.
    pub bytes_out: u64,
}

/// Connections of a destination at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Those that are open.
    pub active: u32,
    /// Those that are closing, and all of UDP.
    pub inactive: u32,
    /// Clients that keep the destination.
    pub persistent: u32,
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            connections: self.connections.saturating_add(other.connections),
            packets_in: self.packets_in.saturating_add(other.packets_in),
            packets_out: self.packets_out.saturating_add(other.packets_out),
            bytes_in: self.bytes_in.saturating_add(other.bytes_in),
            bytes_out: self.bytes_out.saturating_add(other.bytes_out),
        }
    }
}

impl Add for Traffic {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let per_second = self.per_second + other.per_second;
        Self { total: self.total + other.total, per_second }
    }
}

impl Sum for Traffic {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

impl Add for Load {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            active: self.active.saturating_add(other.active),
            inactive: self.inactive.saturating_add(other.inactive),
            persistent: self.persistent.saturating_add(other.persistent),
        }
    }
}

impl Sum for Load {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// Reads the counters of a service or a destination, whose attributes these are.
pub(crate) fn parse(found: &Attributes<'_>, numbers: (u16, u16)) -> Result<Traffic, DecodeError> {
    let (narrow, wide) = numbers;
    let is_wide = found.find(wide).is_some();
    let counters = found.nested(if is_wide { wide } else { narrow })?;
    let number = |kind: u16| {
        // Bytes are wide everywhere.
        if is_wide || matches!(kind, of::BYTES_IN | of::BYTES_OUT) {
            counters.u64(kind)
        } else {
            counters.u32(kind).map(u64::from)
        }
    };
    Ok(Traffic {
        total: Counts {
            connections: number(of::CONNECTIONS)?,
            packets_in: number(of::PACKETS_IN)?,
            packets_out: number(of::PACKETS_OUT)?,
            bytes_in: number(of::BYTES_IN)?,
            bytes_out: number(of::BYTES_OUT)?,
        },
        per_second: Counts {
            connections: number(of::CONNECTION_RATE)?,
            packets_in: number(of::PACKET_RATE_IN)?,
            packets_out: number(of::PACKET_RATE_OUT)?,
            bytes_in: number(of::BYTE_RATE_IN)?,
            bytes_out: number(of::BYTE_RATE_OUT)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attributes 1 to 10 with these lengths, each of which holds its own number.
    fn counters(length: impl Fn(u16) -> usize) -> Vec<u8> {
        let mut all = Vec::new();
        for kind in 1..=10_u16 {
            let value = &u64::from(kind).to_le_bytes()[..length(kind)];
            all.extend(u16::try_from(4 + value.len()).unwrap().to_ne_bytes());
            all.extend(kind.to_ne_bytes());
            all.extend(value);
        }
        all
    }

    fn inside(kind: u16, bytes: &[u8]) -> Vec<u8> {
        let length = u16::try_from(4 + bytes.len()).unwrap();
        [length.to_ne_bytes().to_vec(), kind.to_ne_bytes().to_vec(), bytes.to_vec()].concat()
    }

    #[test]
    fn wide_counters_count_and_narrow_ones_where_there_are_no_others() {
        let narrow = inside(10, &counters(|kind| if matches!(kind, 4 | 5) { 8 } else { 4 }));
        let wide = inside(12, &counters(|_| 8));
        let expected = Traffic {
            total: Counts {
                connections: 1,
                packets_in: 2,
                packets_out: 3,
                bytes_in: 4,
                bytes_out: 5,
            },
            per_second: Counts {
                connections: 6,
                packets_in: 7,
                packets_out: 8,
                bytes_in: 9,
                bytes_out: 10,
            },
        };
        let read = |bytes: &[u8]| parse(&Attributes::read(bytes).unwrap(), (10, 12));
        // What is narrow says the same in the order of this machine only.
        if cfg!(target_endian = "little") {
            assert_eq!(read(&narrow).unwrap(), expected);
        }
        assert_eq!(read(&wide).unwrap(), expected);
        assert_eq!(read(&[narrow, wide].concat()).unwrap(), expected);
        assert!(read(&[]).is_err());
    }

    #[test]
    fn sums_stop_at_the_top() {
        let most = Counts { connections: u64::MAX, ..Counts::default() };
        let one = Counts { connections: 1, packets_in: 2, ..Counts::default() };
        assert_eq!(
            most + one,
            Counts { connections: u64::MAX, packets_in: 2, ..Counts::default() }
        );
    }
}
