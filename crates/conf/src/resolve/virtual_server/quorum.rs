//! How much weight a virtual server may ask for: what its servers have.

use super::{Resolver, note, warn};
use crate::block::virtual_server::VirtualServerDraft;

/// Lowers the quorum to the whole weight, and the hysteresis below the quorum.
///
/// keepalived makes the hysteresis of quorum 0 wrap around; here it is 0.
pub(super) fn cap(resolver: &mut Resolver<'_>, vs: &mut VirtualServerDraft) {
    let name = vs.name();
    let default = vs.weight.unwrap_or(1);
    let weights = vs.real_servers.iter().map(|rs| rs.weight.unwrap_or(default));
    let total = weights.fold(0_u32, u32::saturating_add);
    let wanted = vs.quorum.unwrap_or(1);
    if wanted > total {
        let message = format!(
            "Warning - quorum {wanted} for {name} exceeds total weight of real servers {total}, \
             reducing quorum to {total}"
        );
        warn(resolver, vs, message);
    }
    let quorum = wanted.min(total);
    let band = vs.hysteresis.unwrap_or(0);
    let most = quorum.saturating_sub(1);
    if band > most {
        let message = format!(
            "Virtual server {name}: hysteresis {band} >= quorum {quorum}; setting hysteresis to \
             {most}"
        );
        warn(resolver, vs, message);
    }
    let band = band.min(most);
    if quorum.saturating_add(band) > total {
        let message = format!(
            "Virtual server {name} never gains its quorum: it needs weight {quorum} and \
             {band} more, and has {total}"
        );
        note(resolver, vs, message, "lower quorum or hysteresis");
    }
    vs.quorum = Some(quorum);
    vs.hysteresis = Some(band);
}
