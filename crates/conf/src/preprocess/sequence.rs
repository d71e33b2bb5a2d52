//! `~SEQ` and `~SEQx`: one line for each number of a sequence (compat 01 §7.1).
//!
//! It reads the numbers and counts; that the line is handed out for each is done in `generated`.

use super::definition::name_length;

/// Numbers still to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    next: Option<i64>,
    step: i64,
    end: i64,
    hexadecimal: bool,
}

/// What keepalived calls a broken sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Invalid {
    Definition,
    Values,
    Large,
    Negative,
    Unclosed,
    Other,
}

impl Invalid {
    pub(super) fn message(self, text: &str) -> String {
        match self {
            Self::Definition => format!("Invalid ~SEQ definition '{text}'"),
            Self::Values | Self::Large => format!("Invalid ~SEQ values '{text}'"),
            Self::Negative => format!("~SEQx is only valid for positive numbers '{text}'"),
            Self::Unclosed => format!("~SEQ missing terminating ')' '{text}'"),
            Self::Other => format!("Invalid ~SEQ specification '{text}'"),
        }
    }

    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Definition | Self::Unclosed | Self::Other => {
                "it is ~SEQ(NAME, END), ~SEQ(NAME, START, END) or ~SEQ(NAME, START, STEP, END)"
            }
            Self::Values => "each step has to lead from the start towards the end",
            Self::Large => "numbers have 64 bits at most",
            Self::Negative => "start and end must not be below 0",
        }
    }
}

/// The parts of a sequence's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head<'t> {
    pub(super) hexadecimal: bool,
    pub(super) name: &'t str,
    /// Where the numbers begin and end in the text.
    pub(super) numbers: (usize, usize),
}

/// Takes the head of a line apart; the line starts with `~SEQ`.
pub(super) fn head(text: &str) -> Result<Head<'_>, Invalid> {
    let rest = text.strip_prefix("~SEQ").ok_or(Invalid::Other)?;
    let hexadecimal = rest.starts_with('x');
    let rest = rest.strip_prefix('x').unwrap_or(rest).trim_start_matches([' ', '\t']);
    let inner = rest.strip_prefix('(').ok_or(Invalid::Other)?;
    let start = text.len() - inner.len();
    let end = start + inner.find(')').ok_or(Invalid::Unclosed)?;
    let comma = text[start..end].find(',').ok_or(Invalid::Definition)?;
    let name = text[start..start + comma].trim_matches([' ', '\t']);
    if name.is_empty() || name_length(name) != name.len() {
        return Err(Invalid::Definition);
    }
    Ok(Head { hexadecimal, name, numbers: (start + comma + 1, end) })
}

impl Sequence {
    /// Reads the numbers after the name.
    pub(super) fn read(numbers: &str, hexadecimal: bool) -> Result<Self, Invalid> {
        let numbers = numbers.split(',').map(number).collect::<Result<Vec<_>, _>>()?;
        let sign = |negative: bool| if negative { -1 } else { 1 };
        let (start, step, end) = match numbers[..] {
            [end] => (sign(end < 0), sign(end < 1), end),
            [start, end] => (start, sign(end < start), end),
            [start, step, end] => (start, step, end),
            _ => return Err(Invalid::Definition),
        };
        if step == 0 || (step > 0 && end < start) || (step < 0 && end > start) {
            return Err(Invalid::Values);
        }
        if hexadecimal && (start < 0 || end < 0) {
            return Err(Invalid::Negative);
        }
        Ok(Self { next: Some(start), step, end, hexadecimal })
    }

    /// The next number as it is written.
    pub(super) fn next(&mut self) -> Option<String> {
        let number = self.next?;
        let (step, end) = (self.step, self.end);
        let within = |next: &i64| if step > 0 { *next <= end } else { *next >= end };
        self.next = number.checked_add(step).filter(within);
        Some(if self.hexadecimal { format!("{number:x}") } else { number.to_string() })
    }
}

