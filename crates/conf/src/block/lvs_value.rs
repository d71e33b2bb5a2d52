//! Reads the values that the blocks of load balancing share: sockets, times, numbers, words.
//!
//! Where a value goes is decided by the rows; compat 20 has the ranges.

use std::net::IpAddr;
use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::line::Line;
use crate::reader::Word;
use crate::suggest;
use crate::value::{self, Decimal};

/// An address, and the port after it; no port, an empty word, or only zeros, is 0.
pub(crate) fn socket(
    line: &mut Line<'_, '_>,
    word: &Word,
    at: usize,
    what: &str,
) -> Option<(IpAddr, u16)> {
    let written = line.word(at);
    let number = port(line, at);
    let address = value::address_cut(&word.text);
    if let (Some(address), Some(number)) = (address, number) {
        cut_off(line, word);
        return Some((address, number));
    }
    let shown = written.as_ref().map(|word| word.text.as_str());
    let message = format!("Invalid {what} {} - skipping", misread(what, &word.text, shown));
    let place =
        if address.is_some() { written.map_or(word.span, |word| word.span) } else { word.span };
    line.add(
        Diagnostic::general(message).at(place).hint("write an address and a port, 1 to 65535"),
    );
    None
}

/// A port, after which nothing may follow, a range of ports neither; 0 when there is no word, an
/// empty one, or only zeros.
pub(crate) fn port(line: &mut Line<'_, '_>, at: usize) -> Option<u16> {
    let Some(word) = line.word(at).filter(|word| !is_zero(&word.text)) else { return Some(0) };
    line.port(&word)
}

/// Whether a word stands for no port.
pub(crate) fn is_zero(port: &str) -> bool {
    port.bytes().all(|byte| byte == b'0')
}

/// What could not be read, in the words that keepalived has for each kind of server.
fn misread(what: &str, address: &str, port: Option<&str>) -> String {
    match (what, port) {
        ("real server", Some(port)) => format!("ip address/port {address}/{port}"),
        ("virtual server", Some(port)) if !is_zero(port) => {
            format!("IP address/port {address}/{port}")
        }
        ("real server", None) => format!("ip address/port {address}"),
        _ => format!("IP address {address}"),
    }
}

/// A range or a network is read as its first address; keepalived says nothing of it.
fn cut_off(line: &mut Line<'_, '_>, word: &Word) {
    if let Some(at) = word.text.find(['-', '/']) {
        let message = format!("`{}` after the address is ignored", &word.text[at..]);
        let found = Diagnostic::notice(message).at(word.span);
        line.add(found.hint("ranges of addresses stand in a virtual_server_group"));
    }
}

/// Whose keyword it is, since each complains in words of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A virtual server.
    Virtual,
    /// A real server.
    Real,
    /// A check.
    Check,
}

impl Owner {
    /// What keepalived says of a value that it does not take.
    fn refusal(self, keyword: &str, value: &str) -> String {
        let (server, title) = match self {
            Self::Virtual => ("virtual server", "Virtual"),
            Self::Real => ("real server", "Real"),
            Self::Check => return check_refusal(keyword, value),
        };
        match keyword {
            "delay_loop" if self == Self::Virtual => {
                format!("virtual server delay loop '{value}' invalid - ignoring")
            }
            "delay_before_retry" if self == Self::Virtual => {
                format!("virtual server delay before retry '{value}' invalid - ignoring")
            }
            "delay_loop" | "delay_before_retry" | "warmup" => {
                format!("{server} {keyword} '{value}' invalid - ignoring")
            }
            "connect_timeout" => format!("{server} {keyword} {value} invalid - ignoring"),
            "retry" => format!("retry value invalid - {value}"),
            "weight" => {
                let least = u8::from(self == Self::Virtual);
                format!("{title} server weight {value} is outside range {least}-2147483647")
            }
            "hysteresis" => format!("Hysteresis {value} must be in [0, 4294967295] - ignoring"),
            "uthreshold" | "lthreshold" => {
                format!("Invalid real_server {keyword} '{value}' - ignoring")
            }
            other => format!("{other} {value} is invalid"),
        }
    }
}

fn check_refusal(keyword: &str, value: &str) -> String {
    match keyword {
        "connect_timeout" => format!("connect_timeout {value} invalid - ignoring"),
        "delay_loop" => format!("delay_loop '{value}' is invalid - ignoring"),
        "nb_get_retry" => format!("Invalid nb_get_retry value '{value}'"),
        other => format!("Invalid {other} connection value '{value}'"),
    }
}

/// Seconds with six decimals, as long as anybody may want to wait.
pub(crate) fn pause(line: &mut Line<'_, '_>, owner: Owner, least: u64) -> Option<Duration> {
    timer(line, owner, Decimal::micros(least, u64::MAX - 1))
}

