//! Where ours judges a published file otherwise than keepalived 2.2.7, and why.

use super::Found;

/// One difference, or several that have one reason.
#[derive(Debug)]
pub(super) struct Excuse {
    /// The number of the file.
    pub(super) file: u16,
    /// What differs.
    pub(super) found: &'static [Found],
    /// Why it has to.
    #[expect(dead_code, reason = "it is for people; a failing test shows it")]
    pub(super) why: &'static str,
}

/// At most fifteen.
pub(super) static EXCUSES: &[Excuse] = &[];
