//! Many changes in one datagram, of which only the last asks for an answer.
//!
//! Decides how many changes go together and which change an answer belongs to. The kernel
//! reports errors of the others too, and carries out what comes after them.

use std::io;

use netlink::Reply;

use crate::change::Change;
use crate::failure::Failure;

/// The most changes of a batch: their errors must fit into the receive buffer even where it
/// cannot be raised, and the requests (at most 200 bytes each) into any send buffer.
pub(crate) const MOST: usize = 250;

/// Changes that go to the kernel in one datagram.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    /// The sequence number of the first; the others follow without a gap.
    first: u32,
    changes: &'a [Change],
    replies: Vec<Option<Reply>>,
}

impl<'a> Batch<'a> {
    /// Takes as many changes from the front as may go together, at least one if there is any.
    pub(crate) fn of(changes: &'a [Change], first: u32) -> Self {
        let changes = &changes[..changes.len().min(MOST)];
        Self { first, changes, replies: vec![None; changes.len()] }
    }

    /// Replaces the buffer's content by the requests to that generic netlink family.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>, family: u16) {
        bytes.clear();
        for (place, (change, offset)) in self.changes.iter().zip(0..).enumerate() {
            let last = place + 1 == self.changes.len();
            change.write(bytes, family, self.first.wrapping_add(offset), last);
        }
    }

    /// How many changes are in it.
    pub(crate) fn len(&self) -> usize {
        self.changes.len()
    }

    /// The sequence number that follows its last one.
    pub(crate) fn next_sequence(&self) -> u32 {
        let count = u32::try_from(self.len()).unwrap_or(u32::MAX);
        self.first.wrapping_add(count)
    }

    /// Notes the answer to a sequence number; says whether it was the last one to come. Answers
    /// to earlier batches are dropped.
    pub(crate) fn note(&mut self, sequence: u32, reply: Reply) -> bool {
        let place = usize::try_from(sequence.wrapping_sub(self.first)).unwrap_or(usize::MAX);
        let Some(slot) = self.replies.get_mut(place) else { return false };
        *slot = Some(reply);
        place + 1 == self.replies.len()
    }

    /// The changes that failed. When the exchange ended early for want of an answer, these
    /// include all that the kernel had not answered with an error by then.
    pub(crate) fn failures(self, ended: Option<&io::Error>) -> Vec<Failure> {
        let lost = ended.map(|error| error.raw_os_error().unwrap_or(libc::EIO));
        let answered = self.changes.iter().zip(self.replies).enumerate();
        answered
            .filter_map(|(place, (change, reply))| match (reply, lost) {
                (Some(reply), _) => refused(place, change, reply),
                (None, Some(errno)) => {
                    let reply = Reply { errno, detail: None };
                    Some(Failure { answered: false, ..failure(place, change, reply) })
                }
                (None, None) => None,
            })
            .collect()
    }
}

fn refused(place: usize, change: &Change, reply: Reply) -> Option<Failure> {
    let failed = reply.errno != 0 && !change.command().tolerates(reply.errno);
    failed.then(|| failure(place, change, reply))
}

fn failure(place: usize, change: &Change, reply: Reply) -> Failure {
    Failure {
        change: place,
        command: change.command(),
        service: change.service(),
        destination: change.destination(),
        errno: reply.errno,
        detail: reply.detail,
        answered: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use net::{Family, ModuleName, Service, ServiceFlags, ServiceKey};
    use netlink::messages;

    fn removals(count: u32) -> Vec<Change> {
        (1..=count)
            .map(|mark| Change::RemoveService(ServiceKey::Mark { family: Family::V4, mark }))
            .collect()
    }

    fn edits(count: u32) -> Vec<Change> {
        let scheduler = ModuleName::new("rr").unwrap();
        let flags = ServiceFlags::NONE;
        (1..=count)
            .map(|mark| {
                let key = ServiceKey::Mark { family: Family::V4, mark };
                let scheduler = scheduler.clone();
                Change::EditService(Service { key, scheduler, flags, persistence: None })
            })
            .collect()
    }

    fn reply(errno: i32) -> Reply {
        Reply { errno, detail: None }
    }

    #[test]
    fn only_the_last_message_asks_for_an_answer() {
        let changes = removals(3);
        let batch = Batch::of(&changes, u32::MAX);
        let mut bytes = vec![1, 2, 3];
        batch.write(&mut bytes, 27);
        let found: Vec<_> = messages(&bytes).map(Result::unwrap).collect();
        let heads: Vec<_> = found.iter().map(|m| (m.kind, m.flags, m.sequence)).collect();
        assert_eq!(heads, [(27, 1, u32::MAX), (27, 1, 0), (27, 5, 1)]);
        assert_eq!(batch.next_sequence(), 2);
    }

    #[test]
    fn a_batch_has_a_bound() {
        let changes = edits(600);
        assert_eq!(Batch::of(&changes, 1).len(), MOST);
        assert_eq!(Batch::of(&changes[500..], 1).len(), 100);
        assert_eq!(Batch::of(&[], 1).len(), 0);
        // No request is longer than 200 bytes: `tests/messages`.
        const { assert!(MOST * 200 < 128 << 10) };
    }

    #[test]
    fn errors_belong_to_their_change_and_some_are_none() {
        let changes: Vec<_> = edits(2).into_iter().chain(removals(3)).collect();
        let mut batch = Batch::of(&changes, 10);
        assert!(!batch.note(9, reply(libc::EIO)), "an answer to something earlier");
        assert!(!batch.note(15, reply(libc::EIO)), "an answer to nothing");
        assert!(!batch.note(11, reply(libc::ESRCH)));
        assert!(!batch.note(12, reply(libc::ESRCH)));
        assert!(!batch.note(13, reply(libc::EPERM)));
        assert!(batch.note(14, reply(0)));
        let failures = batch.failures(None);
        let found: Vec<_> = failures.iter().map(|f| (f.change, f.errno, f.answered)).collect();
        assert_eq!(found, [(1, libc::ESRCH, true), (3, libc::EPERM, true)]);
    }

    #[test]
    fn without_the_last_answer_every_silent_change_counts_as_failed() {
        let changes = removals(3);
        let mut batch = Batch::of(&changes, 10);
        batch.note(11, reply(libc::ENOENT));
        let lost = io::Error::from_raw_os_error(libc::ENOBUFS);
        let failures = batch.failures(Some(&lost));
        let found: Vec<_> = failures.iter().map(|f| (f.change, f.errno, f.answered)).collect();
        assert_eq!(found, [(0, libc::ENOBUFS, false), (2, libc::ENOBUFS, false)]);
    }

    #[test]
    fn an_error_without_a_number_is_an_input_output_error() {
        let changes = removals(1);
        let odd = io::Error::new(io::ErrorKind::InvalidData, "odd");
        assert_eq!(Batch::of(&changes, 1).failures(Some(&odd))[0].errno, libc::EIO);
    }
}
