//! What the rarer kinds of checks do: their own words and their defaults (compat 20).

use std::sync::Arc;
use std::time::Duration;

use lvs::Connect;
use lvs::config::{CheckKind, DnsCheck, FileCheck, MiscCheck, SmtpCheck, UdpCheck};

use super::Resolver;
use crate::block::checker::{CheckDraft, LONGEST_REPLY, OwnDraft};
use crate::resolve::script;

/// The name that a mail server is greeted with unless it is said.
const HELO: &str = "smtpchecker.keepalived.org";

pub(super) fn smtp(draft: &CheckDraft, connect: Connect) -> CheckKind {
    let helo = draft.own().and_then(|own| own.helo.clone());
    let helo = helo.unwrap_or_else(|| HELO.to_owned());
    CheckKind::Smtp(Arc::new(SmtpCheck { connect, helo }))
}

pub(super) fn dns(draft: &CheckDraft, connect: Connect) -> CheckKind {
    let own = draft.own();
    CheckKind::Dns(Arc::new(DnsCheck {
        connect,
        query: own.map(|own| own.query).unwrap_or_default(),
        name: own.and_then(|own| own.name.clone()).unwrap_or_default(),
    }))
}

pub(super) fn udp(draft: &CheckDraft, connect: Connect) -> CheckKind {
    let own = draft.own();
    let length = |of: fn(&OwnDraft) -> Option<u16>| own.and_then(of);
    CheckKind::Udp(Arc::new(UdpCheck {
        connect,
        payload: own.and_then(|own| own.payload.clone()),
        reply: own.map(|own| own.reply.clone()).unwrap_or_default(),
        min_length: length(|own| own.min_length).unwrap_or(0),
        max_length: length(|own| own.max_length).unwrap_or(LONGEST_REPLY),
    }))
}

/// The program may run for the pause of the virtual server, not for that of the check
/// (compat 21 §7).
pub(super) fn misc(
    resolver: &mut Resolver<'_>,
    draft: &CheckDraft,
    delay_loop: Duration,
) -> Option<CheckKind> {
    let own = draft.own()?;
    let command =
        script::check_program(resolver, own.command.as_ref()?, (own.account, draft.closed))?;
    let timeout = match own.timeout {
        0 => delay_loop,
        seconds => Duration::from_secs(seconds.into()),
    };
    Some(CheckKind::Misc(Arc::new(MiscCheck { command, timeout, dynamic: own.dynamic })))
}

/// Without a weight of its own the check has that of the file.
pub(super) fn file(resolver: &Resolver<'_>, draft: &CheckDraft) -> Option<CheckKind> {
    let own = draft.own()?;
    let file = resolver.files.get(&**own.file.as_ref()?)?.clone();
    let weight = own.weight.unwrap_or(file.weight);
    Some(CheckKind::File(Box::new(FileCheck { weight, ..file })))
}

pub(super) fn bfd(draft: &CheckDraft) -> Option<CheckKind> {
    let session = draft.own()?.session.as_ref()?;
    Some(CheckKind::Bfd(session.value.clone()))
}
