//! What the rest of the daemon asks of the kernel's IPVS: edits, and lists.
//!
//! Decides what each request is made of. It blocks for as long as the kernel works, so it belongs
//! to a thread that may wait.

use net::{Destination, Service, ServiceKey};
use netlink_packet_core::{DecodeError, NLM_F_ACK, NLM_F_DUMP};
use sys::socket::ReceiveBuffer;

use crate::change::Change;
use crate::connection::{Connection, Parse, Question};
use crate::daemon::{Direction, SyncDaemon};
use crate::error::Error;
use crate::failure::Failure;
use crate::info::{self, Info};
use crate::number::{command, control};
use crate::statistics::Counted;
use crate::timeouts::Timeouts;
use crate::writer::Writer;
use crate::{daemon, destination, service, timeouts};

/// The name of the generic netlink family (`IPVS_GENL_NAME`).
const FAMILY: &str = "IPVS";
/// How often a list is asked for that changed while it was being read.
const TRIES: usize = 5;

/// A connection to the kernel's IPVS.
#[derive(Debug)]
pub struct Socket {
    connection: Connection,
    /// The number that the kernel gave to the generic netlink family.
    family: u16,
}

impl Socket {
    /// Opens the socket in the network namespace of the calling thread, which it then stays in.
    ///
    /// Asking for IPVS makes the kernel load its module if it can. When the module is unloaded
    /// and loaded again later, the socket has to be opened again.
    ///
    /// # Errors
    /// [`Error::NoFamily`] when the kernel has no IPVS, others when it gives out no socket.
    pub fn open() -> Result<Self, Error> {
        let mut connection = Connection::open().map_err(Error::Open)?;
        let family = resolve(&mut connection)?;
        Ok(Self { connection, family })
    }

