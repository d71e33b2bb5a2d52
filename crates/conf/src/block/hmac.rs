//! `auth_hmac`: keys and rules of the trailer that authenticates adverts.
//!
//! Keys never leave this draft in readable form. What is allowed beside it is decided in
//! `resolve::authentication`.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use vrrp::config::{Freshness, HmacKey, HmacMode};

use crate::diagnostic::{Class, Diagnostic};
use crate::keyword::Keyword;
use crate::line::Line;
use crate::reader::Word;

/// The block as written; the instance's name is for its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HmacDraft {
    instance: String,
    pub(crate) keys: Vec<HmacKey>,
    pub(crate) active: Option<u8>,
    pub(crate) window: Option<Duration>,
    pub(crate) freshness: Freshness,
    pub(crate) mode: HmacMode,
}

type Row = Keyword<HmacDraft>;

/// The rows of `auth_hmac`.
pub(crate) static AUTH_HMAC: &[Row] = &[
    Row::now("key", "a key and its number", key).takes(
        "ID VALUE",
        "ID 1-255; 32-64 bytes as text, hex:DIGITS or file:PATH",
        "",
    ),
    Row::now("active_key", "number of the key for sending", |draft, line| {
        let word = line.required(1)?;
        draft.active = number(line, &word, (1, 255), |text| {
            format!("({}) auth_hmac active_key '{text}' must be between 1 and 255", draft.instance)
        });
        Some(())
    })
    .takes("ID", "1-255", ""),
    Row::now("time_window", "seconds that an advert stays fresh", |draft, line| {
        let word = line.required(1)?;
        let seconds: u16 = number(line, &word, (1, 300), |text| {
            let name = &draft.instance;
            format!("({name}) auth_hmac time_window '{text}' must be between 1 and 300 seconds")
        })?;
        draft.window = Some(Duration::from_secs(seconds.into()));
        Some(())
    })
    .takes("SECS", "1-300", "three adverts, from 5 to 300"),
    Row::now("anti_replay", "how freshness is checked", |draft, line| {
        let word = line.required(1)?;
        draft.freshness = match word.text.as_str() {
            "time" => Freshness::Time,
            "monotonic" => Freshness::Monotonic,
            other => {
                let name = &draft.instance;
                let message =
                    format!("({name}) auth_hmac anti_replay '{other}' must be time or monotonic");
                line.error_at(&word, message);
                return None;
            }
        };
        Some(())
    })
    .takes("time|monotonic", "", "time"),
    Row::now("mode", "whether others are still accepted", |draft, line| {
        let word = line.required(1)?;
        draft.mode = match word.text.as_str() {
            "enforce" => HmacMode::Enforce,
            "permissive" => HmacMode::Permissive,
            "receive-only" => HmacMode::ReceiveOnly,
            other => {
                let message = format!(
                    "({}) auth_hmac mode '{other}' must be enforce, permissive or receive-only",
                    draft.instance
                );
                line.error_at(&word, message);
                return None;
            }
        };
        Some(())
    })
    .takes("enforce|permissive|receive-only", "", "enforce"),
];

fn number<N: TryFrom<i64>>(
    line: &mut Line<'_, '_>,
    word: &Word,
    (least, most): (i64, i64),
    refused: impl FnOnce(&str) -> String,
) -> Option<N> {
    // A word that is no number may be the key.
    if word.text.len() > 5 || !word.text.chars().all(|c| c.is_ascii_digit() || c == '-') {
        line.error_at(word, refused("********"));
        return None;
    }
    let number = line.number(word, least..=most);
    if number.is_none() {
        line.error_at(word, refused(&word.text));
    }
    number
}

fn key(draft: &mut HmacDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let name = draft.instance.clone();
    let (Some(id), Some(text)) = (line.word(1), line.word(2)) else {
        line.error(format!("({name}) auth_hmac key needs an id and a value"));
        return None;
    };
    let id: u8 = number(line, &id, (1, 255), |text| {
        format!("({name}) auth_hmac key id '{text}' must be between 1 and 255")
    })?;
    if draft.keys.iter().any(|key| key.id == id) {
        line.error(format!("({name}) duplicate auth_hmac key id {id}"));
        return None;
    }
    let secret = match text.text.strip_prefix("file:") {
        Some(path) => decoded(&from_file(&name, path, line)?),
        None => decoded(&text.text),
    };
    let length = secret.as_ref().map_or(0, Vec::len);
    let Some(secret) = secret.filter(|secret| LENGTHS.contains(&secret.len())) else {
        let (least, most) = (LENGTHS.start(), LENGTHS.end());
        let message =
            format!("({name}) auth_hmac key {id} length {length} not in range [{least}, {most}]");
        let found = Diagnostic::general(message).at(text.span);
        line.add(found.hint("32 to 64 bytes as text, hex:DIGITS or file:PATH"));
        return None;
    };
    draft.keys.push(HmacKey { id, secret });
    Some(())
}

/// How many bytes a key may have.
const LENGTHS: std::ops::RangeInclusive<usize> = 32..=64;

/// The bytes of a text or of `hex:DIGITS`.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let Some(digits) = text.strip_prefix("hex:") else {
        return Some(text.as_bytes().to_vec());
    };
    let digits: Option<Vec<u8>> =
        digits.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// The longest file: 64 bytes as hexadecimal digits with what stands around them.
const FILE: u64 = 140;

fn from_file(name: &str, path: &str, line: &mut Line<'_, '_>) -> Option<String> {
    let about = fs::metadata(Path::new(path));
    let text = match &about {
        Ok(about) if about.len() > FILE => {
            line.error(format!("({name}) auth_hmac key file '{path}' is too large"));
            return None;
        }
        Ok(about) if about.is_file() => fs::read_to_string(path).ok(),
        Ok(_) | Err(_) => None,
    };
    let Some(text) = text else {
        line.error(format!("({name}) auth_hmac key file '{path}' cannot be opened"));
        return None;
    };
    if about.is_ok_and(|about| about.mode() & 0o077 != 0) {
        let message =
            format!("({name}) auth_hmac key file '{path}' is readable by group or others");
        let found = Diagnostic::new(Class::Security, message).at(line.statement.span);
        line.add(found.hint("chmod 600 it"));
    }
    Some(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Reads the block; none of its lines is shown in findings.
pub(crate) fn read(
    instance: &str,
    place: &mut Option<HmacDraft>,
    line: &mut Line<'_, '_>,
) -> Option<()> {
    let mut draft = place.take().unwrap_or_default();
    instance.clone_into(&mut draft.instance);
    line.cx.reader.secret = true;
    line.block(AUTH_HMAC, &mut draft);
    line.cx.reader.secret = false;
    *place = Some(draft);
    Some(())
}
