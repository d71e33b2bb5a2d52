//! `SSL`: what checks over TLS show of themselves.
//!
//! Whether the files can be loaded is found out by who loads them.

use lvs::config::{Passphrase, TlsMaterial};

use super::RootDraft;
use crate::diagnostic::Diagnostic;
use crate::keyword::Keyword;
use crate::line::Line;

type Row = Keyword<TlsMaterial>;

/// The rows of `SSL`.
pub(crate) static SSL: &[Row] = &[
    Row::now("password", "pass phrase of the key", |tls, line| {
        let before = tls.password.is_some();
        tls.password = Some(Passphrase(text(line, "password", before)?));
        Some(())
    })
    .takes("PASSWORD", "", ""),
    Row::now("ca", "file of trusted certificates", |tls, line| {
        file(&mut tls.authorities, line, "cafile")
    })
    .takes("PATH", "", ""),
    Row::now("certificate", "file of the own certificates", |tls, line| {
        file(&mut tls.certificate, line, "certfile")
    })
    .takes("PATH", "", ""),
    Row::now("key", "file of the own key", |tls, line| file(&mut tls.key, line, "keyfile"))
        .takes("PATH", "", ""),
];

/// Reads the whole block; nothing of it is shown, since it holds a secret.
pub(super) fn read(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if root.tls.is_some() {
        line.error("SSL context already specified - replacing");
    }
    let mut tls = TlsMaterial::default();
    line.cx.reader.secret = true;
    line.block(SSL, &mut tls);
    line.cx.reader.secret = false;
    root.tls = Some(Box::new(tls));
    Some(())
}

fn file(place: &mut Option<String>, line: &mut Line<'_, '_>, what: &str) -> Option<()> {
    *place = Some(text(line, what, place.is_some())?);
    Some(())
}

fn text(line: &mut Line<'_, '_>, what: &str, before: bool) -> Option<String> {
    let word = line.word(1);
    if word.is_none() {
        let found = Diagnostic::general(format!("SSL {what} missing")).at(line.statement.span);
        line.add(found.hint("write it after the keyword"));
    }
    if before && word.is_some() {
        let found = Diagnostic::general(format!("SSL {what} already specified - replacing"));
        line.add(found.at(line.statement.span).hint("write it once"));
    }
    word.map(|word| word.text)
}
