//! Many changes in one datagram, of which only the last asks for an answer.
//!
//! Decides how many changes go together and what the answers mean.

use netlink::{Answer, Reply};

use crate::change::Change;
use crate::failure::Failure;

/// The most changes of a batch: their errors must fit into the receive buffer even where it
/// cannot be raised, and the requests (at most 200 bytes each) into any send buffer.
pub(crate) const MOST: usize = 250;

/// Changes that go to the kernel in one datagram.
#[derive(Debug)]
pub(crate) struct Batch<'a>(&'a [Change]);

impl<'a> Batch<'a> {
    /// Takes as many changes from the front as may go together, at least one if there is any.
    pub(crate) fn of(changes: &'a [Change]) -> Self {
        Self(&changes[..changes.len().min(MOST)])
    }

    /// Writes the requests to that generic netlink family, the first of which has that sequence
    /// number.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>, family: u16, first: u32) {
        for (place, (change, offset)) in self.0.iter().zip(0..).enumerate() {
            let last = place + 1 == self.len();
            change.write(bytes, family, first.wrapping_add(offset), last);
        }
    }

    /// How many changes are in it.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The changes that failed, or whose answers were lost.
    pub(crate) fn failures(&self, answers: Vec<Answer>) -> Vec<Failure> {
        let answered = self.0.iter().zip(answers).enumerate();
        answered
            .filter_map(|(place, (change, answer))| match answer {
                Answer::Done => None,
                Answer::Refused(reply) if change.command().tolerates(reply.errno) => None,
                Answer::Refused(reply) => Some(failure(place, change, reply)),
                Answer::Lost(errno) => {
                    let reply = Reply { errno, detail: None };
                    Some(Failure { answered: false, ..failure(place, change, reply) })
                }
            })
            .collect()
    }
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

    fn refused(errno: i32) -> Answer {
        Answer::Refused(Reply { errno, detail: None })
    }

    #[test]
    fn only_the_last_message_asks_for_an_answer() {
        let changes = removals(3);
        let mut bytes = Vec::new();
        Batch::of(&changes).write(&mut bytes, 27, u32::MAX);
        let found: Vec<_> = messages(&bytes).map(Result::unwrap).collect();
        let heads: Vec<_> = found.iter().map(|m| (m.kind, m.flags, m.sequence)).collect();
        assert_eq!(heads, [(27, 1, u32::MAX), (27, 1, 0), (27, 5, 1)]);
    }

    #[test]
    fn a_batch_has_a_bound() {
        let changes = edits(600);
        assert_eq!(Batch::of(&changes).len(), MOST);
        assert_eq!(Batch::of(&changes[500..]).len(), 100);
        assert_eq!(Batch::of(&[]).len(), 0);
        // No request is longer than 200 bytes: `tests/messages`.
        const { assert!(MOST * 200 < 128 << 10) };
    }

    #[test]
    fn errors_belong_to_their_change_and_some_are_none() {
        let changes: Vec<_> = edits(2).into_iter().chain(removals(3)).collect();
        let answers = vec![
            Answer::Done,
            refused(libc::ESRCH),
            refused(libc::ESRCH),
            refused(libc::EPERM),
            Answer::Lost(libc::ENOBUFS),
        ];
        let failures = Batch::of(&changes).failures(answers);
        let found: Vec<_> = failures.iter().map(|f| (f.change, f.errno, f.answered)).collect();
        let lost = (4, libc::ENOBUFS, false);
        assert_eq!(found, [(1, libc::ESRCH, true), (3, libc::EPERM, true), lost]);
    }
}
