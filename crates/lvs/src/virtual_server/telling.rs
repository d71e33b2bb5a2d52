//! What of a virtual server the log, the outside and mails are told (compat 21 §5.4).
//!
//! When something has happened is decided in the parent.

use std::sync::Arc;

use net::DestinationKey;

use crate::alert::{Alert, Cause};
use crate::effect::Effect;
use crate::event::{Event, Happening, ServerDeed};
use crate::notice::{Notice, Subject};
use crate::real_server::RealServer;
use crate::units::ServerName;
use crate::virtual_server::{Cx, VirtualServer};

impl VirtualServer {
    pub(super) fn name(&self, key: DestinationKey) -> ServerName {
        ServerName { key, protocol: self.identity.protocol() }
    }

    pub(super) fn report(&self, cx: &mut Cx<'_>, happening: Happening) {
        let of = Arc::clone(&self.identity);
        cx.effects.push_back(Effect::Report(Event::Virtual { of, happening }));
    }

    pub(super) fn report_real(&self, cx: &mut Cx<'_>, key: DestinationKey, deed: ServerDeed) {
        let (server, of) = (self.name(key), Arc::clone(&self.identity));
        cx.effects.push_back(Effect::Report(Event::Server { server, of, deed }));
    }

    pub(super) fn tell_real(&mut self, place: usize) {
        let real = &self.reals[place];
        self.orders.tell(self.notice(real, real.is_up()));
    }

    /// What the outside is told of a server.
    pub(super) fn notice(&self, real: &RealServer, up: bool) -> Notice {
        let subject = Subject::Real(self.name(real.config.key), Arc::clone(&self.identity));
        Notice { subject, up, command: real.config.notify(up).cloned() }
    }

    /// Tells the outside of the quorum, unless that is what it was told last.
    pub(super) fn tell_quorum(&mut self) {
        let up = self.standing.is_met();
        if self.told.replace(up) != Some(up) {
            self.orders.tell(self.quorum_notice(up));
        }
    }

    pub(super) fn quorum_notice(&self, up: bool) -> Notice {
        let command = if up { &self.quorum_up } else { &self.quorum_down };
        let subject = Subject::Virtual(Arc::clone(&self.identity));
        Notice { subject, up, command: command.clone() }
    }

    /// Somebody may want a mail about a server (`smtp_alert`).
    pub(super) fn alert_real(
        &self,
        cx: &mut Cx<'_>,
        real: &RealServer,
        turned: bool,
        cause: Cause,
    ) {
        let up = real.is_up() && !matches!(cause, Cause::Removed | Cause::ShutDown);
        if real.config.mail {
            let subject = Subject::Real(self.name(real.config.key), Arc::clone(&self.identity));
            cx.effects.push_back(Effect::Alert(Alert { subject, up, turned, cause }));
        }
    }

    /// Somebody may want a mail about the quorum (`smtp_alert`).
    pub(super) fn alert(&self, cx: &mut Cx<'_>, up: bool, cause: Cause) {
        if self.mail {
            let subject = Subject::Virtual(Arc::clone(&self.identity));
            cx.effects.push_back(Effect::Alert(Alert { subject, up, turned: true, cause }));
        }
    }
}
