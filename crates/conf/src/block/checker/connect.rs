//! The rows that checks share: where they connect to, and when they run.

use super::{CheckDraft, Row};
use crate::block::lvs_value::{self as read, Owner};
use crate::block::timing;
use crate::diagnostic::Diagnostic;
use crate::line::{Line, Spanned};
use crate::value;
use net::LinkName;

/// The rows of every check that connects.
pub(crate) static CONNECT: &[Row] = &[
    Row::now("connect_ip", "address to connect to", |check, line| {
        check.connect_ip = Some(address(line)?.value);
        Some(())
    })
    .takes("ADDRESS", "", "that of the real server"),
    Row::now("connect_port", "port to connect to", |check, line| {
        check.connect_port = Some(port(line)?);
        Some(())
    })
    .takes("PORT", "1-65535", "that of the real server"),
    Row::now("bindto", "address to connect from", |check, line| {
        check.bind_to = Some(address(line)?);
        Some(())
    })
    .takes("ADDRESS", "the family of connect_ip", "the kernel's choice"),
    Row::now("bind_port", "port to connect from", |check, line| {
        check.bind_port = Some(port(line)?);
        Some(())
    })
    .takes("PORT", "1-65535", "the kernel's choice"),
    Row::now("bind_if", "interface to connect through", bind_if).takes(
        "IFACE",
        "at most 15 bytes",
        "none",
    ),
    Row::now("connect_timeout", "seconds it may take", |check, line| {
        timing::connect_timeout(&mut check.timing, line, Owner::Check)
    })
    .takes("SECS", "0.000001-4294.967295", "that of the real server"),
    Row::now("fwmark", "mark of its packets", |check, line| {
        check.mark = read::number(line, Owner::Check, 0, u32::MAX)?;
        Some(())
    })
    .takes("MARK", "0-4294967295", "0"),
];

/// The rows of every check that is repeated.
pub(crate) static SCHEDULE: &[Row] = &[
    Row::now("retry", "further attempts", |check, line| timing::retry(&mut check.timing, line))
        .takes(
            "COUNT",
            "0-4294967295",
            "that of the real server, else 1 (DNS_CHECK 3, MISC_CHECK 0)",
        ),
    Row::now("delay_before_retry", "seconds before such an attempt", |check, line| {
        timing::delay_before_retry(&mut check.timing, line, Owner::Check)
    })
    .takes(
        "SECS",
        "from 0",
        "that of the real server, else 1 (HTTP_GET 3, DNS_CHECK delay_loop)",
    ),
    Row::now("warmup", "random delay of the first check", |check, line| {
        timing::warmup(&mut check.timing, line, Owner::Check)
    })
    .takes("SECS", "from 0", "that of the real server, else delay_loop"),
    Row::now("delay_loop", "seconds between checks", |check, line| {
        timing::delay_loop(&mut check.timing, line, Owner::Check)
    })
    .takes("SECS", "from 0.000001", "that of the real server"),
    Row::now("alpha", "starts as failed", |check, line| timing::alpha(&mut check.timing, line))
        .takes("[on|off]", "", "that of the real server"),
    Row::now("log_all_failures", "logs each failed attempt", |check, line| {
        check.log_all_failures = read::boolean(line)?;
        Some(())
    })
    .takes("[on|off]", "", "off"),
];

fn address(line: &mut Line<'_, '_>) -> Option<Spanned<std::net::IpAddr>> {
    let word = line.required(1)?;
    let address = value::address_cut(&word.text);
    if address.is_none() {
        let keyword = line.text(0).unwrap_or_default();
        let message = format!("Invalid {keyword} address {} - ignoring", word.text);
        line.error_at(&word, message);
    }
    Some(Spanned { value: address?, span: word.span })
}

fn port(line: &mut Line<'_, '_>) -> Option<u16> {
    let word = line.required(1)?;
    let port = line.number(&word, 1..=65535);
    if port.is_none() {
        let keyword = line.text(0).unwrap_or_default();
        let message = format!("Invalid checker {keyword} '{}'", word.text);
        line.error_at(&word, message);
    }
    port
}

fn bind_if(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    match LinkName::new(&word.text) {
        Ok(name) => check.bind_link = Some(name),
        Err(why) => {
            let what = if word.text.len() > LinkName::MAX { "too long" } else { "invalid" };
            let message = format!("Interface name {} is {what} - ignoring", word.text);
            line.add(Diagnostic::general(message).at(word.span).hint(why.to_string()));
        }
    }
    Some(())
}
