//! Reads the values that rows of `global_defs` share, with the complaints of compat 02.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::line::Line;
use crate::reader::Word;
use crate::value::Decimal;

/// How a keyword names a bad value.
pub(crate) type Complaint = fn(&str, &str) -> String;

/// The complaint of keywords that say that they keep their old value.
pub(crate) fn ignored(keyword: &str, value: &str) -> String {
    format!("{keyword} '{value}' invalid - ignoring")
}

/// A number in a range; the keyword is ignored when it is none.
pub(crate) fn number<T: TryFrom<i64>>(
    line: &mut Line<'_, '_>,
    range: RangeInclusive<i64>,
    complaint: Complaint,
) -> Option<T> {
    let word = line.required(1)?;
    checked(line, &word, range, complaint)
}

/// The same for a word that is at hand.
pub(crate) fn checked<T: TryFrom<i64>>(
    line: &mut Line<'_, '_>,
    word: &Word,
    range: RangeInclusive<i64>,
    complaint: Complaint,
) -> Option<T> {
    let hint = format!("write a number from {} to {}", range.start(), range.end());
    let number = line.number(word, range);
    if number.is_none() {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        wrong(line, word, complaint(&keyword, &word.text), &hint);
    }
    number
}

/// Reports a wrong word, and what to write in its place.
pub(crate) fn wrong(line: &mut Line<'_, '_>, word: &Word, message: String, hint: &str) {
    line.add(Diagnostic::general(message).at(word.span).hint(hint));
}

/// A time in seconds.
pub(crate) fn timer(line: &mut Line<'_, '_>, word: &Word, accepts: Decimal) -> Option<Duration> {
    let time = line.seconds(word, accepts);
    if time.is_none() {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        let hint = format!("write seconds from {}", accepts.range());
        wrong(line, word, format!("{keyword} '{}' is invalid", word.text), &hint);
    }
    time
}

/// A keyword that takes no value.
pub(crate) fn set(place: &mut bool) -> Option<()> {
    *place = true;
    Some(())
}

/// An optional boolean; without a word it is true.
pub(crate) fn boolean(line: &mut Line<'_, '_>) -> Option<bool> {
    let read = line.boolean(1);
    if read.is_none() {
        let (keyword, value) = (line.text(0).unwrap_or_default(), line.text(1).unwrap_or_default());
        let message = match keyword {
            "checker_log_all_failures" | "vrrp_min_garp" => not_shown(keyword),
            "vrrp_higher_prio_send_advert" | "vrrp_lower_prio_no_advert" => not_shown(keyword),
            other => format!("Invalid value '{value}' for global {other} specified"),
        };
        line.add(Diagnostic::general(message).at(line.span()).hint("write on or off"));
    }
    read
}

/// Of some keywords keepalived does not show the value.
fn not_shown(keyword: &str) -> String {
    format!("Invalid value for {keyword} specified")
}

/// Reads a boolean into its place.
pub(crate) fn set_boolean(place: &mut bool, line: &mut Line<'_, '_>) -> Option<()> {
    *place = boolean(line)?;
    Some(())
}

/// The same where it matters whether it was given.
pub(crate) fn some_boolean(place: &mut Option<bool>, line: &mut Line<'_, '_>) -> Option<()> {
    *place = Some(boolean(line)?);
    Some(())
}

/// The first word as text, with an ordinary complaint when it is missing.
pub(crate) fn one(line: &mut Line<'_, '_>, missing: &str) -> Option<String> {
    line.given(1, missing).map(|word| word.text)
}

/// At most so many bytes, never half a character.
pub(crate) fn truncated(text: &str, bytes: usize) -> &str {
    let fits = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let end = fits.take_while(|end| *end <= bytes).last().unwrap_or(0);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation_never_splits_a_character() {
        assert_eq!(truncated("abcdefg", 3), "abc");
        assert_eq!(truncated("aää", 4), "aä");
    }
}