    /// Replaces its receive buffer, which has room for the answers of a whole batch.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn set_receive_buffer(&self, buffer: ReceiveBuffer) -> Result<(), Error> {
        self.connection.set_receive_buffer(buffer).map_err(Error::Open)
    }

    /// Makes the changes in order, in as few system calls as possible, and returns those that
    /// failed, in the same order. A failure does not keep the later ones back.
    ///
    /// For two to three minutes the kernel keeps what was removed, the latest first, and searches
    /// it one by one for each destination that is added. So removals in the reverse order of the
    /// additions make it quick to add the same again: to add 36,432 takes 0.15 s instead of 23 s.
    pub fn apply(&mut self, changes: &[Change]) -> Vec<Failure> {
        let mut failures = Vec::new();
        let mut done = 0;
        while done < changes.len() {
            let (count, failed) = self.connection.send(&changes[done..], self.family);
            let placed = |f: Failure| Failure { change: f.change + done, ..f };
            failures.extend(failed.into_iter().map(placed));
            done += count;
        }
        failures
    }

    /// All services, in no particular order. One that [`Service`] cannot express is left out:
    /// one of another protocol or family, or whose scheduler's name is no text.
    ///
    /// # Errors
    /// When the kernel cannot be asked or its answer makes no sense.
    pub fn services(&mut self) -> Result<Vec<Service>, Error> {
        self.list("a list of services", command::GET_SERVICE, &|_| {}, service::parse)
    }

    /// One service; `None` if it is not there, or is one that [`Service`] cannot express.
    ///
    /// # Errors
    /// As [`Socket::services`].
    pub fn service(&mut self, key: ServiceKey) -> Result<Option<Service>, Error> {
        let attributes = |writer: &mut Writer<'_>| service::write_key(writer, key);
        let question = Question {
            what: "a service",
            family: self.family,
            command: command::GET_SERVICE,
            flags: NLM_F_ACK,
            attributes: &attributes,
        };
        match self.connection.ask(&question, service::parse) {
            Ok((found, _)) => Ok(found.into_iter().next()),
            Err(Error::Refused { source, .. }) if source.raw_os_error() == Some(libc::ESRCH) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The destinations of a service, newest first; none if there is no such service. One that
    /// [`Destination`] cannot express is left out: a cache bypass or an unknown encapsulation.
    ///
    /// # Errors
    /// As [`Socket::services`].
    pub fn destinations(&mut self, of: ServiceKey) -> Result<Vec<Destination>, Error> {
        let attributes = |writer: &mut Writer<'_>| service::write_key(writer, of);
        self.list("a list of destinations", command::GET_DEST, &attributes, destination::parse)
    }

    /// As [`Socket::services`], with what the kernel has counted.
    ///
    /// # Errors
    /// As [`Socket::services`].
    pub fn counted_services(&mut self) -> Result<Vec<Counted<Service>>, Error> {
        self.list("a list of services", command::GET_SERVICE, &|_| {}, service::parse_counted)
    }

    /// As [`Socket::destinations`], with what the kernel has counted.
    ///
    /// # Errors
    /// As [`Socket::services`].
    pub fn counted_destinations(
        &mut self,
        of: ServiceKey,
    ) -> Result<Vec<Counted<Destination>>, Error> {
        let attributes = |writer: &mut Writer<'_>| service::write_key(writer, of);
        let parse = destination::parse_counted;
        self.list("a list of destinations", command::GET_DEST, &attributes, parse)
    }

    /// The version of IPVS and the size of its table of connections.
    ///
    /// # Errors
    /// As [`Socket::services`].
    pub fn info(&mut self) -> Result<Info, Error> {
        self.one("general information", command::GET_INFO, info::parse)
    }

    /// How long the kernel keeps connections.
    ///
    /// # Errors
    /// As [`Socket::services`].
    pub fn timeouts(&mut self) -> Result<Timeouts, Error> {
        self.one("its timeouts", command::GET_CONFIG, timeouts::parse)
    }

    /// Changes how long the kernel keeps connections.
    ///
    /// # Errors
    /// When the kernel refuses or cannot be asked.
    pub fn set_timeouts(&mut self, timeouts: &Timeouts) -> Result<(), Error> {
        let attributes = |writer: &mut Writer<'_>| timeouts::write(writer, timeouts);
        self.tell("timeouts", command::SET_CONFIG, &attributes)
    }

    /// Empties the whole table, whoever filled it.
    ///
    /// # Errors
    /// As [`Socket::set_timeouts`].
    pub fn flush(&mut self) -> Result<(), Error> {
        self.tell("to empty the table", command::FLUSH, &|_| {})
    }

    /// The synchronisation daemons that run, and their numbers.
    ///
    /// # Errors
    /// As [`Socket::services`].
    pub fn daemons(&mut self) -> Result<Vec<(Direction, u8)>, Error> {
        self.list("a list of daemons", command::GET_DAEMON, &|_| {}, daemon::parse)
    }

    /// Starts a synchronisation daemon.
    ///
    /// # Errors
    /// As [`Socket::set_timeouts`]; `EEXIST` when one of this direction runs.
    pub fn start_daemon(&mut self, daemon: &SyncDaemon) -> Result<(), Error> {
        let attributes = |writer: &mut Writer<'_>| daemon::write(writer, daemon);
        self.tell("a synchronisation daemon", command::NEW_DAEMON, &attributes)
    }

    /// Stops a synchronisation daemon.
    ///
    /// # Errors
    /// As [`Socket::set_timeouts`]; `ESRCH` when none of this direction runs.
    pub fn stop_daemon(&mut self, direction: Direction, id: u8) -> Result<(), Error> {
        let attributes = |writer: &mut Writer<'_>| daemon::write_stop(writer, direction, id);
        self.tell("to stop a synchronisation daemon", command::DEL_DAEMON, &attributes)
    }

    /// Asks for something that the kernel has one of.
    fn one<T>(&mut self, what: &'static str, command: u8, parse: Parse<T>) -> Result<T, Error> {
        let family = self.family;
        let question = Question { what, family, command, flags: NLM_F_ACK, attributes: &|_| {} };
        let (found, _) = self.connection.ask(&question, parse)?;
        let missing = || DecodeError::from("an answer without information").into();
        found.into_iter().next().ok_or_else(missing)
    }

    /// Asks for something to be done.
    fn tell(
        &mut self,
        what: &'static str,
        command: u8,
        attributes: &dyn Fn(&mut Writer<'_>),
    ) -> Result<(), Error> {
        let question =
            Question { what, family: self.family, command, flags: NLM_F_ACK, attributes };
        self.connection.ask(&question, |_| Ok(None::<()>)).map(|_| ())
    }

    /// Asks for a list until one was not changed while it was read; after some tries it takes
    /// what it has.
    fn list<T>(
        &mut self,
        what: &'static str,
        command: u8,
        attributes: &dyn Fn(&mut Writer<'_>),
        parse: Parse<T>,
    ) -> Result<Vec<T>, Error> {
        let question =
            Question { what, family: self.family, command, flags: NLM_F_DUMP, attributes };
        for _ in 1..TRIES {
            let (found, consistent) = self.connection.ask(&question, parse)?;
            if consistent {
                return Ok(found);
            }
        }
        Ok(self.connection.ask(&question, parse)?.0)
    }
}

fn resolve(connection: &mut Connection) -> Result<u16, Error> {
    let question = Question {
        what: "to name its family IPVS",
        family: control::FAMILY,
        command: control::GET_FAMILY,
        flags: NLM_F_ACK,
        attributes: &|writer| writer.text(control::FAMILY_NAME, FAMILY),
    };
    match connection.ask(&question, |top| top.u16(control::FAMILY_ID).map(Some)) {
        Ok((found, _)) => found.first().copied().ok_or(Error::NoFamily),
        Err(Error::Refused { source, .. }) if source.raw_os_error() == Some(libc::ENOENT) => {
            Err(Error::NoFamily)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_without_ipvs_is_told_from_other_trouble() {
        let opened = Socket::open().map(|_| ());
        assert!(matches!(opened, Ok(()) | Err(Error::NoFamily)), "{opened:?}");
    }
}
