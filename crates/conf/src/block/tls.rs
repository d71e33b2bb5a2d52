//! `SSL`: what checks over TLS use. Its lines are never shown.

use super::RootDraft;
use crate::globals::TlsMaterial;
use crate::keyword::Keyword;
use crate::line::Line;

type Row = Keyword<TlsMaterial>;

/// The rows of `SSL`.
pub(crate) static SSL: &[Row] = &[
    Row::later("password", "pass phrase of the key", |tls, line| {
        set(&mut tls.password, line, "SSL password missing")
    }),
    Row::later("ca", "file of trusted certificates", |tls, line| {
        set(&mut tls.ca, line, "SSL cafile missing")
    }),
    Row::later("certificate", "file of the own certificate", |tls, line| {
        set(&mut tls.certificate, line, "SSL certfile missing")
    }),
    Row::later("key", "file of the own key", |tls, line| {
        set(&mut tls.key, line, "SSL keyfile missing")
    }),
];

/// A second block replaces the first.
pub(crate) fn read(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if root.globals.checkers.tls.is_some() {
        line.error("SSL context already specified - replacing");
    }
    let mut tls = TlsMaterial::default();
    line.cx.reader.secret = true;
    line.block(SSL, &mut tls);
    line.cx.reader.secret = false;
    root.globals.checkers.tls = Some(tls);
    Some(())
}

fn set(place: &mut Option<String>, line: &mut Line<'_, '_>, missing: &str) -> Option<()> {
    let Some(word) = line.word(1) else {
        line.error(missing);
        return None;
    };
    *place = Some(word.text);
    Some(())
}
