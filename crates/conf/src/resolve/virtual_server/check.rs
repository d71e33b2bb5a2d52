//! What a check does and when: its own words, then what it inherits, then the defaults.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use lvs::config::{Check, CheckKind, HttpCheck, Schedule};
use lvs::{Connect, Request, Tls};
use net::Family;

use super::{Resolver, special};
use crate::block::checker::{CheckDraft, Kind, UrlDraft};
use crate::block::real_server::RealServerDraft;
use crate::block::timing::TimingDraft;
use crate::block::virtual_server::VirtualServerDraft;
use crate::diagnostic::Diagnostic;

/// How long connecting may take unless it is said.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a check pauses unless it is said.
const DELAY_LOOP: Duration = Duration::from_secs(60);
/// Accepted when no `status_code` is given.
const STATUSES: (u16, u16) = (200, 299);

/// Whose check it is.
pub(super) struct Owner<'d> {
    pub(super) vs: &'d VirtualServerDraft,
    pub(super) rs: &'d RealServerDraft,
    /// What the check inherits.
    pub(super) timing: TimingDraft,
}

impl Owner<'_> {
    /// The check; `None` when it is not run, and that was said.
    pub(super) fn check(&self, resolver: &mut Resolver<'_>, draft: &CheckDraft) -> Option<Check> {
        let timing = draft.timing.or(self.timing);
        let kind = self.kind(resolver, draft, timing)?;
        let schedule = match draft.kind {
            Kind::File | Kind::Bfd => followed(draft.kind, timing),
            Kind::Tcp | Kind::Http | Kind::Ssl | Kind::Smtp => schedule(resolver, draft, timing),
            Kind::Dns | Kind::Udp | Kind::Misc | Kind::Ping => schedule(resolver, draft, timing),
        };
        Some(Check { schedule, kind })
    }

    fn kind(
        &self,
        resolver: &mut Resolver<'_>,
        draft: &CheckDraft,
        timing: TimingDraft,
    ) -> Option<CheckKind> {
        match draft.kind {
            Kind::Tcp => {
                let connect = self.connect(resolver, draft, timing)?;
                Some(CheckKind::Tcp(Arc::new(connect)))
            }
            Kind::Http => self.http(resolver, draft, timing).map(CheckKind::Http),
            Kind::Ssl => self.http(resolver, draft, timing).map(CheckKind::Ssl),
            Kind::Misc => special::misc(resolver, draft, delay_loop(self.vs.timing())),
            Kind::File => special::file(resolver, draft),
            Kind::Bfd => special::bfd(draft),
            Kind::Smtp => Some(special::smtp(draft, self.connect(resolver, draft, timing)?)),
            Kind::Dns => Some(special::dns(draft, self.connect(resolver, draft, timing)?)),
            Kind::Udp => Some(special::udp(draft, self.connect(resolver, draft, timing)?)),
            Kind::Ping => {
                let connect = self.reach(resolver, draft, timing)?;
                Some(CheckKind::Ping(Arc::new(connect)))
            }
        }
    }

    fn reach(
        &self,
        resolver: &mut Resolver<'_>,
        draft: &CheckDraft,
        timing: TimingDraft,
    ) -> Option<Connect> {
        let ip = draft.connect_ip.unwrap_or(self.rs.address);
        let to = SocketAddr::new(ip, draft.connect_port.unwrap_or(self.rs.check_port));
        let link_local = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        if link_local && draft.bind_link.is_none() {
            let message = format!("Checker link local address {ip} requires a bind_if");
            resolver.add(Diagnostic::general(message).at(draft.closed.unwrap_or(draft.span)));
            return None;
        }
        Some(Connect {
            to,
            from: source(resolver, draft, ip),
            link: draft.bind_link.clone(),
            mark: draft.mark,
            timeout: timing.connect_timeout.unwrap_or(CONNECT_TIMEOUT),
        })
    }

    /// The same for a check that needs a port.
    fn connect(
        &self,
        resolver: &mut Resolver<'_>,
        draft: &CheckDraft,
        timing: TimingDraft,
    ) -> Option<Connect> {
        let connect = self.reach(resolver, draft, timing)?;
        if connect.to.port() == 0 {
            let ip = connect.to.ip();
            let found = Diagnostic::notice(format!("The check of {ip} has no port to connect to"));
            resolver.add(found.at(draft.span).hint("add connect_port; it always fails without"));
        }
        Some(connect)
    }

    fn http(
        &self,
        resolver: &mut Resolver<'_>,
        draft: &CheckDraft,
        timing: TimingDraft,
    ) -> Option<HttpCheck> {
        let connect = self.connect(resolver, draft, timing)?;
        let delay_loop = delay_loop(timing);
        let requests = draft.urls.iter().map(|url| self.request(draft, url, &connect, delay_loop));
        let urls = requests.map(Arc::new).collect();
        Some(HttpCheck { urls, fast_recovery: draft.fast_recovery })
    }

    /// The name in the handshake is not that of the real server's `virtualhost` (compat 21 §7).
    fn tls(&self, draft: &CheckDraft, url: &UrlDraft) -> Tls {
        let own = draft.own();
        let named = own.is_some_and(|own| own.sni);
        let sni_name = own.and_then(|own| own.sni_name.as_ref());
        let hosts = [url.virtual_host.as_ref(), draft.virtual_host.as_ref(), self.service_host()];
        let host = sni_name.or_else(|| hosts.into_iter().flatten().next());
        Tls {
            name: host.filter(|_| named).cloned(),
            compliant: url.compliant || own.is_some_and(|own| own.compliant),
            verify: own.is_some_and(|own| own.verify),
        }
    }

    /// `virtualhost` of the virtual server.
    fn service_host(&self) -> Option<&String> {
        self.vs.rare.as_deref().and_then(|rare| rare.virtual_host.as_ref())
    }

    fn request(
        &self,
        draft: &CheckDraft,
        url: &UrlDraft,
        connect: &Connect,
        delay_loop: Duration,
    ) -> Request {
        let of_server = self.rs.rare.as_deref().and_then(|rare| rare.virtual_host.as_ref());
        let hosts = [url.virtual_host.as_ref(), draft.virtual_host.as_ref(), of_server];
        let virtual_host = hosts.into_iter().flatten().next().or(self.service_host());
        let virtual_host = virtual_host.cloned();
        let statuses = if url.statuses.is_empty() { vec![STATUSES] } else { url.statuses.clone() };
        Request {
            connect: connect.clone(),
            patience: connect.timeout.max(delay_loop),
            path: url.path.clone().unwrap_or_default(),
            host: virtual_host.clone().unwrap_or_else(|| connect.to.to_string()),
            virtual_host,
            version: draft.version,
            statuses,
            digest: url.digest,
            pattern: url.pattern.as_ref().map(|pattern| Box::new(pattern.pattern())),
            tls: (draft.kind == Kind::Ssl).then(|| Box::new(self.tls(draft, url))),
        }
    }
}

