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
    colour: bool,
    checks: Vec<Check>,
}

struct Check {
    holds: bool,
    text: String,
}

impl Timeline {
    /// Starts the clock.
    pub(crate) fn start() -> Self {
        let colour = io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none();
        Self { start: Instant::now(), colour, checks: Vec::new() }
    }

    /// Begins a part.
    pub(crate) fn heading(&self, text: &str) {
        say(&format!("\n{}", self.painted(BOLD, text)));
    }

    /// Tells what happens.
    pub(crate) fn tell(&self, about: &str, text: &str) {
        let seconds = format!("{:8.3}", self.start.elapsed().as_secs_f64());
        say(&format!("{}  {about:<9}  {text}", self.painted(DIM, &seconds)));
    }

    /// Tells whether something is as it should be, and remembers it for the end.
    pub(crate) fn check(&mut self, holds: bool, text: &str) {
        let seconds = format!("{:8.3}", self.start.elapsed().as_secs_f64());
        say(&format!("{}  {}  {text}", self.painted(DIM, &seconds), self.verdict(holds)));
        self.checks.push(Check { holds, text: text.to_owned() });
    }

    /// Tells all checks again; whether every one held.
    pub(crate) fn summary(&self) -> bool {
        self.heading("Summary");
        for check in &self.checks {
            say(&format!("  {}  {}", self.verdict(check.holds), check.text));
        }
        let failed = self.checks.iter().filter(|check| !check.holds).count();
        let (count, seconds) = (self.checks.len(), self.start.elapsed().as_secs_f64());
        let end = if failed == 0 {
            format!("All {count} checks held; it took {seconds:.0} s.")
        } else {
            format!("{failed} of {count} checks FAILED; it took {seconds:.0} s.")
        };
        say(&format!("\n{}", self.painted(BOLD, &end)));
        failed == 0
    }

    /// Whether a check has failed so far.
    pub(crate) fn has_failures(&self) -> bool {
        self.checks.iter().any(|check| !check.holds)
    }

    fn verdict(&self, holds: bool) -> String {
        if holds { self.painted(GREEN, "ok       ") } else { self.painted(RED, "FAILED   ") }
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// A time as an operator reads it.
pub(crate) fn spoken(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.3} s", time.as_secs_f64())
    }
}

/// Prints a line; that nobody reads it is no reason to stop.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
