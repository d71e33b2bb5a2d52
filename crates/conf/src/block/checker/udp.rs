//! The rows of `UDP_CHECK`: what is sent, and what must come back.

use lvs::config::{Reply, ReplyByte};

use super::{CheckDraft, Row};
use crate::diagnostic::Diagnostic;
use crate::line::Line;
use crate::value;

/// The longest reply in bytes unless `max_reply_length` says another.
pub(crate) const LONGEST: u16 = 255;

/// The rows of `UDP_CHECK`.
pub(crate) static UDP: &[Row] = &[
    Row::now("payload", "what is sent, in hexadecimal digits", payload).takes(
        "DIGITS",
        "pairs of hexadecimal digits",
        "32 bytes of text",
    ),
    Row::now("require_reply", "what must come back", require_reply).takes(
        "[DIGITS]",
        "pairs of hexadecimal digits, x for any",
        "off",
    ),
    Row::now("min_reply_length", "least length of the reply", |check, line| {
        check.own_mut().min_length = Some(length(line, "min")?);
        Some(())
    })
    .takes("BYTES", "0-65535", "0"),
    Row::now("max_reply_length", "largest length of the reply", |check, line| {
        check.own_mut().max_length = Some(length(line, "max")?);
        Some(())
    })
    .takes("BYTES", "0-65535", "255"),
];

fn payload(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if line.word(1).is_none() {
        let found = Diagnostic::general("UDP_CHECK payload requires a payload").at(line.span());
        line.add(found.hint(HEX));
        return None;
    }
    let bytes = bytes(line, false);
    if bytes.is_none() {
        invalid(line, "payload");
    }
    check.own_mut().payload = Some(bytes?.into_iter().map(|byte| byte.value).collect());
    Some(())
}

/// A reply is required even where its digits are none (compat 20).
fn require_reply(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let own = check.own_mut();
    own.reply = Reply::Any;
    if line.word(1).is_none() {
        return Some(());
    }
    match bytes(line, true) {
        Some(bytes) => own.reply = Reply::Like(bytes),
        None => invalid(line, "reply"),
    }
    Some(())
}

const HEX: &str = "write bytes of two hexadecimal digits each, such as 0001 ff";

fn invalid(line: &mut Line<'_, '_>, what: &str) {
    let message = format!("Invalid hex string for UDP_CHECK {what}");
    let place = line.word(1).map_or(line.statement.span, |word| word.span);
    line.add(Diagnostic::general(message).at(place).hint(HEX));
}

/// The words of the line as bytes. A digit alone before a blank is a byte, as keepalived reads
/// it; `x` is any digit where that makes sense.
fn bytes(line: &Line<'_, '_>, wild: bool) -> Option<Vec<ReplyByte>> {
    let words = line.statement.words.iter().skip(1);
    let mut all = Vec::new();
    for word in words {
        let digits: Vec<char> = word.text.chars().filter(|c| !c.is_whitespace()).collect();
        for pair in digits.chunks(2) {
            let byte = pair.iter().try_fold(ReplyByte { value: 0, mask: 0 }, |byte, digit| {
                let (value, mask) = nibble(*digit, wild)?;
                Some(ReplyByte { value: byte.value << 4 | value, mask: byte.mask << 4 | mask })
            })?;
            // The half that is not written is 0, and counts.
            let mask = if pair.len() == 1 { byte.mask | 0xf0 } else { byte.mask };
            all.push(ReplyByte { mask, ..byte });
        }
    }
    (!all.is_empty()).then_some(all)
}

/// A digit, and which of its bits count.
fn nibble(digit: char, wild: bool) -> Option<(u8, u8)> {
    if wild && matches!(digit, 'x' | 'X') {
        return Some((0, 0));
    }
    u8::try_from(digit.to_digit(16)?).ok().map(|digit| (digit, 0xf))
}

fn length(line: &mut Line<'_, '_>, which: &str) -> Option<u16> {
    let word = line.required(1)?;
    let whole = !value::integer(&word.text, &(0..=65535)).trailing;
    let length = line.number(&word, 0..=65535).filter(|_| whole);
    if length.is_none() {
        let limits = "must be between 0 & 65535";
        let message = format!("UDP_CHECK {which} length {} not valid - {limits}", word.text);
        line.error_at(&word, message);
    }
    length
}

/// Complains when no reply can be as long as it must be.
pub(super) fn lengths(check: &CheckDraft, line: &mut Line<'_, '_>) {
    let Some(own) = check.own() else { return };
    let (min, max) = (own.min_length.unwrap_or(0), own.max_length.unwrap_or(LONGEST));
    if min > max {
        let message =
            format!("UDP_CHECK min_reply length {min} > max_reply_length {max} - will always fail");
        line.add_at_end(
            Diagnostic::general(message).hint("max_reply_length is 255 unless it is written"),
        );
    }
}
