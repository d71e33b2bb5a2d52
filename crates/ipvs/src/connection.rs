//! The connection to generic netlink: questions and batches, and how answers find them.
//!
//! Decides how long to wait, and when an answer has ended. It knows no service.

use std::io;
use std::mem;
use std::time::Duration;

use netlink_packet_core::{DecodeError, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR};
use netlink_sys::SocketAddr;
use netlink_sys::protocols::NETLINK_GENERIC;
use tracing::warn;

use crate::attribute::Attributes;
use crate::batch::Batch;
use crate::change::Change;
use crate::error::Error;
use crate::failure::Failure;
use crate::message::{Message, messages};
use crate::reply;
use crate::writer::{Header, Writer};

/// Bytes asked for the socket's receive buffer.
const RECEIVE_BUFFER: usize = 4 << 20;
/// Room for one datagram: the kernel never puts more than 32 KB of a list into one.
const DATAGRAM: usize = 64 << 10;
/// The kernel answers before `send` returns; this only bounds the wait for an answer that it lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// A question to the kernel.
pub(crate) struct Question<'a> {
    /// What is asked for, for errors.
    pub(crate) what: &'static str,
    /// The number of the generic netlink family that is asked.
    pub(crate) family: u16,
    pub(crate) command: u8,
    /// `NLM_F_DUMP` or `NLM_F_ACK`: either makes the kernel say where its answer ends.
    pub(crate) flags: u16,
    pub(crate) attributes: &'a dyn Fn(&mut Writer<'_>),
}

/// Reads one message of an answer; `None` if our values cannot express what it says.
pub(crate) type Parse<T> = fn(&Attributes<'_>) -> Result<Option<T>, DecodeError>;

/// A socket of generic netlink that talks to the kernel only.
#[derive(Debug)]
pub(crate) struct Connection {
    socket: netlink_sys::Socket,
    sequence: u32,
    received: Vec<u8>,
    /// Kept for its capacity.
    request: Vec<u8>,
}

impl Connection {
    pub(crate) fn open() -> io::Result<Self> {
        let socket = connect()?;
        let received = Vec::with_capacity(DATAGRAM);
        Ok(Self { socket, sequence: 1, received, request: Vec::new() })
    }

    /// Sends one batch from the front of the changes; says how many it held, and which failed.
    pub(crate) fn send(&mut self, changes: &[Change], family: u16) -> (usize, Vec<Failure>) {
        let mut batch = Batch::of(changes, self.sequence);
        let count = batch.len();
        self.sequence = batch.next_sequence();
        let mut request = mem::take(&mut self.request);
        batch.write(&mut request, family);
        let ended = self.exchange(&request, &mut batch).err();
        self.request = request;
        (count, batch.failures(ended.as_ref()))
    }

    fn exchange(&mut self, request: &[u8], batch: &mut Batch<'_>) -> io::Result<()> {
        self.socket.send(request, 0)?;
        let mut complete = false;
        while !complete {
            for message in messages(self.receive()?) {
                let message = message.map_err(invalid)?;
                if message.kind == NLMSG_ERROR {
                    let reply = reply::parse(&message).map_err(invalid)?;
                    complete |= batch.note(message.sequence, reply);
                }
            }
        }
        Ok(())
    }

    /// What the kernel answers, and whether it stayed the same meanwhile.
    pub(crate) fn ask<T>(
        &mut self,
        question: &Question<'_>,
        parse: Parse<T>,
    ) -> Result<(Vec<T>, bool), Error> {
        let sequence = self.put(question).map_err(Error::Send)?;
        let (mut found, mut consistent) = (Ok(Vec::new()), true);
        loop {
            for message in messages(self.receive().map_err(Error::Receive)?) {
                let message = message?;
                if message.sequence != sequence {
                    continue;
                }
                consistent &= message.flags & NLM_F_DUMP_INTR == 0;
                if matches!(message.kind, NLMSG_ERROR | NLMSG_DONE) {
                    refusal(question.what, &message)?;
                    return Ok((found?, consistent));
                }
                if message.kind == question.family {
                    collect(&mut found, &message, parse);
                }
            }
        }
    }

    fn put(&mut self, question: &Question<'_>) -> io::Result<u32> {
        let &Question { family, command, flags, attributes, .. } = question;
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        self.request.clear();
        let header = Header { family, flags, sequence, command };
        Writer::message(&mut self.request, header, |writer| attributes(writer));
        self.socket.send(&self.request, 0)?;
        Ok(sequence)
    }

    /// One datagram from the kernel: the socket is connected to it and takes no other's.
    fn receive(&mut self) -> io::Result<&[u8]> {
        self.received.clear();
        loop {
            match self.socket.recv(&mut self.received, libc::MSG_TRUNC) {
                Ok(length) if length <= self.received.len() => return Ok(&self.received),
                Ok(_) => return Err(invalid("a datagram did not fit into the buffer")),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn connect() -> io::Result<netlink_sys::Socket> {
    let mut socket = netlink_sys::Socket::new(NETLINK_GENERIC)?;
    socket.bind_auto()?;
    socket.connect(&SocketAddr::new(0, 0))?;
    sys::socket::force_receive_buffer(&socket, RECEIVE_BUFFER)?;
    sys::socket::set_receive_timeout(&socket, PATIENCE)?;
    // Both are wishes: without them, errors come with less text or more bytes.
    for (option, result) in
        [("extended", socket.set_ext_ack(true)), ("capped", socket.set_cap_ack(true))]
    {
        if let Err(error) = result {
            warn!(option, %error, "the kernel has no such netlink acknowledgements");
        }
    }
    Ok(socket)
}

/// Adds what a message says. After one that makes no sense the rest is only waited for: the kernel
/// takes no further question before it has answered this one.
fn collect<T>(found: &mut Result<Vec<T>, DecodeError>, message: &Message<'_>, parse: Parse<T>) {
    let read = message.attributes().and_then(|top| parse(&top));
    match (found.as_mut(), read) {
        (Ok(list), Ok(item)) => list.extend(item),
        (Ok(_), Err(error)) => *found = Err(error),
        (Err(_), _) => {}
    }
}

/// The end of an answer: both kinds of message begin with an error number, which an empty end
/// lacks.
fn refusal(what: &'static str, message: &Message<'_>) -> Result<(), Error> {
    let errno = message.payload.first_chunk().map_or(0, |code| i32::from_ne_bytes(*code));
    if errno == 0 {
        return Ok(());
    }
    Err(Error::Refused { what, source: io::Error::from_raw_os_error(errno.saturating_neg()) })
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