/// A number in C notation; nothing at all is 0.
fn number(text: &str) -> Result<i64, Invalid> {
    let text = text.trim_matches([' ', '\t']);
    if text.is_empty() {
        return Ok(0);
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let (radix, digits) = match (lower, digits.strip_prefix('0')) {
        (Some(digits), _) => (16, digits),
        (None, Some(rest)) if !rest.is_empty() => (8, rest),
        (None, _) => (10, digits),
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Err(Invalid::Definition);
    }
    let sign = if negative { "-" } else { "" };
    i64::from_str_radix(&format!("{sign}{digits}"), radix).map_err(|_| Invalid::Large)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(numbers: &str) -> Result<Vec<String>, Invalid> {
        let mut sequence = Sequence::read(numbers, false)?;
        Ok(std::iter::from_fn(|| sequence.next()).take(100).collect())
    }

    #[test]
    fn sequences_count_as_the_original_does() {
        let rows: [(&str, &[&str]); 14] = [
            ("3", &["1", "2", "3"]),
            ("1", &["1"]),
            ("0", &["1", "0"]),
            ("", &["1", "0"]),
            ("-2", &["-1", "-2"]),
            ("2,1", &["2", "1"]),
            ("-1,1", &["-1", "0", "1"]),
            ("1,2,6", &["1", "3", "5"]),
            ("6,-2,1", &["6", "4", "2"]),
            ("5,1,5", &["5"]),
            ("0x8,0xA", &["8", "9", "10"]),
            ("07,010", &["7", "8"]),
            (" +1 , 2 ", &["1", "2"]),
            // The original goes on with the smallest number there is.
            (
                "9223372036854775806,9223372036854775807",
                &["9223372036854775806", "9223372036854775807"],
            ),
        ];
        for (numbers, expected) in rows {
            assert_eq!(all(numbers).unwrap(), expected, "{numbers}");
        }
    }

    #[test]
    fn what_cannot_be_counted_is_refused() {
        for numbers in ["1,0,3", "1,-1,3", "3,1,1"] {
            assert_eq!(all(numbers), Err(Invalid::Values), "{numbers}");
        }
        for numbers in ["x", "1x", "1,2,3,4", "1 2", "08", "0x", "-", "1.5"] {
            assert_eq!(all(numbers), Err(Invalid::Definition), "{numbers}");
        }
        assert_eq!(all("99999999999999999999"), Err(Invalid::Large));
        assert_eq!(Sequence::read("-9,11", true), Err(Invalid::Negative));
        let mut hexadecimal = Sequence::read("9,11", true).unwrap();
        let written: Vec<String> = std::iter::from_fn(|| hexadecimal.next()).collect();
        assert_eq!(written, ["9", "a", "b"]);
    }

    #[test]
    fn a_head_has_a_name_and_numbers() {
        let found = head("~SEQx ( i ,2) text)").unwrap();
        assert_eq!((found.hexadecimal, found.name, found.numbers), (true, "i", (11, 12)));
        assert_eq!(head("~SEQ(i,2"), Err(Invalid::Unclosed));
        assert_eq!(head("~SEQX(i,2)"), Err(Invalid::Other));
        assert_eq!(head("~SEQ"), Err(Invalid::Other));
        for broken in ["~SEQ(i)", "~SEQ(,2)", "~SEQ()", "~SEQ(1i,2)", "~SEQ(i 3)"] {
            assert_eq!(head(broken), Err(Invalid::Definition), "{broken}");
        }
    }

    proptest! {
        #[test]
        fn a_sequence_is_what_a_loop_makes(start in -50..50_i64, step in 1..9_i64, end in -50..50_i64) {
            let mut model = Vec::new();
            let mut number = start;
            let up = start <= end;
            while if up { number <= end } else { number >= end } {
                model.push(number.to_string());
                number += if up { step } else { -step };
            }
            let step = if up { step } else { -step };
            prop_assert_eq!(all(&format!("{start},{step},{end}")).unwrap(), model);
        }
    }
}
