//! Decides whether and how adverts are authenticated.

use net::Family;
use vrrp::Version;
use vrrp::config::Authentication;

use super::Resolver;
use crate::block::authentication::Kind;
use crate::block::vrrp_instance::InstanceDraft;
use crate::diagnostic::Diagnostic;

/// The authentication; none when what is asked for cannot be had.
pub(crate) fn resolve(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    (version, family, strict): (Version, Family, bool),
) -> Authentication {
    let name = &draft.name;
    let written = &draft.authentication;
    let Some(kind) = written.kind else {
        if written.password.is_some() {
            let message = format!("({name}) auth_pass without auth_type - no authentication");
            resolver.add(Diagnostic::notice(message).about(draft.span).hint("add auth_type PASS"));
        }
        return Authentication::None;
    };
    let refused = if strict {
        Some("Strict mode does not support authentication. Ignoring.")
    } else if version == Version::V3 {
        Some("VRRP version 3 does not support authentication. Ignoring.")
    } else if written.password.is_none() {
        Some("Authentication specified but no password given. Ignoring")
    } else if kind == Kind::Ah && family == Family::V6 {
        Some("Cannot use AH authentication with IPv6. ignoring")
    } else {
        None
    };
    if let Some(refused) = refused {
        resolver.error(format!("({name}) {refused}"));
        return Authentication::None;
    }
    match (kind, written.password) {
        (Kind::Pass, Some(password)) => Authentication::Pass(password),
        (Kind::Ah, Some(password)) => Authentication::Ah(password),
        (Kind::Pass | Kind::Ah, None) => Authentication::None,
    }
}
