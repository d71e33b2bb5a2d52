//! The table of what both ends of a session go by, line by line: keepalived's (compat 22 §9).

use std::fmt;
use std::time::Duration;

use crate::timing::{Remote, Timing};
use crate::units::Interval;

/// One line of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// What the table is.
    Title,
    /// What stands in its columns.
    Columns,
    /// Our end.
    Local(Row),
    /// The other end.
    Remote(Row),
}

/// What one end goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// How fast it wishes to send.
    pub min_tx: Interval,
    /// How fast it may be sent to.
    pub min_rx: Interval,
    /// How often it sends.
    pub sends_every: Duration,
    /// So many packets of it may be lost.
    pub multiplier: u8,
    /// After how much silence it calls its neighbour dead.
    pub detection: Duration,
}

/// Our row, and the other end's.
pub(crate) fn rows(timing: &Timing, remote: &Remote, multiplier: u8) -> [Row; 2] {
    let (ours, theirs) = (timing.interval(remote), timing.hears_every(remote));
    let local = Row {
        min_tx: timing.announced.tx,
        min_rx: timing.announced.rx,
        sends_every: ours,
        multiplier,
        detection: timing.detection(remote),
    };
    let remote = Row {
        min_tx: remote.min_tx,
        min_rx: remote.min_rx,
        sends_every: theirs,
        multiplier: remote.multiplier,
        detection: ours * u32::from(multiplier),
    };
    [local, remote]
}

impl Line {
    pub(crate) const fn is_title(self) -> bool {
        match self {
            Self::Title => true,
            Self::Columns | Self::Local(_) | Self::Remote(_) => false,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (end, row) = match self {
            Self::Title => {
                return f.write_str("---------------< Session parameters >--------------");
            }
            Self::Columns => {
                return f.write_str("              min_tx  min_rx  tx_intv  mult  detect_time");
            }
            Self::Local(row) => ("local", row),
            Self::Remote(row) => ("remote", row),
        };
        let Row { min_tx, min_rx, sends_every, multiplier, detection } = row;
        let (tx, rx) = (min_tx.micros(), min_rx.micros());
        let (every, silent) = (sends_every.as_micros(), detection.as_micros());
        write!(f, "     {end:<6} {tx:>8} {rx:>7} {every:>8} {multiplier:>5} {silent:>12}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second line is one of Debian's 2.2.7.
    #[test]
    fn a_row_stands_below_its_columns() {
        let row = Row {
            min_tx: Interval::from_micros(1_000_000),
            min_rx: Interval::from_micros(200_000),
            sends_every: Duration::from_secs(1),
            multiplier: 4,
            detection: Duration::from_secs(5),
        };
        let text =
            [Line::Columns, Line::Local(row), Line::Remote(row)].map(|line| line.to_string());
        assert_eq!(
            text,
            [
                "              min_tx  min_rx  tx_intv  mult  detect_time",
                "     local   1000000  200000  1000000     4      5000000",
                "     remote  1000000  200000  1000000     4      5000000",
            ]
        );
    }
}
