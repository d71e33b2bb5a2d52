//! `ha_suspend`: the checks of a virtual server rest while none of its addresses is on this
//! machine (compat 21 §5.5).
//!
//! What is known of its servers stays as it is. Files and BFD sessions are not asked but heard,
//! so they count all the time.

use std::net::IpAddr;

use crate::config;
use crate::effect::Facts;
use crate::event::ServerDeed;
use crate::virtual_server::{Cx, VirtualServer};

/// Whether checks rest, and what that depends on.
#[derive(Debug)]
pub(super) struct Suspension {
    /// The addresses one of which has to be here; `None` if that does not matter.
    awaited: Option<Box<[IpAddr]>>,
    rests: bool,
}

impl Suspension {
    pub(super) fn of(config: &config::VirtualServer, facts: &Facts) -> Self {
        let awaited = config.ha_suspend.then(|| config.addresses().collect());
        let mut suspension = Self { awaited, rests: false };
        suspension.update(facts);
        suspension
    }

    pub(super) const fn rests(&self) -> bool {
        self.rests
    }

    /// Returns whether that changed anything.
    fn update(&mut self, facts: &Facts) -> bool {
        let here = |ip: &IpAddr| facts.addresses.contains(ip);
        let rests = self.awaited.as_ref().is_some_and(|awaited| !awaited.iter().any(here));
        std::mem::replace(&mut self.rests, rests) != rests
    }
}

impl VirtualServer {
    /// The addresses of this machine may have changed.
    pub(crate) fn on_addresses(&mut self, cx: &mut Cx<'_>) {
        if self.suspension.update(&cx.nursery.facts) {
            let rests = self.suspension.rests();
            let deed = if rests { ServerDeed::Suspended } else { ServerDeed::Activated };
            self.report_checks(cx, deed);
        }
    }

    /// A reload may have changed on what it depends.
    pub(super) fn replace_suspension(&mut self, cx: &mut Cx<'_>, config: &config::VirtualServer) {
        let before = self.suspension.rests();
        self.suspension = Suspension::of(config, &cx.nursery.facts);
        match (before, self.suspension.rests()) {
            (false, true) => self.report_checks(cx, ServerDeed::Deactivated),
            (true, false) => self.report_checks(cx, ServerDeed::Activated),
            (false, false) | (true, true) => {}
        }
    }

    /// Says something once for each check that makes attempts.
    fn report_checks(&self, cx: &mut Cx<'_>, deed: ServerDeed) {
        for real in &self.reals {
            for _ in real.checks.iter().filter(|check| check.makes_attempts()) {
                self.report_real(cx, real.config.key, deed);
            }
        }
    }
}
