//! Many requests in one datagram, of which only the last asks for an answer, and what became of
//! each. The kernel reports errors of the others too, and carries out what comes after them.

use std::io;

use netlink_packet_core::NLMSG_ERROR;

use crate::channel::{Channel, invalid};
use crate::message::messages;
use crate::reply::Reply;

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was carried out: the kernel said so, or nothing while it answered a later one.
    Done,
    /// The kernel refused it.
    Refused(Reply),
    /// Nobody knows: its answer was lost. The error number says why, such as `ENOBUFS` or `EAGAIN`.
    Lost(i32),
}

impl Channel {
    /// Sends so many requests, which `write` puts into an empty datagram. Their sequence numbers
    /// follow each other from `first` on, and the last asks for an answer. Returns what became of
    /// each.
    pub fn exchange(
        &mut self,
        first: u32,
        count: usize,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Vec<Answer> {
        let mut awaited = Awaited { first, replies: vec![None; count] };
        let ended = self.send(write).and_then(|()| self.gather(&mut awaited));
        if ended.is_err() {
            // Those that were not lost count; of one that makes no sense nothing does.
            self.drain(|datagram| drop(awaited.hear(datagram)));
        }
        awaited.conclude(ended)
    }

    fn gather(&mut self, awaited: &mut Awaited) -> io::Result<()> {
        while !awaited.hear(self.receive()?)? {}
        Ok(())
    }
}

/// The requests of a batch, and the answers that have come.
struct Awaited {
    /// The sequence number of the first; the others follow without a gap.
    first: u32,
    replies: Vec<Option<Reply>>,
}

impl Awaited {
    /// Notes the answers in a datagram; says whether the last one is among them.
    fn hear(&mut self, datagram: &[u8]) -> io::Result<bool> {
        let mut complete = false;
        for message in messages(datagram) {
            let message = message.map_err(invalid)?;
            if message.kind == NLMSG_ERROR {
                let reply = Reply::parse(&message).map_err(invalid)?;
                complete |= self.note(message.sequence, reply);
            }
        }
        Ok(complete)
    }

    /// Notes the answer to a sequence number; says whether it was the last one to come. Answers
    /// to earlier batches are dropped.
    fn note(&mut self, sequence: u32, reply: Reply) -> bool {
        let place = usize::try_from(sequence.wrapping_sub(self.first)).unwrap_or(usize::MAX);
        let Some(slot) = self.replies.get_mut(place) else { return false };
        *slot = Some(reply);
        place + 1 == self.replies.len()
    }

    /// When the exchange ended early, all that were not answered by then are lost.
    fn conclude(self, ended: io::Result<()>) -> Vec<Answer> {
        let lost = ended.err().map(|error| error.raw_os_error().unwrap_or(libc::EIO));
        let answer = |reply: Option<Reply>| match (reply, lost) {
            (Some(reply), _) if reply.errno != 0 => Answer::Refused(reply),
            (None, Some(errno)) => Answer::Lost(errno),
            (Some(_) | None, _) => Answer::Done,
        };
        self.replies.into_iter().map(answer).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(errno: i32) -> Reply {
        Reply { errno, detail: None }
    }

    #[test]
    fn answers_find_their_requests_across_the_end_of_the_numbers() {
        let mut awaited = Awaited { first: u32::MAX, replies: vec![None; 4] };
        assert!(!awaited.note(u32::MAX - 1, reply(libc::EIO)), "an answer to something earlier");
        assert!(!awaited.note(3, reply(libc::EIO)), "an answer to nothing");
        assert!(!awaited.note(0, reply(libc::EPERM)));
        assert!(awaited.note(2, reply(0)));
        let refused = Answer::Refused(reply(libc::EPERM));
        let done = Answer::Done;
        assert_eq!(awaited.conclude(Ok(())), [done.clone(), refused, done.clone(), done]);
    }

    #[test]
    fn without_the_last_answer_every_silent_request_is_lost() {
        let mut awaited = Awaited { first: 10, replies: vec![None; 3] };
        awaited.note(11, reply(libc::ENOENT));
        let lost = Answer::Lost(libc::ENOBUFS);
        let ended = Err(io::Error::from_raw_os_error(libc::ENOBUFS));
        let refused = Answer::Refused(reply(libc::ENOENT));
        assert_eq!(awaited.conclude(ended), [lost.clone(), refused, lost]);
    }

    #[test]
    fn an_end_without_a_number_is_an_input_output_error() {
        let awaited = Awaited { first: 1, replies: vec![None] };
        let odd = Err(io::Error::new(io::ErrorKind::InvalidData, "odd"));
        assert_eq!(awaited.conclude(odd), [Answer::Lost(libc::EIO)]);
    }
}
