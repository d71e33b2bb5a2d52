//! What a guest wrote on its console, and what that says about the test in it.
//! Knows the lines by which the two sides understand each other.

use std::fmt::{Display, Formatter};
use std::time::Duration;

/// Written by `init.sh` when the guest is ready for the test; what is before it, the kernel wrote.
const READY: &str = "guest: ready";
/// Written by the body of a test before it begins.
pub(super) const BEGINS: &str = "guest: the body begins";
/// Written by the last script of a guest, with the exit status of the test binary.
pub(super) const ENDED: &str = "guest: the test ended with status ";

/// All that a guest wrote.
pub(super) struct Transcript {
    text: String,
    /// The limit, when the guest had to be killed.
    killed_after: Option<Duration>,
}

/// Why a test in a guest did not pass.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It did not end in time, and the guest was killed.
    Hung(Duration),
    /// The guest never got as far as the test.
    NotReady,
    /// The guest ended without saying how the test did.
    Vanished,
    /// The test binary does not know a test of this name.
    NotFound,
    /// The test failed.
    Failed(String),
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hung(limit) => write!(f, "no end within {limit:?}; it was killed"),
            Self::NotReady => f.write_str("it did not boot (nothing is skipped)"),
            Self::Vanished => f.write_str("it ended, and nobody knows how the test did"),
            Self::NotFound => f.write_str("the test binary did not run the body in it"),
            Self::Failed(status) => write!(f, "the test failed in it, exit status {status}"),
        }
    }
}

impl Transcript {
    /// Takes a console's output as it is.
    pub(super) fn new(console: &str, killed_after: Option<Duration>) -> Self {
        Self { text: console.replace('\r', ""), killed_after }
    }

    /// Whether the test passed.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        if let Some(limit) = self.killed_after {
            return Err(Failure::Hung(limit));
        }
        if !self.has_line(READY) {
            return Err(Failure::NotReady);
        }
        match self.status() {
            None => Err(Failure::Vanished),
            Some("0") if self.has_line(BEGINS) => Ok(()),
            Some("0") => Err(Failure::NotFound),
            Some(status) => Err(Failure::Failed(status.to_owned())),
        }
    }

    /// What the test wrote; all of it when the guest did not get that far.
    pub(super) fn text(&self) -> &str {
        self.text.split_once(&format!("{READY}\n")).map_or(&self.text, |(_, after)| after)
    }

    /// The harness writes the name of a test and no end of line before it lets the test write.
    fn has_line(&self, wanted: &str) -> bool {
        self.text.lines().any(|line| line.ends_with(wanted))
    }

    fn status(&self) -> Option<&str> {
        self.text.lines().rev().find_map(|line| line.strip_prefix(ENDED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(console: &str) -> Result<(), Failure> {
        Transcript::new(console, None).verdict()
    }

    #[test]
    fn only_a_test_that_began_and_ended_well_has_passed() {
        assert_eq!(verdict(&format!("{READY}\r\n{BEGINS}\r\n{ENDED}0\r\n")), Ok(()));
        assert_eq!(verdict(&format!("{READY}\n{ENDED}0\n")), Err(Failure::NotFound));
        assert_eq!(verdict(&format!("{READY}\n{BEGINS}\n")), Err(Failure::Vanished));
        assert_eq!(verdict("Kernel panic"), Err(Failure::NotReady));
        let failed = format!("{READY}\n{BEGINS}\n{ENDED}101\n");
        assert_eq!(verdict(&failed), Err(Failure::Failed("101".to_owned())));
        let hung = Transcript::new(&failed, Some(Duration::from_secs(1)));
        assert_eq!(hung.verdict(), Err(Failure::Hung(Duration::from_secs(1))));
    }

    #[test]
    fn the_text_begins_where_the_kernel_has_finished() {
        let transcript = Transcript::new(&format!("noise\r\n{READY}\r\nwords\r\n"), None);
        assert_eq!(transcript.text(), "words\n");
        assert_eq!(Transcript::new("noise\r\n", None).text(), "noise\n");
    }
}
