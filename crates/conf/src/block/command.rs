//! Reads the words of keywords that take a script: the command, its user and its group.
//!
//! Whether the command exists and may be run is decided in `resolve::script` (compat 03 §11).

use crate::diagnostic::Diagnostic;
use crate::lexer::{self, Broken};
use crate::line::Line;
use crate::span::Span;

/// A command as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommandDraft {
    /// The program and its arguments.
    pub(crate) argv: Vec<String>,
    /// The command before it was split.
    pub(crate) text: String,
    /// The user that was named after it.
    pub(crate) user: Option<String>,
    /// The group that was named after the user.
    pub(crate) group: Option<String>,
    /// Where it was written.
    pub(crate) span: Span,
}

impl CommandDraft {
    /// Its words, each between quotes.
    pub(crate) fn quoted(&self) -> String {
        let words = self.argv.iter().map(|word| format!("'{word}'"));
        words.collect::<Vec<_>>().join(" ")
    }
}

/// Reads the command of a keyword; `None` when the quotes are broken or nothing is there.
pub(crate) fn read(line: &mut Line<'_, '_>) -> Option<CommandDraft> {
    let whole = line.statement.text.clone();
    let outer = checked(line, &whole, lexer::split_quoted(&whole))?;
    let mut words = outer.into_iter().skip(1);
    let Some(text) = words.next() else {
        // Whoever needs a word has said so, but for one that is glued to the keyword.
        if let Some(word) = line.word(1) {
            let found = Diagnostic::notice("The command is a part of the keyword").at(word.span);
            line.add(found.hint("write a blank before the quote"));
        }
        return None;
    };
    let argv = checked(line, &text, lexer::split_command(&text))?;
    if argv.first().is_none_or(String::is_empty) {
        line.error(format!("Unable to parse script '{text}' - ignoring"));
        return None;
    }
    let span = line.word(1).map_or(line.statement.span, |word| word.span);
    advise_shell(line, &argv, &text, span);
    Some(CommandDraft { argv, text, user: words.next(), group: words.next(), span })
}

fn checked(
    line: &mut Line<'_, '_>,
    text: &str,
    split: Result<Vec<String>, Broken>,
) -> Option<Vec<String>> {
    match split {
        Ok(words) => return Some(words),
        Err(Broken::Unbalanced(quote)) => {
            let message = format!("String '{text}': missing terminating {quote}");
            let found = Diagnostic::general(message).at(line.statement.span);
            line.add(found.hint("only \"…\" keeps `#`, `!`, `{` and `}` in a text, '…' does not"));
        }
        Err(Broken::TrailingEscape) => {
            // keepalived only logs it, and has no script.
            line.notice(format!("Missing escape char at end: '{text}'"));
        }
        Err(Broken::Nul) => {
            line.error(format!("String '{text}': an argument cannot hold a NUL character"));
        }
        Err(Broken::NotText) => {
            line.error(format!("String '{text}': an argument is no text (UTF-8)"));
        }
    }
    None
}

/// People write shell text where a program is expected; it would be handed to the program.
fn advise_shell(line: &mut Line<'_, '_>, argv: &[String], text: &str, span: Span) {
    let program = argv[0].rsplit('/').next().unwrap_or_default();
    // What is behind its `-c` is for the shell.
    if text.starts_with('<') || SHELLS.contains(&program) {
        return;
    }
    let Some(word) = argv.iter().skip(1).find(|word| is_for_a_shell(word)) else {
        return;
    };
    let message = format!("`{word}` is an argument of {} here, since no shell is used", argv[0]);
    let command = text.replace('\'', "'\\''");
    let found = Diagnostic::notice(message).at(span);
    line.add(found.hint(format!("write \"/bin/sh -c '{command}'\"")));
}

const SHELLS: [&str; 7] = ["sh", "bash", "dash", "ash", "ksh", "zsh", "busybox"];

/// An operator of the shell, a redirection, or a command inside a command. Words with blanks were
/// quoted, and `&` or `|` inside a word are usual in addresses and patterns.
fn is_for_a_shell(word: &str) -> bool {
    let redirects = word.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['>', '<']);
    let operator = ["&&", "||", "|", ";", "&"].contains(&word) || word.ends_with(';');
    let joined = ["&&", "||", "$("].iter().any(|mark| word.contains(mark)) || word.starts_with('`');
    !word.contains(char::is_whitespace) && (redirects || operator || joined)
}

/// Reads a command into a place, boxed or not, that holds one only: a second one is refused.
pub(crate) fn set<C: From<CommandDraft>>(
    owner: &str,
    place: &mut Option<C>,
    line: &mut Line<'_, '_>,
) -> Option<()> {
    // A quote that is never closed takes the word away, but is another mistake.
    if !line.statement.unmatched {
        line.required(1)?;
    }
    // To a script's keyword `notify"a b"` is one word.
    if let Ok([joined]) = lexer::split_quoted(&line.statement.text).as_deref() {
        line.missing(1, joined, joined);
        return None;
    }
    if place.is_some() {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        let whole = line.statement.text.clone();
        let command = match lexer::split_quoted(&whole) {
            Err(Broken::TrailingEscape) => line.text(1).unwrap_or_default().to_owned(),
            words => checked(line, &whole, words)?.into_iter().nth(1).unwrap_or_default(),
        };
        line.error(format!("({owner}) {keyword} script already specified - ignoring {command}"));
        return None;
    }
    *place = Some(read(line)?.into());
    Some(())
}
