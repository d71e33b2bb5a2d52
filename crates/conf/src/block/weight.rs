//! `weight N [reverse]` of what can be tracked.

use crate::line::Line;

/// A weight as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WeightDraft {
    pub(crate) weight: i16,
    pub(crate) reverse: bool,
}

/// The words of a kind of object for messages.
pub(crate) struct Complaints<'a> {
    /// Said when the number is out of range.
    pub(crate) range: &'a dyn Fn(&str) -> String,
    /// Said of anything but `reverse`.
    pub(crate) option: &'a dyn Fn(&str) -> String,
}

/// Reads the line; a bad number is ignored with its option, which is looked at all the same.
pub(crate) fn read(
    line: &mut Line<'_, '_>,
    most: i16,
    complaints: &Complaints<'_>,
) -> Option<WeightDraft> {
    let word = line.required(1)?;
    let weight = line.number(&word, i64::from(-most)..=i64::from(most));
    if weight.is_none() {
        line.error_at(&word, (complaints.range)(&word.text));
    }
    let reverse = match line.word(2) {
        Some(word) if word.text == "reverse" => true,
        Some(word) => {
            line.error_at(&word, (complaints.option)(&word.text));
            false
        }
        None => false,
    };
    Some(WeightDraft { weight: weight?, reverse })
}
