//! Where ours judges a published file otherwise than keepalived 2.2.7, and why.

use std::ops::RangeInclusive;

/// One difference, or several in one file that have one reason.
#[derive(Debug)]
pub(super) struct Excuse {
    /// The number of the file.
    pub(super) file: u16,
    /// What differs.
    pub(super) what: &'static [What],
    /// Why.
    pub(super) why: &'static str,
}

/// What may differ.
#[derive(Debug)]
pub(super) enum What {
    /// The exit status.
    Status,
    /// Ours complains about lines.
    OnlyOurs(RangeInclusive<usize>),
    /// The original complains about lines.
    OnlyOriginal(RangeInclusive<usize>),
}
use What::{OnlyOriginal, OnlyOurs, Status};

/// A mail server's name is resolved when a mail is sent: a name server that is away must not
/// change what a file means. The machine of the corpus had none.
const MAIL_SERVER: &str = "the name of a mail server is not looked up by the reader";

/// At most fifteen.
pub(super) static EXCUSES: &[Excuse] = &[
    Excuse { file: 13, what: &[Status, OnlyOriginal(9..=9)], why: MAIL_SERVER },
    Excuse {
        file: 25,
        what: &[OnlyOriginal(31..=31)],
        why: "since 2.3 a route needs no interface to be tracked",
    },
    Excuse {
        file: 36,
        what: &[OnlyOurs(41..=41)],
        why: "2.2.7 keeps root as the default account, since a script stands above \
              enable_script_security",
    },
    Excuse {
        file: 37,
        what: &[OnlyOriginal(12..=12)],
        why: "Debian's build does not know vrrp_ipsets",
    },
    Excuse {
        file: 40,
        what: &[Status, OnlyOurs(65..=309)],
        why: "2.2.7 reads only the global part when the network namespace does not exist, and \
              forgets what it found there; ours reads on",
    },
    Excuse { file: 47, what: &[OnlyOriginal(8..=8)], why: MAIL_SERVER },
    Excuse {
        file: 54,
        what: &[OnlyOriginal(7..=7), OnlyOriginal(138..=324)],
        why: "a mail server's name; and the processes of 2.2.7 that do not use a block without \
              its `{` read what is in it as if it stood at the top",
    },
    Excuse { file: 55, what: &[OnlyOriginal(23..=23)], why: MAIL_SERVER },
    Excuse {
        file: 57,
        what: &[
            OnlyOriginal(10..=10),
            OnlyOurs(19..=19),
            OnlyOriginal(37..=37),
            OnlyOurs(64..=64),
            OnlyOurs(87..=87),
        ],
        why: "a mail server's name; the head of bfd_instance; and the VRRP process of 2.2.7 does \
              not see that a session has no neighbour",
    },
    Excuse { file: 70, what: &[OnlyOriginal(25..=25)], why: "a mail server's name" },
];
