//! The keyword part of keepalived.conf(5), between two marker lines of the page.

use std::fmt::Write as _;

use conf::{Effect, Entry};

use super::Chapter;

/// What the generated part stands between.
pub(super) const MARKERS: (&str, &str) = (
    ".\\\" From here to the end mark: generated from the rows, see tests/config/manual.",
    ".\\\" End mark.",
);

/// The part itself.
pub(super) fn keywords(chapters: &[Chapter]) -> String {
    let mut text = String::new();
    for chapter in chapters {
        // Writing to a string cannot fail.
        let _ = writeln!(text, ".SS {}", quoted(chapter.title()));
        for remark in chapter.remarks(|word| format!("\u{1}{word}\u{2}")) {
            let _ = writeln!(text, "{}", marked(&remark));
        }
        chapter.rows.iter().for_each(|row| entry(&mut text, row));
        for word in &chapter.words {
            let names: Vec<_> = word.names.iter().map(|name| plain(name)).collect();
            let takes = if word.takes.is_empty() {
                String::new()
            } else {
                format!(" \\fI{}\\fR", plain(word.takes))
            };
            let _ = writeln!(text, ".TP\n\\fB{}\\fR{takes}", names.join("\\fR, \\fB"));
            let _ = writeln!(text, "{}.", plain(&capital(word.help)));
        }
    }
    text
}

fn entry(text: &mut String, row: &Entry) {
    let words = row.takes.map_or("", |takes| takes.words);
    let synopsis =
        if words.is_empty() { String::new() } else { format!(" \\fI{}\\fR", plain(words)) };
    let _ = writeln!(text, ".TP\n\\fB{}\\fR{synopsis}", plain(row.name));
    let _ = writeln!(text, "{}.", plain(&capital(row.help)));
    if let Some(takes) = row.takes {
        if !takes.accepts.is_empty() {
            let _ = writeln!(text, "Accepts {}.", plain(takes.accepts));
        }
        if !takes.default.is_empty() {
            let _ = writeln!(text, "Default: {}.", plain(takes.default));
        }
    }
    match row.effect {
        Effect::Now => {}
        Effect::Later => text.push_str("No effect yet.\n"),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Text as the formatter shows it unchanged.
fn plain(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('…', "\\&...");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", plain(text))
}

/// A remark with its keywords in bold.
fn marked(text: &str) -> String {
    plain(text).replace('\u{1}', "\\fB").replace('\u{2}', "\\fR")
}