/// Seconds that something may take: more than none, and at most about 71 minutes.
pub(crate) fn timeout(line: &mut Line<'_, '_>, owner: Owner) -> Option<Duration> {
    timer(line, owner, Decimal::micros(1, 4_294_967_295))
}

fn timer(line: &mut Line<'_, '_>, owner: Owner, accepts: Decimal) -> Option<Duration> {
    let word = line.required(1)?;
    let time = line.seconds(&word, accepts);
    if time.is_none() {
        refuse(line, owner, &word);
    }
    extra(line);
    time
}

/// A number in a range.
pub(crate) fn number<T: TryFrom<i64>>(
    line: &mut Line<'_, '_>,
    owner: Owner,
    least: u32,
    most: u32,
) -> Option<T> {
    let word = line.required(1)?;
    let number = line.number(&word, i64::from(least)..=i64::from(most));
    if number.is_none() {
        refuse(line, owner, &word);
    }
    extra(line);
    number
}

/// A number in a range after which nothing may follow, in a running daemon neither.
pub(crate) fn strict(line: &mut Line<'_, '_>, owner: Owner, least: u32, most: u32) -> Option<u32> {
    let word = line.required(1)?;
    let range = i64::from(least)..=i64::from(most);
    let trailing = value::integer(&word.text, &range).trailing;
    let number = line.number(&word, range).filter(|_| !trailing);
    if number.is_none() {
        refuse(line, owner, &word);
    }
    extra(line);
    number
}

fn refuse(line: &mut Line<'_, '_>, owner: Owner, word: &Word) {
    let message = owner.refusal(line.text(0).unwrap_or_default(), &word.text);
    line.error_at(word, message);
}

/// Several keywords on one line: all but the first are lost, of which keepalived says nothing.
fn extra(line: &mut Line<'_, '_>) {
    let Some(word) = line.word(2) else { return };
    let keyword = line.text(0).unwrap_or_default();
    let message = format!("`{}` after the value of {keyword} is ignored", word.text);
    let found = Diagnostic::notice(message).at(word.span);
    line.add(found.hint("each keyword needs a line of its own"));
}

/// An optional boolean; without a word it is true.
pub(crate) fn boolean(line: &mut Line<'_, '_>) -> Option<bool> {
    let read = line.boolean(1);
    if read.is_none() {
        let (keyword, value) = (line.text(0).unwrap_or_default(), line.text(1).unwrap_or_default());
        let message = format!("Invalid {keyword} parameter {value}");
        let found = Diagnostic::general(message).at(line.statement.span);
        line.add(found.hint("write true, on, yes, false, off or no"));
    }
    read
}

/// `smtp_alert`, whose complaint names the block.
pub(crate) fn alert(line: &mut Line<'_, '_>, block: &str) -> Option<bool> {
    let read = line.boolean(1);
    if read.is_none() {
        let value = line.text(1).unwrap_or_default();
        let message = format!("Invalid {block} smtp_alert parameter {value}");
        let found = Diagnostic::general(message).at(line.statement.span);
        line.add(found.hint("write true, on, yes, false, off or no"));
    }
    read
}

/// A word into a place that should be empty: a second one counts, of which keepalived says nothing.
pub(crate) fn string(
    place: &mut Option<String>,
    word: Word,
    line: &mut Line<'_, '_>,
) -> Option<()> {
    let keyword = line.text(0).unwrap_or_default();
    if let Some(before) = place.as_ref() {
        line.notice(format!("{keyword} is given twice - {before} is replaced by {}", word.text));
    }
    *place = Some(word.text);
    Some(())
}

/// The one word of `snmp_name`.
pub(crate) fn snmp_name(
    place: &mut Option<Box<str>>,
    line: &mut Line<'_, '_>,
    whose: &str,
) -> Option<()> {
    let word = line.word(1).filter(|_| line.len() == 2);
    let Some(word) = word else {
        let message = format!("{whose} server snmp_name missing or extra parameters");
        let found = Diagnostic::general(message).at(line.statement.span);
        line.add(found.hint("write one name; put it between double quotes if it has blanks"));
        return None;
    };
    *place = Some(word.text.into());
    Some(())
}

/// Complains about a word that is none of the known ones, with the one that was probably meant.
pub(crate) fn unknown(line: &mut Line<'_, '_>, word: &Word, message: String, known: &[&str]) {
    let meant = suggest::closest(&word.text, known.iter().copied());
    let hint = match meant {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("write one of {}", known.join(", ")),
    };
    line.add(Diagnostic::general(message).at(word.span).hint(hint).replace_by(meant));
}
