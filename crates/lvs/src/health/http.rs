//! The way of a check through its urls, and what their answers say of a server
//! (compat 21 §7, HTTP_GET).
//!
//! One url is asked at a time. While all is well they follow each other for ever, a delay apart.
//! A url that has failed for good is asked alone until it answers; then all of them have to
//! answer from the first on before the server is trusted again.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{HttpCheck, Schedule};
use crate::event::Finding;
use crate::health::Health;
use crate::probe::{Failure, LengthMismatch, Passed, Probe, TlsFlaw, WebFailure};
use crate::request::Request;

/// The urls of a check and the one that is next.
#[derive(Debug)]
pub(crate) struct Walk {
    urls: Vec<Url>,
    next: usize,
    /// The next one is asked alone: it failed while its server was good or new.
    alone: bool,
    fast_recovery: bool,
}

#[derive(Debug)]
struct Url {
    request: Arc<Request>,
    /// By how much the last answer whose length was logged was longer than it said.
    excess: Option<i128>,
    /// What was logged of TLS since it answered well.
    flaw: Option<TlsFlaw>,
}

impl Walk {
    pub(super) fn new(check: HttpCheck) -> Self {
        let HttpCheck { urls, fast_recovery } = check;
        let urls =
            urls.into_iter().map(|request| Url { request, excess: None, flaw: None }).collect();
        Self { urls, next: 0, alone: false, fast_recovery }
    }

    /// What to try next.
    pub(super) fn probe(&self) -> Probe {
        Probe::Http(self.request())
    }

    fn request(&self) -> Arc<Request> {
        Arc::clone(&self.urls[self.next].request)
    }

    /// A url answered well. Returns how long the next one has to wait.
    pub(super) fn passed(
        &mut self,
        schedule: &Schedule,
        health: &mut Health,
        passed: Passed,
        say: &mut dyn FnMut(Finding),
    ) -> Duration {
        self.urls[self.next].flaw = None;
        if let Passed::Answered { by, length } = passed {
            self.compare_length(length, say);
            if !health.is_up() {
                say(Finding::UrlGood { by, url: self.request() });
            }
        }
        let last = !self.alone && self.next + 1 == self.urls.len();
        self.next = if self.alone || last { 0 } else { self.next + 1 };
        self.alone = false;
        let steady = matches!(health, Health::Good { .. });
        if last && !steady {
            say(Finding::Good(Probe::Http(self.request())));
        }
        if last || steady {
            *health = Health::Good { failures: 0 };
        } else if self.fast_recovery {
            return Duration::ZERO;
        }
        schedule.delay_loop
    }

    /// A url did not answer well. Returns how long the next attempt at it has to wait.
    pub(super) fn failed(
        &mut self,
        schedule: &Schedule,
        health: &mut Health,
        failure: WebFailure,
        say: &mut dyn FnMut(Finding),
    ) -> Duration {
        self.compare_length(failure.length(), say);
        self.compare_flaw(failure.flaw(), say);
        let before = std::mem::replace(health, health.failed(schedule.retry));
        if schedule.log_all_failures && before.is_up() {
            let (failure, to) = (Failure::Web(failure), self.request().connect.to);
            say(Finding::Attempt { failure, to, retries: 0 });
        }
        match (before, *health) {
            (_, Health::Good { .. }) => return schedule.delay_before_retry,
            // Unlike TCP, the very first failure is also said to be one after all retries.
            (Health::Untried { .. } | Health::Good { .. }, _) => {
                say(Finding::Bad { probe: self.probe(), retries: schedule.retry });
            }
            (Health::Bad, _) => {}
        }
        self.alone = true;
        schedule.delay_loop.max(schedule.delay_before_retry)
    }

    fn compare_length(&mut self, length: Option<LengthMismatch>, say: &mut dyn FnMut(Finding)) {
        let url = &mut self.urls[self.next];
        if let Some(length) = length
            && url.excess.replace(length.difference()) != Some(length.difference())
        {
            say(Finding::Length { length, url: Arc::clone(&url.request) });
        }
    }

    fn compare_flaw(&mut self, flaw: Option<TlsFlaw>, say: &mut dyn FnMut(Finding)) {
        let url = &mut self.urls[self.next];
        if let Some(flaw) = flaw
            && url.flaw.replace(flaw) != Some(flaw)
        {
            say(Finding::Tls(flaw));
        }
    }

    /// Whether a new configuration asks the same of the same urls.
    pub(super) fn is_same(&self, check: &HttpCheck) -> bool {
        let pairs = || self.urls.iter().zip(&check.urls);
        self.urls.len() == check.urls.len() && pairs().all(|(old, new)| is_same(&old.request, new))
    }

    /// Goes on with the values of a new configuration, at the same place.
    pub(super) fn adopt(&mut self, check: HttpCheck) {
        for (url, request) in self.urls.iter_mut().zip(check.urls) {
            url.request = request;
        }
        self.fast_recovery = check.fast_recovery;
    }
}

/// How the question is put, how long the whole answer may take, and TLS but for the name in it, do
/// not make it another one.
fn is_same(old: &Request, new: &Request) -> bool {
    let name = |request: &Request| request.tls.as_ref().and_then(|tls| tls.name.clone());
    let put_alike = || Request {
        version: new.version,
        patience: new.patience,
        tls: new.tls.clone(),
        ..old.clone()
    };
    old == new || name(old) == name(new) && put_alike() == *new
}
