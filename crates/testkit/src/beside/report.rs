//! The table at the end of a benchmark: on the terminal, and as Markdown in a file.
//! Its rows may be measured in a guest, whose console brings them out.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use super::programs::{Both, Programs};
use super::samples::Samples;

const COLUMNS: usize = 5;
/// What a row begins with on a guest's console; its cells stand between tabs.
const ROW: &str = "row of the report\t";

/// Rows so far.
#[derive(Debug)]
pub struct Report {
    title: String,
    rows: Vec<[String; COLUMNS]>,
}

impl Report {
    /// An empty table; the title is completed by what the machine is and does.
    pub fn new(programs: &Programs, title: &str) -> Self {
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or("unknown").to_owned();
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let heading = [
            "what (ms, least / median / greatest)".to_owned(),
            programs.original_version(),
            "ours".to_owned(),
            "ratio".to_owned(),
            "target".to_owned(),
        ];
        Self {
            title: format!("{title}; {processors} processors, load {load} before the first run"),
            rows: vec![heading],
        }
    }

    /// Adds a row of samples, mostly times in milliseconds, with the ratio of their medians.
    pub fn row(&mut self, what: &str, samples: &Both<Samples>, target: &str) {
        let ratio = ratio(&samples.map(Samples::median));
        self.add(what, &samples.map(Samples::range), &ratio, target);
    }

    /// Adds a row of single values, with their ratio.
    pub fn values(&mut self, what: &str, values: &Both<f64>, target: &str) {
        self.add(what, &values.map(|value| thousandths(*value)), &ratio(values), target);
    }

    /// Adds a row that has no ratio.
    pub fn plain(&mut self, what: &str, texts: &Both<String>, target: &str) {
        self.add(what, texts, "", target);
    }

    fn add(&mut self, what: &str, texts: &Both<String>, ratio: &str, target: &str) {
        let row = [what, &texts.original, &texts.ours, ratio, target];
        self.rows.push(row.map(str::to_owned));
    }

    /// Prints the rows for [`take`](Self::take) on the other side of a console.
    pub fn hand_out(&self) {
        for row in self.rows.iter().skip(1) {
            say(&format!("{ROW}{}", row.join("\t")));
        }
    }

    /// Adds the rows that were handed out in a guest which wrote this.
    pub fn take(&mut self, console: &str) {
        let rows = console.lines().filter_map(|line| line.strip_prefix(ROW));
        let cells = rows.map(|row| row.split('\t').map(str::to_owned).collect::<Vec<_>>());
        self.rows.extend(cells.filter_map(|cells| <[String; COLUMNS]>::try_from(cells).ok()));
    }

    /// Prints the table and writes it to the file.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn publish(&self, file: &Path) {
        let table = self.table();
        say(&format!("\n{}\n\n{table}\nalso in {}", self.title, file.display()));
        if let Err(error) = fs::write(file, format!("{}\n\n{table}", self.title)) {
            panic!("cannot write {}: {error}", file.display());
        }
    }

    /// Markdown whose columns are aligned, so that it reads well without being rendered.
    fn table(&self) -> String {
        let width = |column: usize| {
            self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let widths = [0, 1, 2, 3, 4].map(width);
        let mut lines: Vec<String> = self.rows.iter().map(|row| line(row, widths)).collect();
        let dashes = widths.map(|width| "-".repeat(width));
        lines.insert(1, line(&dashes, widths));
        lines.concat()
    }
}

fn line(cells: &[String; COLUMNS], widths: [usize; COLUMNS]) -> String {
    let padded: Vec<String> =
        cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    format!("| {} |\n", padded.join(" | "))
}

/// Three digits, and no minus sign before a zero.
fn thousandths(value: f64) -> String {
    let rounded = (value * 1e3).round() / 1e3;
    format!("{:.3}", rounded + 0.0)
}

/// Ours to the original; nothing when the original's value says nothing, or is below zero.
fn ratio(values: &Both<f64>) -> String {
    if values.original < 0.001 || values.ours < 0.0 {
        return String::new();
    }
    format!("{:.2}", values.ours / values.original)
}

/// Prints a line; that nobody reads it is no reason to stop.
pub fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_a_guest_are_found_on_its_console() {
        let heading = || [const { String::new() }; COLUMNS];
        let mut report = Report { title: String::new(), rows: vec![heading()] };
        report.take(&format!("noise\n{ROW}start\t2\t1\t0.50\t≤ 1 ×\n{ROW}torn\t2\nnoise"));
        assert_eq!(report.rows.len(), 2);
        assert_eq!(report.rows[1], ["start", "2", "1", "0.50", "≤ 1 ×"]);
    }

    #[test]
    fn a_ratio_is_ours_to_the_original() {
        assert_eq!(ratio(&Both { original: 4.0, ours: 1.0 }), "0.25");
        assert_eq!(ratio(&Both { original: 0.0, ours: 1.0 }), "");
    }
}
