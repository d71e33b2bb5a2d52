//! What the operator reads: lines with the seconds since the start, and a summary of all checks.
//! Colour is only for a terminal, and never carries a meaning of its own.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";

/// The lines so far, as far as they are needed again.
pub(crate) struct Timeline {
    start: Instant,
    before: Duration,
    plain: bool,
    checks: Vec<Check>,
}

struct Check {
    holds: bool,
    text: String,
}

impl Timeline {
    /// Starts the clock, at what had passed before.
    pub(crate) fn start(before: Duration, plain: bool) -> Self {
        Self { start: Instant::now(), before, plain, checks: Vec::new() }
    }

    /// Begins a part.
    pub(crate) fn heading(&self, text: &str) {
        say(&format!("\n{}", self.painted(BOLD, text)));
    }

    /// Tells what happens.
    pub(crate) fn tell(&self, about: &str, text: &str) {
        say(&format!("{}  {about:<9}  {text}", self.stamp()));
    }

    /// Tells whether something is as it should be, and remembers it for the end.
    pub(crate) fn check(&mut self, holds: bool, text: &str) {
        say(&format!("{}  {}  {text}", self.stamp(), self.verdict(holds)));
        self.checks.push(Check { holds, text: text.to_owned() });
    }

    /// Tells all checks again; whether every one held.
    pub(crate) fn summary(&self) -> bool {
        self.heading("Summary");
        for check in &self.checks {
            say(&format!("  {}  {}", self.verdict(check.holds), check.text));
        }
        let failed = self.checks.iter().filter(|check| !check.holds).count();
        let (count, seconds) = (self.checks.len(), self.elapsed().as_secs_f64());
        let end = if failed == 0 {
            format!("All {count} checks held; it took {seconds:.0} s.")
        } else {
            format!("{failed} of {count} checks did not hold; it took {seconds:.0} s.")
        };
        say(&format!("\n{}", self.painted(BOLD, &end)));
        failed == 0
    }

    /// Whether a check has failed so far.
    pub(crate) fn has_failures(&self) -> bool {
        self.checks.iter().any(|check| !check.holds)
    }

    fn elapsed(&self) -> Duration {
        self.before + self.start.elapsed()
    }

    fn stamp(&self) -> String {
        self.painted(DIM, &format!("{:7.2}", self.elapsed().as_secs_f64()))
    }

    fn verdict(&self, holds: bool) -> String {
        if holds { self.painted(GREEN, "held     ") } else { self.painted(RED, "NOT HELD ") }
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.plain { text.to_owned() } else { format!("\x1b[{code}m{text}\x1b[0m") }
    }
}

/// Whether whoever reads standard output likes colours.
pub(crate) fn is_colourful() -> bool {
    io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none()
}

/// A time as an operator reads it.
pub(crate) fn spoken(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{:.0} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", time.as_secs_f64())
    }
}

/// Prints a line; that nobody reads it is no reason to stop.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
