//! `docs/keywords.md`: a table for each block.

use std::fmt::Write as _;

use conf::{Effect, Entry};

use super::Chapter;

const HEAD: &str = "\
# Keywords of keepalived.conf

Generated from the rows of `crates/conf` by `UPDATE_GOLDENS=1 cargo test --test config`; what is
changed here by hand is lost. The language around the keywords is described in keepalived.conf(5).

*Effect*: \"later\" is read and checked where its row does so, and has no effect yet; the log says so
once. *Values* and *default* are filled in where a row names them.
";

/// The whole page.
pub(super) fn page(chapters: &[Chapter]) -> String {
    let mut text = HEAD.to_owned();
    for chapter in chapters {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n## {}\n", heading(chapter));
        let remarks = chapter.remarks(|word| format!("`{word}`"));
        if !remarks.is_empty() {
            let _ = writeln!(text, "{}\n", remarks.join(" "));
        }
        if !chapter.words.is_empty() {
            text.push_str("| word | what it is for |\n|---|---|\n");
            for word in &chapter.words {
                let names = word.names.join("`, `");
                let takes = cell(word.takes);
                let synopsis = if takes.is_empty() { takes } else { format!(" *{takes}*") };
                let _ = writeln!(text, "| `{names}`{synopsis} | {} |", cell(word.help));
            }
            continue;
        }
        if chapter.rows.is_empty() {
            text.truncate(text.trim_end().len());
            text.push('\n');
            continue;
        }
        text.push_str(
            "| keyword | values | default | what it is for | effect |\n|---|---|---|---|---|\n",
        );
        for row in &chapter.rows {
            let _ = writeln!(text, "{}", line(row));
        }
    }
    text
}

fn heading(chapter: &Chapter) -> String {
    if chapter.block.name.is_empty() {
        return chapter.title().to_owned();
    }
    format!("`{}`", chapter.title())
}

fn line(row: &Entry) -> String {
    let effect = match row.effect {
        Effect::Now => "now",
        Effect::Later => "later",
    };
    let (words, accepts, default) =
        row.takes.map_or(("", "", ""), |takes| (takes.words, takes.accepts, takes.default));
    let keyword = format!("{} {words}", row.name);
    let (keyword, help) = (cell(keyword.trim_end()), cell(row.help));
    format!("| `{keyword}` | {} | {} | {help} | {effect} |", cell(accepts), cell(default))
}

/// What would end a cell early does not.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
