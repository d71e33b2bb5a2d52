//! The connection to generic netlink: questions and batches, and how answers find them.
//!
//! Decides how long to wait, and when an answer has ended. It knows no service.

use std::io;
use std::mem;

use netlink::{Channel, Message, Reply, invalid, messages};
use netlink_packet_core::{DecodeError, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR};
use netlink_sys::protocols::NETLINK_GENERIC;
use sys::socket::ReceiveBuffer;

use crate::attribute::Attributes;
use crate::batch::Batch;
use crate::change::Change;
use crate::error::Error;
use crate::failure::Failure;
use crate::writer::{Header, Writer};

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
    channel: Channel,
    sequence: u32,
    /// Kept for its capacity.
    request: Vec<u8>,
}

impl Connection {
    pub(crate) fn open() -> io::Result<Self> {
        Ok(Self { channel: Channel::open(NETLINK_GENERIC)?, sequence: 1, request: Vec::new() })
    }

    pub(crate) fn set_receive_buffer(&self, buffer: ReceiveBuffer) -> io::Result<()> {
        self.channel.set_receive_buffer(buffer)
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
        self.channel.send(request)?;
        let mut complete = false;
        while !complete {
            for message in messages(self.channel.receive()?) {
                let message = message.map_err(invalid)?;
                if message.kind == NLMSG_ERROR {
                    let reply = Reply::parse(&message).map_err(invalid)?;
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
            for message in messages(self.channel.receive().map_err(Error::Receive)?) {
                let message = message?;
                if message.sequence != sequence {
                    continue;
                }
                consistent &= message.flags & NLM_F_DUMP_INTR == 0;
                if matches!(message.kind, NLMSG_ERROR | NLMSG_DONE) {
                    let what = question.what;
                    Reply::end(&message).map_err(|source| Error::Refused { what, source })?;
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
        self.channel.send(&self.request)?;
        Ok(sequence)
    }
}

/// Adds what a message says. After one that makes no sense the rest is only waited for: the kernel
/// takes no further question before it has answered this one.
fn collect<T>(found: &mut Result<Vec<T>, DecodeError>, message: &Message<'_>, parse: Parse<T>) {
    let read = Attributes::of(message).and_then(|top| parse(&top));
    match (found.as_mut(), read) {
        (Ok(list), Ok(item)) => list.extend(item),
        (Ok(_), Err(error)) => *found = Err(error),
        (Err(_), _) => {}
    }
}