fn delay_loop(timing: TimingDraft) -> Duration {
    timing.delay_loop.unwrap_or(DELAY_LOOP)
}

/// When the check runs; what nobody said is the default of its kind (compat 21 §3).
fn schedule(resolver: &Resolver<'_>, draft: &CheckDraft, timing: TimingDraft) -> Schedule {
    let delay_loop = delay_loop(timing);
    let (retry, pause) = match draft.kind {
        Kind::Http | Kind::Ssl => (1, Duration::from_secs(3)),
        Kind::Dns => (3, delay_loop),
        Kind::Misc => (0, Duration::from_secs(1)),
        Kind::Tcp | Kind::Smtp | Kind::Udp => (1, Duration::from_secs(1)),
        Kind::Ping | Kind::File | Kind::Bfd => (1, Duration::from_secs(1)),
    };
    Schedule {
        delay_loop,
        delay_before_retry: timing.delay_before_retry.unwrap_or(pause),
        retry: timing.retry.unwrap_or(retry),
        warmup: timing.warmup.unwrap_or(delay_loop),
        alpha: timing.alpha.unwrap_or(false),
        log_all_failures: draft.log_all_failures || resolver.globals.checkers.log_all_failures,
    }
}

/// A check that follows something has no times of its own; a file is read before it starts.
fn followed(kind: Kind, timing: TimingDraft) -> Schedule {
    Schedule {
        delay_loop: DELAY_LOOP,
        delay_before_retry: Duration::ZERO,
        retry: 0,
        warmup: Duration::ZERO,
        alpha: kind == Kind::Bfd && timing.alpha.unwrap_or(false),
        log_all_failures: false,
    }
}

/// The address and port that the check connects from.
fn source(resolver: &mut Resolver<'_>, draft: &CheckDraft, to: IpAddr) -> Option<SocketAddr> {
    let Some(bind) = &draft.bind_to else {
        if draft.bind_port.is_some() {
            let found = Diagnostic::notice("bind_port has no effect without bindto");
            resolver.add(found.at(draft.span));
        }
        return None;
    };
    if Family::of(bind.value) == Family::of(to) {
        return Some(SocketAddr::new(bind.value, draft.bind_port.unwrap_or(0)));
    }
    let message = format!(
        "bindto address {} does not match address family of connect_ip - skipping",
        bind.value
    );
    let found = Diagnostic::general(message).at(bind.span);
    resolver.add(found.hint(format!("it must have the family of {to}")));
    None
}
