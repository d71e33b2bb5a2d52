//! The table at the end: on the terminal, and as Markdown in cargo's target directory.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use crate::programs::{Both, Programs};
use crate::samples::Samples;
use crate::settings::Settings;

const FILE: &str = "bench-takeover.md";

/// Rows so far.
pub(crate) struct Report {
    title: String,
    rows: Vec<[String; 5]>,
}

impl Report {
    /// An empty table.
    pub(crate) fn new(programs: &Programs, settings: &Settings) -> Self {
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
            title: format!(
                "{} runs of each program, turn by turn, 10 ms adverts, VRRPv3; {processors} \
                 processors, load {load} before the first run",
                settings.runs
            ),
            rows: vec![heading],
        }
    }

    /// Adds a row of times in milliseconds.
    pub(crate) fn times(&mut self, what: &str, samples: &Both<Samples>, target: &str) {
        self.row(what, samples, target);
    }

    /// Adds a row of samples in any unit, with the ratio of their medians.
    pub(crate) fn row(&mut self, what: &str, samples: &Both<Samples>, target: &str) {
        let ratio = ratio(&samples.map(Samples::median));
        self.add(what, &samples.map(Samples::range), &ratio, target);
    }

    /// Adds a row of single values, with their ratio.
    pub(crate) fn values(&mut self, what: &str, values: &Both<f64>, target: &str) {
        self.add(what, &values.map(|value| thousandths(*value)), &ratio(values), target);
    }

    /// Adds a row that has no ratio.
    pub(crate) fn plain(&mut self, what: &str, texts: &Both<String>, target: &str) {
        self.add(what, texts, "", target);
    }

    fn add(&mut self, what: &str, texts: &Both<String>, ratio: &str, target: &str) {
        let row = [what, &texts.original, &texts.ours, ratio, target];
        self.rows.push(row.map(str::to_owned));
    }

    /// Prints the table and writes it to the file.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub(crate) fn publish(&self) {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(FILE);
        let table = self.table();
        say(&format!("\n{}\n\n{table}\nalso in {}", self.title, file.display()));
        if let Err(error) = fs::write(&file, format!("{}\n\n{table}", self.title)) {
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

fn line(cells: &[String; 5], widths: [usize; 5]) -> String {
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
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
