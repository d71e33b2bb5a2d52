//! The rows of `HTTP_GET` and `SSL_GET`, and of the `url` blocks in them.

use lvs::HttpVersion;

use super::connect::{
    ALPHA, BIND_IF, BIND_PORT, BIND_TO, CONNECT_IP, CONNECT_PORT, CONNECT_TIMEOUT,
    DELAY_BEFORE_RETRY, DELAY_LOOP, LOG_ALL, MARK, RETRY, WARM_UP,
};
use super::{CheckDraft, Row, UrlDraft};
use crate::block::lvs_value as read;
use crate::block::timing;
use crate::diagnostic::{Class, Diagnostic};
use crate::keyword::Keyword;
use crate::line::Line;

/// The rows of `HTTP_GET` and `SSL_GET`.
pub(crate) static WEB: &[Row] = &[
    CONNECT_IP,
    CONNECT_PORT,
    BIND_TO,
    BIND_PORT,
    BIND_IF,
    CONNECT_TIMEOUT,
    MARK,
    RETRY,
    DELAY_BEFORE_RETRY,
    WARM_UP,
    DELAY_LOOP,
    ALPHA,
    LOG_ALL,
    Row::now("nb_get_retry", "old spelling of retry", |check, line| {
        let message = "nb_get_retry is deprecated - please use 'retry'";
        let found = Diagnostic::new(Class::Deprecated, message).at(line.span());
        line.add(found.hint("write retry").replace_by(Some("retry")));
        timing::retry(&mut check.timing, line)
    }),
    Row::now("virtualhost", "Host header", |check, line| {
        read::string(&mut check.virtual_host, line)
    }),
    Row::now("http_protocol", "version of the request", http_protocol),
    Row::inert("enable_sni", "names the host in the TLS handshake"),
    Row::inert("sni_name", "that name"),
    Row::now("fast_recovery", "asks the next url at once", |check, line| {
        check.fast_recovery = read::boolean(line)?;
        Some(())
    }),
    Row::inert("tls_compliant", "ends TLS properly"),
    Row::now("url", "what is asked for", url),
];

/// The rows of `url`.
pub(crate) static URL: &[Keyword<UrlDraft>] = &[
    Keyword::now("path", "path of the request", |url, line| {
        line.required(1)?;
        read::string(&mut url.path, line)
    }),
    Keyword::now("digest", "MD5 of the answer", digest),
    Keyword::now("status_code", "accepted status codes", status_code),
    Keyword::now("virtualhost", "Host header", |url, line| {
        read::string(&mut url.virtual_host, line)
    }),
    Keyword::inert("regex", "pattern that the answer must match"),
    Keyword::inert("regex_no_match", "or must not match"),
    Keyword::inert("regex_options", "options of the pattern"),
    Keyword::inert("regex_min_offset", "first place of a match"),
    Keyword::inert("regex_max_offset", "last place of a match"),
    Keyword::inert("regex_stack", "memory of the pattern"),
    Keyword::inert("tls_compliant", "ends TLS properly"),
];

fn url(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let mut url = UrlDraft::default();
    line.block(URL, &mut url);
    if url.path.is_none() {
        line.error_at_end("HTTP/SSL_GET checker url has no path - ignoring");
        return None;
    }
    check.urls.push(url);
    Some(())
}

fn http_protocol(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    check.version = match word.text.as_str() {
        "1.0" => HttpVersion::V1_0,
        "1.0C" | "1.0c" => HttpVersion::V1_0Close,
        "1.1" => HttpVersion::V1_1,
        other => {
            let found = Diagnostic::general(format!("Invalid http_protocol {other} - ignoring"));
            line.add(found.at(word.span).hint("write 1.0, 1.0C or 1.1"));
            return None;
        }
    };
    Some(())
}

fn digest(url: &mut UrlDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let length = word.text.len();
    let message = match parse_digest(&word.text) {
        Some(_) if url.digest.is_some() => {
            format!("A second digest {} for one url - ignoring", word.text)
        }
        Some(digest) => {
            url.digest = Some(digest);
            return Some(());
        }
        None if length == 32 => format!("Invalid digest {} - ignoring", word.text),
        None => {
            format!("digest '{}' character length should be 32 rather than {length}", word.text)
        }
    };
    let found = Diagnostic::general(message).at(word.span);
    line.add(found.hint("one digest of 32 hexadecimal digits, as genhash prints it"));
    None
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
    line.required(1)?;
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
