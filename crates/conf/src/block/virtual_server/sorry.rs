//! `sorry_server`: the server of last resort, and the two keywords that follow it.

use std::net::IpAddr;

use net::Forwarding;

use super::{Side, VirtualServerDraft, method};
use crate::block::lvs_value as read;
use crate::line::Line;
use crate::source::Span;

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
    existing(vs, line)?.inhibit = true;
    Some(())
}

/// `sorry_server_lvs_method`.
pub(super) fn lvs_method(vs: &mut VirtualServerDraft, line: &mut Line<'_, '_>) -> Option<()> {
    method(&mut existing(vs, line)?.method, line, Side::Sorry)
}

fn existing<'v>(
    vs: &'v mut VirtualServerDraft,
    line: &mut Line<'_, '_>,
) -> Option<&'v mut SorryServerDraft> {
    if vs.sorry_server.is_none() {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        line.error(format!("{keyword} needs a sorry_server before it - ignoring"));
    }
    vs.sorry_server.as_deref_mut()
}
