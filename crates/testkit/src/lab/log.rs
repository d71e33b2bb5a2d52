//! What a process wrote: a file that is read as lines, each with the stamp that the daemon gave it.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

/// How long a daemon may gather lines before it writes them.
const LATE: Duration = Duration::from_millis(200);

/// The output of one process.
#[derive(Clone, Debug)]
pub struct Log {
    title: String,
    path: PathBuf,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The stamp in front of the line (`Fri Nov 20 15:50:40 2026`), when there is one.
    pub stamp: Option<String>,
    /// The line without its stamp.
    pub text: String,
}

impl Log {
    /// A log that will be written to this file; the title is for failure texts.
    pub(crate) fn new(title: String, path: PathBuf) -> Self {
        Self { title, path }
    }

    /// The file.
    pub(super) fn path(&self) -> &PathBuf {
        &self.path
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<LogLine> {
        self.text().lines().map(LogLine::read).collect()
    }

    /// The texts of all lines so far, without stamps.
    pub fn texts(&self) -> Vec<String> {
        self.lines().into_iter().map(|line| line.text).collect()
    }

    /// Whether some line holds this text, late ones included.
    pub fn has(&self, text: &str) -> bool {
        self.count(text) > 0
    }

    /// How many lines hold this text, late ones included.
    pub fn count(&self, text: &str) -> usize {
        thread::sleep(LATE);
        self.count_so_far(text)
    }

    /// How many lines hold this text now.
    pub(super) fn count_so_far(&self, text: &str) -> usize {
        self.text().lines().filter(|line| line.contains(text)).count()
    }

    /// Insists that lines ending in these texts are there in this order, whatever is between them.
    ///
    /// # Panics
    /// With the first text that is not there, and the log.
    pub fn expect_in_order(&self, wanted: &[&str]) {
        thread::sleep(LATE);
        let texts = self.texts();
        let mut lines = texts.iter();
        for (number, text) in wanted.iter().enumerate() {
            let found = lines.any(|line| line.ends_with(text));
            assert!(found, "line {number}, {text:?}, is not there or too early\n{}", self.titled());
        }
    }

    /// The whole text so far; empty when nothing was written.
    pub fn text(&self) -> String {
        let bytes = fs::read(&self.path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The text below its title, shortened in the middle when it is very long.
    pub(crate) fn titled(&self) -> String {
        const KEEP: usize = 60;
        let text = self.text();
        let lines: Vec<&str> = text.lines().collect();
        let body = if lines.len() <= 2 * KEEP {
            lines.join("\n")
        } else {
            let (head, tail) = (&lines[..KEEP], &lines[lines.len() - KEEP..]);
            format!("{}\n  [… shortened …]\n{}", head.join("\n"), tail.join("\n"))
        };
        format!("---- {} ----\n{body}\n", self.title)
    }
}

impl LogLine {
    fn read(line: &str) -> Self {
        match line.split_once(": ") {
            Some((stamp, text)) if is_stamp(stamp) => {
                Self { stamp: Some(stamp.to_owned()), text: text.to_owned() }
            }
            Some(_) | None => Self { stamp: None, text: line.to_owned() },
        }
    }
}

/// `Fri Nov 20 15:50:40 2026`: day, month, day of the month, time with two colons, year.
fn is_stamp(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.len() == 5 && words[3].matches(':').count() == 2 && words[4].parse::<u32>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_told_from_an_instance_name() {
        let line = LogLine::read("Fri Nov 20 15:50:40 2026: (VI_1): entering FAULT state");
        assert_eq!(line.text, "(VI_1): entering FAULT state");
        assert_eq!(LogLine::read("(VI_1): entering FAULT state").stamp, None);
    }
}
