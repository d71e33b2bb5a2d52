//! `unicast_peer`: one peer per line.

use vrrp::config::Peer;

use super::vrrp_instance::InstanceDraft;
use crate::diagnostic::Diagnostic;
use crate::line::Line;
use crate::value;

/// Reads the block; a peer's TTL limits switch on the check of its source.
pub(crate) fn read(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    draft.unicast_keyword = true;
    line.list(draft, peer);
    Some(())
}

fn peer(draft: &mut InstanceDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.word(0)?;
    let name = draft.name.clone();
    let Some(address) = value::address_cut(&word.text) else {
        let message = format!(
            "Configuration error: VRRP instance[{name}] malformed unicast peer address[{}]. \
             Skipping...",
            word.text
        );
        line.add(Diagnostic::general(message).at(word.span).hint("write an IP address"));
        return None;
    };
    if !draft.agree(address) {
        line.error_at(
            &word,
            format!(
                "Configuration error: VRRP instance[{name}] and unicast peer address[{}] MUST be \
                 of the same family !!! Skipping...",
                word.text
            ),
        );
        return None;
    }
    if draft.peers.iter().any(|peer| peer.address == address) {
        line.error_at(&word, format!("({name}) duplicate unicast peer {address} - ignoring"));
        return None;
    }
    let mut peer = Peer { address, min_ttl: 0, max_ttl: 255 };
    limits(draft, &mut peer, line);
    draft.peers.push(peer);
    Some(())
}

fn limits(draft: &mut InstanceDraft, peer: &mut Peer, line: &mut Line<'_, '_>) {
    let mut at = 1;
    while let Some(option) = line.word(at) {
        let Some(number) = line.word(at + 1) else {
            line.error_at(&option, format!("({}) {} is missing a value", draft.name, option.text));
            return;
        };
        let limit = match option.text.as_str() {
            "min_ttl" => &mut peer.min_ttl,
            "max_ttl" => &mut peer.max_ttl,
            other => {
                let message = format!("({}) unknown unicast_peer option {other}", draft.name);
                line.error_at(&option, message);
                return;
            }
        };
        if let Some(ttl) = line.number(&number, 0..=255) {
            *limit = ttl;
            draft.check_unicast_source = true;
        }
        at += 2;
    }
    if peer.min_ttl > peer.max_ttl {
        let message = format!(
            "({}) min_ttl {} > max_ttl {} - all packets will be discarded",
            draft.name, peer.min_ttl, peer.max_ttl
        );
        line.error(message);
    }
}
