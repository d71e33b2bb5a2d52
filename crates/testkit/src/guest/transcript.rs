//! What a guest wrote on its console, and what that says about the test or program in it.
//! Knows the lines by which the two sides understand each other.

use std::fmt::{Display, Formatter};
use std::time::Duration;

/// Written by `init.sh` when the guest is ready; what is before it, the kernel wrote.
const READY: &str = "guest: ready";
/// Written by the body of a test before it begins.
pub(super) const BEGINS: &str = "guest: the body begins";
/// Written by the last script of a guest, with the exit status of what ran in it.
pub(super) const ENDED: &str = "guest: ended with status ";

/// Whether a console shows how what ran in the guest has ended.
pub(super) fn has_ended(console: &str) -> bool {
    console.lines().any(|line| line.starts_with(ENDED))
}

/// All that a guest wrote.
pub(super) struct Transcript {
    text: String,
    /// The limit, when the guest had to be killed.
    killed_after: Option<Duration>,
}

/// Why a test in a guest did not pass, or a program has no exit status.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It did not end in time, and the guest was killed.
    Hung(Duration),
    /// The guest never got as far as that.
    NotReady,
    /// The guest ended without saying how what ran in it did.
    Vanished,
    /// The test binary does not know a test of this name.
    NotFound,
    /// The test failed.
    Failed(u8),
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hung(limit) => write!(f, "no end within {limit:?}; it was killed"),
            Self::NotReady => f.write_str("it did not boot (nothing is skipped)"),
            Self::Vanished => f.write_str("it ended without an exit status"),
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

    /// The exit status of what ran in the guest.
    pub(super) fn status(&self) -> Result<u8, Failure> {
        if let Some(limit) = self.killed_after {
            return Err(Failure::Hung(limit));
        }
        if !self.has_line(READY) {
            return Err(Failure::NotReady);
        }
        let status = self.text.lines().rev().find_map(|line| line.strip_prefix(ENDED));
        status.and_then(|status| status.parse().ok()).ok_or(Failure::Vanished)
    }

    /// Whether the test passed.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        match self.status()? {
            0 if self.has_line(BEGINS) => Ok(()),
            0 => Err(Failure::NotFound),
            status => Err(Failure::Failed(status)),
        }
    }

    /// What the guest wrote since it was ready; everything when it did not get that far.
    pub(super) fn text(&self) -> &str {
        self.since_ready().unwrap_or(&self.text)
    }

    /// The whole lines that what runs in the guest has written so far.
    pub(super) fn lines_of_program(&self) -> &str {
        let written = self.since_ready().unwrap_or_default();
        let written = written.split_once(ENDED).map_or(written, |(before, _)| before);
        written.rfind('\n').map_or("", |end| &written[..=end])
    }

    fn since_ready(&self) -> Option<&str> {
        Some(self.text.split_once(&format!("{READY}\n"))?.1)
    }

    /// The harness writes the name of a test and no end of line before it lets the test write.
    fn has_line(&self, wanted: &str) -> bool {
        self.text.lines().any(|line| line.ends_with(wanted))
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
        assert_eq!(verdict(&failed), Err(Failure::Failed(101)));
        let hung = Transcript::new(&failed, Some(Duration::from_secs(1)));
        assert_eq!(hung.verdict(), Err(Failure::Hung(Duration::from_secs(1))));
    }

    #[test]
    fn the_text_begins_where_the_kernel_has_finished() {
        let transcript = Transcript::new(&format!("noise\r\n{READY}\r\nwords\r\n"), None);
        assert_eq!(transcript.text(), "words\n");
        assert_eq!(Transcript::new("noise\r\n", None).text(), "noise\n");
    }

    #[test]
    fn a_program_has_written_whole_lines_between_the_kernel_and_its_end() {
        let lines = |console: &str| Transcript::new(console, None).lines_of_program().to_owned();
        assert_eq!(lines("noise\r\n"), "");
        assert_eq!(lines(&format!("noise\r\n{READY}\r\none\r\ntw")), "one\n");
        assert_eq!(lines(&format!("{READY}\none\ntwo\n{ENDED}0\nHalting.\n")), "one\ntwo\n");
    }
}
