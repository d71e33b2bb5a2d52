//! `authentication`: how adverts of VRRPv2 are authenticated.
//!
//! The password never leaves this draft in readable form. Which combinations are allowed is
//! decided in `resolve::instance`.

use std::fmt;

use crate::keyword::Keyword;
use crate::line::Line;

/// The block as written.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct AuthenticationDraft {
    /// The block is there.
    pub(crate) present: bool,
    /// `auth_type`.
    pub(crate) kind: Option<Kind>,
    /// `auth_pass`, padded with zeros.
    pub(crate) password: Option<[u8; 8]>,
}

/// `auth_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A password in the clear.
    Pass,
    /// IPsec authentication header.
    Ah,
}

impl fmt::Debug for AuthenticationDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authentication({:?}, ********)", self.kind)
    }
}

/// The rows of `authentication`; the draft carries the instance's name for its messages.
pub(crate) static AUTHENTICATION: &[Keyword<(String, AuthenticationDraft)>] = &[
    Keyword::now("auth_type", "PASS or AH", auth_type).takes("PASS|AH", "", "none"),
    Keyword::now("auth_pass", "the password, up to eight bytes", auth_pass).takes(
        "PASSWORD",
        "at most 8 bytes count",
        "",
    ),
];

type Draft = (String, AuthenticationDraft);

fn auth_type((instance, draft): &mut Draft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    draft.kind = match word.text.as_str() {
        "PASS" => Some(Kind::Pass),
        "AH" => Some(Kind::Ah),
        other => {
            let message = format!("({instance}) unknown authentication type '{other}'");
            line.error_at(&word, message);
            return None;
        }
    };
    Some(())
}

fn auth_pass((_, draft): &mut Draft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let mut password = [0; 8];
    if word.text.len() > password.len() {
        line.error(format!("Truncating auth_pass to {} characters", password.len()));
    }
    for (place, byte) in password.iter_mut().zip(word.text.bytes()) {
        *place = byte;
    }
    draft.password = Some(password);
    Some(())
}

/// Reads the block; none of its lines is shown in findings.
pub(crate) fn read(
    instance: &str,
    draft: &mut AuthenticationDraft,
    line: &mut Line<'_, '_>,
) -> Option<()> {
    draft.present = true;
    let mut both = (instance.to_owned(), std::mem::take(draft));
    line.cx.reader.secret = true;
    line.block(AUTHENTICATION, &mut both);
    line.cx.reader.secret = false;
    *draft = both.1;
    Some(())
}
