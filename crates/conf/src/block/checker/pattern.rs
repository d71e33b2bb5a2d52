//! The rows of `url` that look for a pattern in the answer, and the rules between them.
//!
//! keepalived says what is wrong with them in the log only, and goes on; so do we, but for a pattern
//! that is none: with that one it does not go on well.

use lvs::{Pattern, PatternOptions};
use sys::pattern::Compiled;

use super::UrlDraft;
use crate::diagnostic::Diagnostic;
use crate::keyword::Keyword;
use crate::lexer::{self, Broken};
use crate::line::Line;
use crate::reader::Word;
use crate::span::Span;
use crate::suggest;

/// A pattern as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PatternDraft {
    /// `regex`.
    text: Option<String>,
    options: PatternOptions,
    /// `regex_no_match`.
    unwanted: bool,
    min_offset: u64,
    max_offset: Option<u64>,
    stack: Option<(u64, u64)>,
    /// Where the last of it was written.
    span: Option<Span>,
}

type Row = Keyword<UrlDraft>;

/// The rows of `url` that concern the pattern.
pub(crate) static PATTERN: &[Row] = &[
    Row {
        script: true,
        ..Row::now("regex", "pattern that the answer must match", regex).takes(
            "PATTERN",
            "as PCRE2 has it",
            "none",
        )
    },
    Row::now("regex_no_match", "the answer must not match", |url, line| {
        draft(url, line).unwanted = true;
        Some(())
    })
    .takes("", "", "off"),
    Row::now("regex_options", "options of the pattern", options).takes(
        "OPTION...",
        "words such as caseless, multiline",
        "none",
    ),
    Row::now("regex_min_offset", "first place of a match", |url, line| {
        draft(url, line).min_offset = offset(line)?;
        Some(())
    })
    .takes("BYTES", "0-4294967295", "0"),
    Row::now("regex_max_offset", "last place of a match", |url, line| {
        draft(url, line).max_offset = Some(offset(line)?);
        Some(())
    })
    .takes("BYTES", "more than regex_min_offset", "none"),
    Row::now("regex_stack", "memory of the pattern", stack).takes(
        "START MAX",
        "bytes, START at most MAX",
        "none",
    ),
];

fn draft<'u>(url: &'u mut UrlDraft, line: &Line<'_, '_>) -> &'u mut PatternDraft {
    let pattern = url.pattern.get_or_insert_default();
    pattern.span = Some(line.span());
    pattern
}

/// Says in the log what is not taken.
fn note(line: &mut Line<'_, '_>, at: Option<&Word>, message: String, hint: &str) {
    let place = at.map_or_else(|| line.span(), |word| word.span);
    line.add(Diagnostic::notice(message).at(place).hint(hint));
}

fn regex(url: &mut UrlDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let text = line.statement.text.clone();
    let broken = |why| match why {
        Broken::Unbalanced(quote) => format!("regex has no terminating {quote}"),
        Broken::TrailingEscape => "regex ends with a backslash".to_owned(),
        Broken::Nul => "regex holds a NUL".to_owned(),
        Broken::NotText => "regex holds bytes that are no UTF-8".to_owned(),
    };
    let pattern = match lexer::split_command(&text).as_deref() {
        Ok([_, pattern]) => Ok(pattern.clone()),
        Ok([] | [_]) => Err("regex missing".to_owned()),
        Ok([_, _, extra, ..]) => Err(format!("regex has extra parameters {extra} - ignoring")),
        Err(why) => Err(broken(*why)),
    };
    match pattern {
        Ok(pattern) => {
            let place = line.word(1);
            let draft = draft(url, line);
            if let Some(before) = draft.text.replace(pattern) {
                let message = format!("regex is given twice - {before} is replaced");
                note(line, place.as_ref(), message, "a url has one pattern; a|b is either");
            }
            Some(())
        }
        Err(message) => {
            let hint = "write one pattern between double quotes, each backslash twice";
            note(line, line.word(1).as_ref(), message, hint);
            None
        }
    }
}

fn options(url: &mut UrlDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if line.word(1).is_none() {
        note(line, None, "regex_options without options".to_owned(), "write caseless or another");
        return None;
    }
    for word in line.statement.words.clone().into_iter().skip(1) {
        let draft = draft(url, line);
        if let Some(with) = draft.options.with(&word.text) {
            draft.options = with;
            continue;
        }
        let meant = suggest::closest(&word.text, PatternOptions::NAMES);
        let hint = meant.map_or_else(
            || format!("write one of {}", PatternOptions::NAMES.join(", ")),
            |name| format!("did you mean `{name}`?"),
        );
        let message = format!("Unknown regex option {} - ignoring", word.text);
        note(line, Some(&word), message, &hint);
    }
    Some(())
}

fn number(word: &Word) -> Option<u64> {
    word.text.parse().ok().filter(|_| word.text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn offset(line: &mut Line<'_, '_>) -> Option<u64> {
    let word = line.word(1);
    let offset = word.as_ref().and_then(number);
    if offset.is_none() {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        let shown = word.as_ref().map_or("", |word| word.text.as_str());
        let message = format!("Invalid {keyword} '{shown}' - ignoring");
        note(line, word.as_ref(), message, "write a number of bytes");
    }
    offset
}

fn stack(url: &mut UrlDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let size = |at| line.word(at).as_ref().and_then(number);
    let sizes = size(1).zip(size(2)).filter(|(start, max)| start <= max);
    if sizes.is_none() {
        let message = "Invalid regex_stack - ignoring".to_owned();
        let hint = "write the size at first and at most, in bytes";
        note(line, line.word(1).as_ref(), message, hint);
    }
    draft(url, line).stack = Some(sizes?);
    Some(())
}

/// The pattern of a whole `url`; without `regex` there is none, whatever else was written.
pub(super) fn finish(url: &mut UrlDraft, line: &mut Line<'_, '_>) {
    let Some(pattern) = url.pattern.as_mut() else { return };
    let mut note = |message: &str, hint: &str| {
        line.add(Diagnostic::notice(message).at(pattern.span).hint(hint));
    };
    let Some(text) = pattern.text.clone() else {
        note("regex options without a regex - ignoring", "write regex and the pattern");
        url.pattern = None;
        return;
    };
    if pattern.max_offset.is_some_and(|max| max < pattern.min_offset) {
        note(
            "regex_min_offset is greater than regex_max_offset - ignoring both",
            "the first place of a match must not lie behind the last",
        );
        pattern.min_offset = 0;
        pattern.max_offset = None;
    }
    if let Err(why) = Compiled::new(&text, pattern.options.names(), None) {
        let message = format!("regex {text}: {why} - ignoring");
        line.add(Diagnostic::general(message).at(pattern.span).hint("write it as PCRE2 has it"));
        url.pattern = None;
    }
}

impl PatternDraft {
    /// The pattern as the core has it.
    pub(crate) fn pattern(&self) -> Pattern {
        Pattern {
            text: self.text.clone().unwrap_or_default(),
            options: self.options,
            unwanted: self.unwanted,
            min_offset: self.min_offset,
            max_offset: self.max_offset,
            stack: self.stack,
        }
    }
}
