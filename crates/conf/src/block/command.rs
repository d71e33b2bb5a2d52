//! Reads the words of keywords that take a script: the command, its user and its group.
//!
//! Whether the command exists and may be run is decided in `resolve::script` (compat 03 §11).

use crate::diagnostic::Diagnostic;
use crate::lexer::{self, Broken};
use crate::line::Line;
use crate::source::Span;

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

/// Words that only a shell understands.
const SHELL: [&str; 10] = ["&&", "||", "|", ";", ">", "<", ">>", "&", "2>&1", ">/dev/null"];

/// Reads the command of a keyword; `None` when the quotes are broken or nothing is there.
pub(crate) fn read(line: &mut Line<'_, '_>) -> Option<CommandDraft> {
    let whole = line.statement.text.clone();
    let outer = checked(line, &whole, lexer::split_quoted(&whole))?;
    let mut words = outer.into_iter().skip(1);
    let Some(text) = words.next() else {
        line.required(1)?;
        return None;
    };
    let argv = checked(line, &text, lexer::split_command(&text))?;
    if argv.first().is_none_or(String::is_empty) {
        line.error(format!("No command in '{text}'"));
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
            line.error(format!("String '{text}': missing terminating {quote}"));
        }
        Err(Broken::TrailingEscape) => line.notice(format!("Missing escape char at end: '{text}'")),
    }
    None
}

/// People write shell text where a program is expected; it would be handed to the program.
fn advise_shell(line: &mut Line<'_, '_>, argv: &[String], text: &str, span: Span) {
    let Some(word) = argv.iter().find(|word| SHELL.contains(&word.as_str())) else {
        return;
    };
    let message = format!("`{word}` is an argument of {} here, since no shell is used", argv[0]);
    let command = text.replace('\'', "'\\''");
    let found = Diagnostic::notice(message).at(span);
    line.add(found.hint(format!("write \"/bin/sh -c '{command}'\"")));
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
    if place.is_some() {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        let program = read(line)?.argv.swap_remove(0);
        line.error(format!("({owner}) {keyword} script already specified - ignoring {program}"));
        return None;
    }
    *place = Some(read(line)?.into());
    Some(())
}
