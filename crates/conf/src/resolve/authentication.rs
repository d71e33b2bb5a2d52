//! Decides whether and how adverts are authenticated.

use std::time::Duration;

use net::Family;
use vrrp::Version;
use vrrp::config::{Authentication, Hmac, HmacMode, Initial};

use super::Resolver;
use crate::block::authentication::Kind;
use crate::block::hmac::HmacDraft;
use crate::block::vrrp_instance::InstanceDraft;
use crate::diagnostic::Diagnostic;

/// The two kinds of authentication.
pub(crate) fn resolve(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    (version, family, strict): (Version, Family, bool),
) -> (Authentication, Option<Hmac>) {
    let name = &draft.name;
    let hmac = draft.hmac.as_ref().and_then(|hmac| trailer(resolver, draft, hmac, strict));
    let written = &draft.authentication;
    let Some(kind) = written.kind else {
        if written.password.is_some() {
            let message = format!("({name}) auth_pass without auth_type - no authentication");
            resolver.add(Diagnostic::notice(message).about(draft.span).hint("add auth_type PASS"));
        }
        return (Authentication::None, hmac);
    };
    let refused = if strict {
        Some("Strict mode does not support authentication. Ignoring.")
    } else if version == Version::V3 {
        Some("VRRP version 3 does not support authentication. Ignoring.")
    } else if written.password.is_none() {
        Some("Authentication specified but no password given. Ignoring")
    } else if kind == Kind::Ah && family == Family::V6 {
        Some("Cannot use AH authentication with IPv6. ignoring")
    } else if hmac.is_some() {
        Some("auth_hmac cannot be combined with authentication, dropping legacy auth")
    } else {
        None
    };
    if let Some(refused) = refused {
        resolver.error(format!("({name}) {refused}"));
        return (Authentication::None, hmac);
    }
    let authentication = match (kind, written.password) {
        (Kind::Pass, Some(password)) => Authentication::Pass(password),
        (Kind::Ah, Some(password)) => Authentication::Ah(password),
        (Kind::Pass | Kind::Ah, None) => Authentication::None,
    };
    (authentication, hmac)
}

/// With AH a router cannot begin as master unless it owns its addresses.
pub(crate) fn initial(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    authentication: &Authentication,
    (initial, owner): (Initial, bool),
) -> Initial {
    if initial == Initial::Master && !owner && matches!(authentication, Authentication::Ah(_)) {
        let name = &draft.name;
        resolver.error(format!(
            "({name}) Initial state master is incompatible with AH authentication - clearing"
        ));
        return Initial::Backup;
    }
    initial
}

fn trailer(
    resolver: &mut Resolver<'_>,
    draft: &InstanceDraft,
    written: &HmacDraft,
    strict: bool,
) -> Option<Hmac> {
    let name = &draft.name;
    let active = written.active.unwrap_or(0);
    if !written.keys.iter().any(|key| key.id == active) {
        let message =
            format!("({name}) auth_hmac active_key {active} is not defined, disabling extension");
        let found = Diagnostic::general(message).about(draft.span);
        resolver.add(found.hint("active_key names the number of a key of the block"));
        return None;
    }
    let mut mode = written.mode;
    if strict && mode != HmacMode::Enforce {
        resolver.error(format!("({name}) strict mode requires auth_hmac mode enforce"));
        mode = HmacMode::Enforce;
    }
    let interval = draft.advert_interval.as_ref().map_or(1, |written| written.value.as_secs());
    let window = Duration::from_secs((3 * interval).clamp(5, 300));
    Some(Hmac {
        keys: written.keys.clone(),
        active,
        window: written.window.unwrap_or(window),
        freshness: written.freshness,
        mode,
    })
}
