//! How a virtual server ends: removed by a reload (compat 21 §11.1), or with the daemon (§12).

use crate::alert::Cause;
use crate::event::{Happening, ServerDeed};
use crate::quorum::Standing;
use crate::real_server::RealServer;
use crate::virtual_server::{Cx, VirtualServer};

impl VirtualServer {
    /// It is not in the new configuration: its end is told like a failure.
    pub(crate) fn remove(&mut self, cx: &mut Cx<'_>) {
        self.orders.outdate();
        self.report(cx, Happening::Removed);
        for real in std::mem::take(&mut self.reals) {
            self.drop_real(cx, &real);
        }
        self.orders.tell(self.quorum_notice(false));
        self.alert(cx, false, Cause::Removed);
        self.end();
    }

    /// The daemon stops; with `omega` that is told like a failure.
    pub(crate) fn shut_down(&mut self, cx: &mut Cx<'_>) {
        self.orders.outdate();
        let mut reals = std::mem::take(&mut self.reals);
        if cx.brief_stop {
            reals.clear();
        }
        for real in reals {
            let inhibited = real.is_inhibited();
            self.report_real(cx, real.config.key, ServerDeed::ShutDown { inhibited });
            if self.omega && real.is_up() {
                self.orders.tell(self.notice(&real, false));
                self.alert_real(cx, &real, true, Cause::ShutDown);
            }
        }
        if self.omega {
            // Also when the quorum was lost before, as the original does.
            self.orders.tell(self.quorum_notice(false));
            self.alert(cx, false, Cause::ShutDown);
        }
        self.end();
    }

    /// A server leaves the configuration.
    pub(super) fn drop_real(&mut self, cx: &mut Cx<'_>, real: &RealServer) {
        if self.holds(real) {
            let inhibited = real.is_inhibited();
            self.report_real(cx, real.config.key, ServerDeed::Removed { inhibited });
        }
        if real.is_up() {
            self.orders.tell(self.notice(real, false));
            self.alert_real(cx, real, true, Cause::Removed);
        }
    }

    /// Whether a server is in the table.
    fn holds(&self, real: &RealServer) -> bool {
        real.destination(self.standing).is_some()
    }

    fn end(&mut self) {
        self.ended = true;
        self.services = [].into();
        self.markings = [].into();
        self.sorry_server = None;
        self.standing = Standing::Lost;
    }

    /// Whether it has ended and the kernel has nothing of it left.
    pub(crate) fn is_gone(&self) -> bool {
        self.ended && self.orders.are_settled()
    }
}
