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
    Row::later("password", "pass phrase of the key", |tls, line| {
        tls.password = Some(Passphrase(text(line, "password")?));
        Some(())
    }),
    Row::later("ca", "file of trusted certificates", |tls, line| {
        tls.authorities = Some(text(line, "cafile")?);
        Some(())
    }),
    Row::later("certificate", "file of the own certificates", |tls, line| {
        tls.certificate = Some(text(line, "certfile")?);
        Some(())
    }),
    Row::later("key", "file of the own key", |tls, line| {
        tls.key = Some(text(line, "keyfile")?);
        Some(())
    }),
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

fn text(line: &mut Line<'_, '_>, what: &str) -> Option<String> {
    let word = line.word(1);
    if word.is_none() {
        let found = Diagnostic::general(format!("SSL {what} missing")).at(line.statement.span);
        line.add(found.hint("write it after the keyword"));
    }
    word.map(|word| word.text)
}
