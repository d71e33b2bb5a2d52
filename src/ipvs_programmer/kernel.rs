//! The kernel's table as this process sees it, and the only way to change it.
//!
//! What is written is decided by `table`. A refusal is logged once, and once more when it is over.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::time::Instant;

use ipvs::{Change, Failure, Socket};
use net::{Destination, DestinationKey, Service, ServiceKey};
use nix::libc;
use sys::namespace::NamespaceError;

use super::RETRY;
use super::access::Access;
use super::table::{Known, Refused};
use super::whole::{State, Whole};
use crate::log::Log;

/// Why there is no programmer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The kernel has no IPVS, or does not let us.
    #[error("IPVS: Can't initialize ipvs: {0}")]
    Kernel(#[from] ipvs::Error),
    /// The network namespace of its table cannot be entered.
    #[error("IPVS: Can't initialize ipvs: {0}")]
    Namespace(#[from] NamespaceError),
    /// Packets cannot be marked.
    #[error("{0}")]
    Nftables(io::Error),
    /// There is no thread for it.
    #[error("cannot start the IPVS programmer: {0}")]
    Thread(#[from] io::Error),
}

/// A service, or a destination of it.
type Object = (ServiceKey, Option<DestinationKey>);

pub(super) struct Kernel {
    access: Access,
    socket: Socket,
    /// The services that were there when somebody last looked at all of them.
    found: HashMap<ServiceKey, Service>,
    /// What is refused at present, and has been said; and when it was refused last.
    refusals: HashMap<Object, (i32, Instant)>,
    /// Answers to the last changes were lost, and that was said.
    lost: bool,
    whole: State,
    log: Log,
}

impl Kernel {
    /// Opens the way to the kernel's table, empties it if that is asked for, and reads which
    /// services it has.
    pub(super) fn open(access: Access, flush: bool, log: Log) -> Result<Self, Error> {
        let mut socket = access.open()?;
        if flush {
            socket.flush()?;
        }
        let whole = State::new(log.clone());
        let (found, refusals, lost) = (HashMap::new(), HashMap::new(), false);
        let mut kernel = Self { access, socket, found, refusals, lost, whole, log };
        kernel.look()?;
        Ok(kernel)
    }

    /// Makes IPVS as a whole so.
    pub(super) fn shape(&mut self, whole: Whole) {
        self.whole.order(&mut self.socket, whole);
    }

    /// Whether IPVS as a whole is not yet so.
    pub(super) const fn lacks_something(&self) -> bool {
        self.whole.is_incomplete()
    }

    pub(super) fn retry(&mut self) {
        self.whole.retry(&mut self.socket);
    }

    /// The end: IPVS as a whole is as it was before.
    pub(super) fn end(&mut self) {
        self.whole.end(&mut self.socket);
    }

    fn look(&mut self) -> Result<(), ipvs::Error> {
        let services = self.socket.services()?;
        self.found = services.into_iter().map(|service| (service.key, service)).collect();
        Ok(())
    }

    /// Looks once more which services the kernel has; its module may have been loaded again.
    pub(super) fn look_again(&mut self) -> Result<(), ipvs::Error> {
        match self.look() {
            Err(_) if self.reopen() => self.look(),
            looked => looked,
        }
    }

    /// What the kernel has of a service that somebody wants.
    pub(super) fn read(&mut self, key: ServiceKey) -> Option<Known> {
        let service = self.found.get(&key)?.clone();
        self.log.info(format!("IPVS: service {key} is there already - taking it over"));
        let destinations = self.destinations(key).unwrap_or_else(|error| {
            // Taken for empty: what is added then says by its failure what is there.
            self.log.error(format!("IPVS: cannot list the destinations of {key}: {error}"));
            BTreeMap::new()
        });
        Some(Known { service, destinations })
    }

    /// What the kernel has of a service at this moment.
    pub(super) fn observe(&mut self, key: ServiceKey) -> Result<Option<Known>, ipvs::Error> {
        let Some(service) = self.socket.service(key)? else { return Ok(None) };
        Ok(Some(Known { service, destinations: self.destinations(key)? }))
    }

    fn destinations(
        &mut self,
        key: ServiceKey,
    ) -> Result<BTreeMap<DestinationKey, Destination>, ipvs::Error> {
        let destinations = self.socket.destinations(key)?;
        Ok(destinations.into_iter().map(|destination| (destination.key, destination)).collect())
    }

    /// Makes a batch of changes; returns those that were not made, in their order.
    pub(super) fn apply(&mut self, changes: &[Change]) -> Vec<Refused> {
        if changes.is_empty() {
            return Vec::new();
        }
        let mut failures = self.socket.apply(changes);
        if is_stale(changes, &failures) && self.reopen() {
            failures = self.socket.apply(changes);
        }
        self.hear_of_losses(&failures);
        self.recovered(changes, &failures);
        self.forget(changes, &failures);
        let mut drift = false;
        let refused = failures.iter().map(|failure| {
            drift |= failure.means_drift();
            Refused { change: failure.change, drift: failure.means_drift() }
        });
        let refused = refused.collect();
        for failure in failures.iter().filter(|failure| failure.answered) {
            self.report(failure, changes);
        }
        if drift && let Err(error) = self.look() {
            self.log.error(format!("IPVS: cannot list the services: {error}"));
        }
        refused
    }

    /// Of changes whose answers were lost nobody knows whether they were made: the table tells.
    fn hear_of_losses(&mut self, failures: &[Failure]) {
        let mut lost = failures.iter().filter(|failure| !failure.answered);
        let Some(first) = lost.next() else {
            self.lost = false;
            return;
        };
        if !std::mem::replace(&mut self.lost, true) {
            let (count, why) = (1 + lost.count(), ipvs::meaning(first.errno));
            self.log
                .info(format!("IPVS: answers to {count} changes were lost: {why} - looking again"));
        }
    }

    fn report(&mut self, failure: &Failure, changes: &[Change]) {
        let Some(change) = changes.get(failure.change) else { return };
        let object = (change.service(), change.destination());
        let service = (change.service(), None);
        // Without its service a destination cannot be there either, which says nothing new.
        let follows = change.destination().is_some() && self.refusals.contains_key(&service);
        let now = Instant::now();
        let before = self.refusals.insert(object, (failure.errno, now));
        // What has not been tried for some time was not wanted in between: that is a new story.
        let known =
            before.is_some_and(|(errno, at)| errno == failure.errno && now - at < 2 * RETRY);
        if !known && !follows {
            self.log.info(failure.to_string());
        }
    }

    /// Asks for the kernel module once more: one that was loaded again has another number.
    fn reopen(&mut self) -> bool {
        let opened = self.access.open();
        let works = opened.is_ok();
        if let Ok(socket) = opened {
            self.socket = socket;
        }
        works
    }

    /// Services that are removed were not found any more, whoever wants them next.
    fn forget(&mut self, changes: &[Change], failures: &[Failure]) {
        for (place, change) in changes.iter().enumerate() {
            if let Change::RemoveService(key) = change
                && failures.iter().all(|failure| failure.change != place)
            {
                self.found.remove(key);
                if !self.refusals.is_empty() {
                    self.refusals.retain(|(service, _), _| service != key);
                }
            }
        }
    }

    /// Says which of the changes were refused before and are made now.
    fn recovered(&mut self, changes: &[Change], failures: &[Failure]) {
        if self.refusals.is_empty() {
            return;
        }
        for (place, change) in changes.iter().enumerate() {
            let failed = failures.iter().any(|failure| failure.change == place);
            let (service, destination) = (change.service(), change.destination());
            if !failed && self.refusals.remove(&(service, destination)).is_some() {
                let destination = destination.map(|key| format!(" -> {key}")).unwrap_or_default();
                self.log.info(format!("IPVS: ({service}{destination}) is as it shall be now"));
            }
        }
    }
}

/// Whether the kernel does not know the number any more by which it is asked.
fn is_stale(changes: &[Change], failures: &[Failure]) -> bool {
    failures.len() == changes.len() && failures.iter().all(|one| one.errno == libc::ENOENT)
}

/// Removes these services, as far as they are there, without a programmer.
///
/// # Errors
/// When IPVS cannot be used.
pub(crate) fn remove<'a>(
    access: &Access,
    services: impl Iterator<Item = &'a ServiceKey>,
    log: &Log,
) -> Result<(), Error> {
    let mut changes: Vec<_> = services.map(|key| Change::RemoveService(*key)).collect();
    // In the reverse order of their coming, see `Table::next_batch`.
    changes.reverse();
    if !changes.is_empty() {
        for failure in access.open()?.apply(&changes) {
            log.info(failure.to_string());
        }
    }
    Ok(())
}

/// Makes the servers that are out of service in the kernel's table start as failed: a director
/// that takes over from one that broke must not put dead servers back.
///
/// # Errors
/// When IPVS cannot be used or its table cannot be read.
pub(crate) fn resume(access: &Access, config: &mut lvs::config::Config) -> Result<(), Error> {
    let mut socket = access.open()?;
    let services: Vec<_> = socket.services()?.into_iter().map(|service| service.key).collect();
    for server in &mut config.virtual_servers {
        let keys = server.services.iter().map(|service| service.key);
        let Some(key) = keys.into_iter().find(|key| services.contains(key)) else { continue };
        let standing = socket.destinations(key)?;
        for real in &mut server.real_servers {
            let place = super::table::place(real.key, real.forwarding, key);
            let serves =
                standing.iter().any(|one| one.key == place && (one.weight > 0 || real.weight == 0));
            for check in real.checks.iter_mut().filter(|_| !serves) {
                check.schedule.alpha = true;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use net::{Family, ModuleName, ServiceFlags};

    use super::*;
    use crate::log;

    #[test]
    fn a_service_that_was_removed_is_not_found_any_more() {
        testkit::guest::run(|| {
            let mut kernel = Kernel::open(Access::default(), true, log::silent()).expect("IPVS");
            let key = ServiceKey::Mark { family: Family::V4, mark: 1 };
            let (scheduler, flags) = (ModuleName::new("rr").expect("a name"), ServiceFlags::NONE);
            let service = Service { key, scheduler, flags, persistence: None };
            assert_eq!(kernel.apply(&[Change::AddService(service)]), []);
            kernel.look_again().expect("a table");
            assert!(kernel.read(key).is_some());
            assert_eq!(kernel.apply(&[Change::RemoveService(key)]), []);
            assert_eq!(kernel.read(key), None);
        });
    }
}
