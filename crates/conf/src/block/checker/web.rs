//! The rows of `HTTP_GET` and `SSL_GET`, and of the `url` blocks in them.

use lvs::HttpVersion;

use super::pattern::{self, PATTERN, PatternDraft};
use super::{CheckDraft, Row};
use crate::block::lvs_value as read;
use crate::block::timing;
use crate::diagnostic::{Class, Diagnostic};
use crate::keyword::Keyword;
use crate::line::Line;

type UrlRow = Keyword<UrlDraft>;

/// The rows of `HTTP_GET` and `SSL_GET`.
pub(crate) static WEB: &[Row] = &[
    Row::now("nb_get_retry", "old spelling of retry", |check, line| {
        let message = "nb_get_retry is deprecated - please use 'retry'";
        let found = Diagnostic::new(Class::Deprecated, message).at(line.span());
        line.add(found.hint("write retry").replace_by(Some("retry")));
        timing::retry(&mut check.timing, line)
    })
    .takes("COUNT", "0-4294967295", ""),
    Row::now("virtualhost", "Host header", |check, line| {
        let word = line.given(1, "HTTP_GET virtualhost name missing")?;
        read::string(&mut check.virtual_host, word, line)
    })
    .takes("NAME", "", "that of the real server"),
    Row::now("http_protocol", "version of the request", http_protocol).takes(
        "1.0|1.1|1.0C|1.0c",
        "",
        "1.0",
    ),
    Row::now("enable_sni", "names the host in the TLS handshake", |check, line| {
        check.own_mut().sni = read::boolean(line)?;
        Some(())
    })
    .takes("[on|off]", "", "off"),
    Row::now("sni_name", "that name", sni_name).takes("[NAME]", "", "virtualhost"),
    Row::now("fast_recovery", "asks the next url at once", |check, line| {
        check.fast_recovery = read::boolean(line)?;
        Some(())
    })
    .takes("[on|off]", "", "off"),
    Row::now("tls_compliant", "ends TLS properly", |check, line| {
        check.own_mut().compliant = read::boolean(line)?;
        Some(())
    })
    .takes("[on|off]", "", "off"),
    Row::now("tls_verify", "refuses servers without a valid certificate", |check, line| {
        check.own_mut().verify = read::boolean(line)?;
        Some(())
    })
    .takes("[on|off]", "", "off"),
    Row::now("url", "what is asked for", url).takes("{ ... }", "", ""),
];

/// The rows of `url`.
pub(crate) static URL: &[UrlRow] = &[
    UrlRow::now("path", "path of the request", |url, line| {
        let word = line.required(1)?;
        read::string(&mut url.path, word, line)
    })
    .takes("PATH", "", ""),
    UrlRow::now("digest", "MD5 of the answer", digest).takes(
        "DIGITS",
        "32 hexadecimal digits",
        "none",
    ),
    UrlRow::now("status_code", "accepted status codes", status_code).takes(
        "CODE|FIRST-LAST...",
        "100-599",
        "200-299",
    ),
    UrlRow::now("virtualhost", "Host header", |url, line| {
        let word = line.given(1, "Missing HTTP_GET virtualhost name")?;
        read::string(&mut url.virtual_host, word, line)
    })
    .takes("NAME", "", "that of the check"),
    UrlRow::now("tls_compliant", "ends TLS properly", |url, line| {
        url.compliant = read::boolean(line)?;
        Some(())
    })
    .takes("[on|off]", "", "off"),
];

/// A `url` as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UrlDraft {
    pub(crate) path: Option<String>,
    pub(crate) digest: Option<[u8; 16]>,
    /// Ranges of accepted codes; none are the usual ones.
    pub(crate) statuses: Vec<(u16, u16)>,
    pub(crate) virtual_host: Option<String>,
    /// `regex` and its options.
    pub(crate) pattern: Option<Box<PatternDraft>>,
    /// `tls_compliant`.
    pub(crate) compliant: bool,
}

/// Without a name it only turns naming on, as `enable_sni` does.
fn sni_name(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let own = check.own_mut();
    own.sni = true;
    if let Some(word) = line.word(1) {
        return read::string(&mut own.sni_name, word, line);
    }
    if let Some(name) = &own.sni_name {
        line.error(format!("sni_name without a name after sni_name {name} - ignoring"));
        return None;
    }
    Some(())
}

fn url(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let mut url = UrlDraft::default();
    line.block_of(&[URL, PATTERN], &mut url);
    pattern::finish(&mut url, line);
    if url.path.is_none() {
        line.error_at_end("HTTP/SSL_GET checker url has no path - ignoring");
        return None;
    }
    check.urls.push(url);
    Some(())
}

fn http_protocol(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.given(1, "Missing http_protocol version")?;
    check.version = match word.text.as_str() {
        "1.0" => HttpVersion::V1_0,
        "1.0C" | "1.0c" => HttpVersion::V1_0Close,
        "1.1" => HttpVersion::V1_1,
        other => {
            let found = Diagnostic::general(format!("Invalid http_protocol version {other}"));
            line.add(found.at(word.span).hint("write 1.0, 1.0C or 1.1"));
            return None;
        }
    };
    Some(())
}

fn digest(url: &mut UrlDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let (text, length) = (&word.text, word.text.len());
    let message = match parse_digest(text) {
        _ if url.digest.is_some() => format!("Digest '{text}' is a duplicate"),
        Some(digest) => {
            url.digest = Some(digest);
            return Some(());
        }
        None if length == 32 => not_hexadecimal(text),
        None => format!("digest '{text}' character length should be 32 rather than {length}"),
    };
    let found = Diagnostic::general(message).at(word.span);
    line.add(found.hint("one digest of 32 hexadecimal digits, as genhash prints it"));
    None
}

/// Shows the text as far as the first two characters that are no byte, and where they are.
fn not_hexadecimal(text: &str) -> String {
    let no_digit = text.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or_default();
    let (from, to) = (no_digit & !1, no_digit | 1);
    let shown = text.get(..=to).unwrap_or(text);
    format!("Unable to interpret hex digit in '{shown}' at offset {from}/{to}")
}

/// 32 hexadecimal digits as 16 bytes.
fn parse_digest(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> =
        digits.chunks(2).map(|pair| pair.iter().fold(0, |n, d| n << 4 | d)).collect();
    <[u8; 16]>::try_from(bytes).ok().filter(|_| digits.len() == 32)
}

fn status_code(url: &mut UrlDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if line.word(1).is_none() {
        let message = "status_code without a code has no effect";
        let found = Diagnostic::notice(message).at(line.span());
        line.add(found.hint("write codes of 100 to 599, or ranges such as 200-299"));
        return None;
    }
    for word in line.statement.words.clone().into_iter().skip(1) {
        let (from, to) = word.text.split_once('-').unwrap_or((&word.text, &word.text));
        let code = |text: &str| text.parse().ok().filter(|code| (100..=599).contains(code));
        match (code(from), code(to)) {
            (Some(from), Some(to)) if from <= to => url.statuses.push((from, to)),
            _ => {
                let message = format!("Invalid HTTP_GET status code '{}'", word.text);
                let found = Diagnostic::general(message).at(word.span);
                line.add(found.hint("write a code of 100 to 599, or a range such as 200-299"));
            }
        }
    }
    Some(())
}
