//! `sorry_server`: the server of last resort, and the two keywords that follow it.

use std::net::IpAddr;

use net::Forwarding;

use super::{Side, VirtualServerDraft, method};
use crate::block::lvs_value as read;
use crate::diagnostic::Diagnostic;
use crate::line::Line;
use crate::span::Span;

/// The server of last resort as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SorryServerDraft {
    pub(crate) address: IpAddr,
    /// 0 is the port of the service.
    pub(crate) port: u16,
    /// Where it was written.
    pub(crate) span: Span,
    /// Its own method, or the virtual server's where it was written.
    pub(crate) method: Option<Forwarding>,
    pub(crate) inhibit: bool,
}

/// `sorry_server`; a second one replaces the first.
pub(super) fn server(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let (address, port) = read::socket(line, &word, 2, "sorry server")?;
    if vs.sorry_server.is_some() {
        line.notice("A second sorry_server: it replaces the first");
    }
    let (span, method) = (word.span, vs.method);
    let draft = SorryServerDraft { address, port, span, method, inhibit: false };
    vs.sorry_server = Some(draft.into());
    Some(())
}

/// `sorry_server_inhibit`.
pub(super) fn inhibit(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let without = "Ignoring sorry_server inhibit used before or without sorry_server";
    existing(vs, line, without)?.inhibit = true;
    Some(())
}

/// `sorry_server_lvs_method`.
pub(super) fn lvs_method(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let without = "sorry_server forwarding used without sorry_server";
    method(&mut existing(vs, line, without)?.method, line, Side::Sorry)
}

fn existing<'v>(
    vs: &'v mut VirtualServerDraft,
    line: &mut Line<'_, '_>,
    without: &str,
) -> Option<&'v mut SorryServerDraft> {
    if vs.sorry_server.is_none() {
        let found = Diagnostic::general(without).at(line.statement.span);
        line.add(found.hint("write it below sorry_server"));
    }
    vs.sorry_server.as_deref_mut()
}
