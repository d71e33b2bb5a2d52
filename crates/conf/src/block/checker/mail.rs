//! The rows of `SMTP_CHECK`, and its old `host` blocks, each of which is a check of its own.

use super::{CONNECT, CheckDraft, Kind, Row, SCHEDULE};
use crate::block::lvs_value as read;
use crate::diagnostic::{Class, Diagnostic};
use crate::line::Line;

/// The rows of `SMTP_CHECK`.
pub(crate) static SMTP: &[Row] = &[
    Row::now("helo_name", "name said to the server", |check, line| {
        if line.word(1).is_none() {
            let found = Diagnostic::general("SMTP_CHECK helo name missing").at(line.span());
            line.add(found.hint("write the name that HELO is sent with"));
            return None;
        }
        let word = line.given(1, "helo_name missing")?;
        read::string(&mut check.own_mut().helo, word, line)
    })
    .takes("NAME", "", "smtpchecker.keepalived.org"),
    Row::now("host", "another server", host).takes("{ ... }", "", "the real server"),
];

/// keepalived notes the old form in the log only.
fn host(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let message = "The SMTP_CHECK host block is deprecated. Please define additional checkers.";
    let found = Diagnostic { class: Class::Notice, ..Diagnostic::notice(message) };
    let hint = "write one SMTP_CHECK for each host";
    line.add(found.at(line.span()).hint(hint));
    let mut host = CheckDraft::new(Kind::Smtp, line.span());
    line.block_of(&[CONNECT, SCHEDULE], &mut host);
    check.own_mut().hosts.push(host);
    Some(())
}

/// The check and its hosts, which share its name and its times. It is one itself unless the
/// hosts say where to connect to, and it does not (compat 20).
pub(super) fn with_hosts(mut outer: CheckDraft) -> Vec<CheckDraft> {
    let hosts = outer.own.as_mut().map(|own| std::mem::take(&mut own.hosts)).unwrap_or_default();
    let itself = hosts.is_empty() || outer.connects_elsewhere();
    let (own, timing, log_all) = (outer.own.clone(), outer.timing, outer.log_all_failures);
    let complete = move |mut host: CheckDraft| {
        host.own.clone_from(&own);
        host.timing = host.timing.or(timing);
        host.log_all_failures |= log_all;
        host
    };
    itself.then_some(outer).into_iter().chain(hosts.into_iter().map(complete)).collect()
}
