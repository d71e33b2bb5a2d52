//! Questions to the kernel, and where its answers end.

use netlink_packet_core::{DecodeError, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR};

use crate::channel::Channel;
use crate::error::Error;
use crate::message::{Message, messages};
use crate::reply::Reply;

/// How often a list is asked for that changed while it was being read, or of which something was lost.
const TRIES: usize = 5;

/// Something that the kernel is asked for.
pub struct Question<'a, T> {
    /// What it is asked for, for errors: what follows `the kernel refused `.
    pub what: &'static str,
    /// Writes the request of this sequence number into an empty datagram. Its flags make the kernel
    /// say where the answer ends (`NLM_F_DUMP` or `NLM_F_ACK`).
    pub request: &'a dyn Fn(&mut Vec<u8>, u32),
    /// Reads one message of the answer; `None` if it says nothing that is wanted.
    pub parse: &'a dyn Fn(&Message<'_>) -> Result<Option<T>, DecodeError>,
}

impl Channel {
    /// Asks until the answer was not changed while it was read; after some tries it takes what it
    /// has.
    ///
    /// # Errors
    /// When the kernel cannot be asked or its answer makes no sense.
    pub fn ask<T>(&mut self, question: &Question<'_, T>) -> Result<Vec<T>, Error> {
        for _ in 1..TRIES {
            match self.ask_once(question) {
                Ok((found, true)) => return Ok(found),
                Ok((_, false)) => {}
                // Perhaps of an earlier answer.
                Err(Error::Receive(error)) if error.raw_os_error() == Some(libc::ENOBUFS) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.ask_once(question)?.0)
    }

    /// What the kernel answers, and whether it stayed the same meanwhile.
    fn ask_once<T>(&mut self, question: &Question<'_, T>) -> Result<(Vec<T>, bool), Error> {
        let answer = self.ask_and_hear(question);
        if matches!(answer, Err(Error::Receive(_) | Error::Decode(_))) {
            self.drain(|_| {});
        }
        answer
    }

    fn ask_and_hear<T>(&mut self, question: &Question<'_, T>) -> Result<(Vec<T>, bool), Error> {
        let sequence = self.numbers(1);
        self.send(|bytes| (question.request)(bytes, sequence)).map_err(Error::Send)?;
        let (mut found, mut consistent) = (Ok(Vec::new()), true);
        loop {
            for message in messages(self.receive().map_err(Error::Receive)?) {
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
                collect(&mut found, (question.parse)(&message));
            }
        }
    }
}

/// Adds what a message says. After one that makes no sense the rest is only waited for: the kernel
/// takes no further question before it has answered this one.
fn collect<T>(found: &mut Result<Vec<T>, DecodeError>, read: Result<Option<T>, DecodeError>) {
    match (found.as_mut(), read) {
        (Ok(list), Ok(item)) => list.extend(item),
        (Ok(_), Err(error)) => *found = Err(error),
        (Err(_), _) => {}
    }
}
