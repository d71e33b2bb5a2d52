//! What the rest of the daemon asks of the kernel's IPVS: edits, and lists.
//!
//! Decides what each request is made of. It blocks for as long as the kernel works, so it belongs
//! to a thread that may wait.

use net::{Destination, Service, ServiceKey};
use netlink::{Channel, Message, Question};
use netlink_packet_core::{DecodeError, NLM_F_ACK, NLM_F_DUMP};
use netlink_sys::protocols::NETLINK_GENERIC;
use sys::socket::ReceiveBuffer;

use crate::attribute::Attributes;
use crate::batch::Batch;
use crate::change::Change;
use crate::daemon::{Direction, SyncDaemon};
use crate::error::Error;
use crate::failure::Failure;
use crate::info::{self, Info};
use crate::number::{command, control};
use crate::statistics::Counted;
use crate::timeouts::Timeouts;
use crate::writer::{Header, Writer};
use crate::{daemon, destination, service, timeouts};

/// The name of the generic netlink family (`IPVS_GENL_NAME`).
const FAMILY: &str = "IPVS";

/// Reads one message of an answer; `None` if our values cannot express what it says.
type Parse<T> = fn(&Attributes<'_>) -> Result<Option<T>, DecodeError>;

/// A connection to the kernel's IPVS.
#[derive(Debug)]
pub struct Socket {
    channel: Channel,
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
        let mut channel = Channel::open(NETLINK_GENERIC).map_err(netlink::Error::Open)?;
        let family = resolve(&mut channel)?;
        Ok(Self { channel, family })
    }

    /// Replaces its receive buffer, which has room for the answers of a whole batch.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn set_receive_buffer(&self, buffer: ReceiveBuffer) -> Result<(), Error> {
        Ok(self.channel.set_receive_buffer(buffer).map_err(netlink::Error::Open)?)
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
            let (batch, family) = (Batch::of(&changes[done..]), self.family);
            let first = self.channel.numbers(batch.len());
            let write = |bytes: &mut Vec<u8>| batch.write(bytes, family, first);
            let answers = self.channel.exchange(first, batch.len(), write);
            let failed = batch.failures(answers).into_iter();
            failures.extend(failed.map(|f| Failure { change: f.change + done, ..f }));
            done += batch.len();
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
        let header = self.header(command::GET_SERVICE, NLM_F_ACK);
        let found = ask(&mut self.channel, "a service", header, &attributes, service::parse);
        match found.map_err(Error::from) {
            Ok(found) => Ok(found.into_iter().next()),
            Err(error) if error.refusal() == Some(libc::ESRCH) => Ok(None),
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
        let header = self.header(command, NLM_F_ACK);
        let found = ask(&mut self.channel, what, header, &|_| {}, parse)?;
        let missing = || DecodeError::from("an answer without information");
        Ok(found.into_iter().next().ok_or_else(missing).map_err(netlink::Error::from)?)
    }

    /// Asks for something to be done.
    fn tell(
        &mut self,
        what: &'static str,
        command: u8,
        attributes: &dyn Fn(&mut Writer<'_>),
    ) -> Result<(), Error> {
        let header = self.header(command, NLM_F_ACK);
        Ok(ask(&mut self.channel, what, header, attributes, |_| Ok(None::<()>)).map(drop)?)
    }

    fn list<T>(
        &mut self,
        what: &'static str,
        command: u8,
        attributes: &dyn Fn(&mut Writer<'_>),
        parse: Parse<T>,
    ) -> Result<Vec<T>, Error> {
        let header = self.header(command, NLM_F_DUMP);
        Ok(ask(&mut self.channel, what, header, attributes, parse)?)
    }

    const fn header(&self, command: u8, flags: u16) -> Header {
        Header { family: self.family, flags, sequence: 0, command }
    }
}

/// Asks a family of generic netlink. The flags are `NLM_F_DUMP` or `NLM_F_ACK`; the sequence number
/// is the socket's.
fn ask<T>(
    channel: &mut Channel,
    what: &'static str,
    header: Header,
    attributes: &dyn Fn(&mut Writer<'_>),
    parse: Parse<T>,
) -> Result<Vec<T>, netlink::Error> {
    let request = |bytes: &mut Vec<u8>, sequence| {
        Writer::message(bytes, Header { sequence, ..header }, |writer| attributes(writer));
    };
    let parse = |message: &Message<'_>| {
        if message.kind != header.family {
            return Ok(None);
        }
        Attributes::of(message).and_then(|top| parse(&top))
    };
    channel.ask(&Question { what, request: &request, parse: &parse })
}

fn resolve(channel: &mut Channel) -> Result<u16, Error> {
    let (family, command) = (control::FAMILY, control::GET_FAMILY);
    let header = Header { family, flags: NLM_F_ACK, sequence: 0, command };
    let named = |writer: &mut Writer<'_>| writer.text(control::FAMILY_NAME, FAMILY);
    let number: Parse<u16> = |top| top.u16(control::FAMILY_ID).map(Some);
    match ask(channel, "to name its family IPVS", header, &named, number).map_err(Error::from) {
        Ok(found) => found.first().copied().ok_or(Error::NoFamily),
        Err(error) if error.refusal() == Some(libc::ENOENT) => Err(Error::NoFamily),
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
