//! Shows what a program in a guest writes while it writes it.

use std::io::{self, Write as _};

use super::transcript::Transcript;
use crate::lab::Log;

/// How much has been shown so far.
#[derive(Default)]
pub(super) struct Live {
    shown: usize,
}

impl Live {
    /// Writes the lines that have come since the last time to standard output.
    pub(super) fn follow(&mut self, log: &Log) {
        let transcript = Transcript::new(&log.text(), None);
        let new = transcript.lines_of_program().get(self.shown..).unwrap_or_default();
        let mut out = io::stdout().lock();
        // That nobody reads it is no reason to stop.
        let _ = out.write_all(new.as_bytes()).and_then(|()| out.flush());
        self.shown += new.len();
    }
}
