use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::http::tests::request;

fn judged(request: &Request, pieces: &[&[u8]]) -> Outcome {
    let mut judge = Judge::new(request, None);
    for piece in pieces {
        let _ = judge.feed(piece);
    }
    judge.finish()
}

fn verdict(answer: impl AsRef<[u8]>) -> Outcome {
    judged(&request(), &[answer.as_ref()])
}

fn with_digest(of: &[u8]) -> Request {
    Request { digest: Some(Md5::digest(of).into()), ..request() }
}

fn mismatch(declared: u64, received: u64) -> Option<LengthMismatch> {
    Some(LengthMismatch { declared, received })
}

fn passed(by: Proof, length: Option<LengthMismatch>) -> Outcome {
    Outcome::Passed(Passed::Answered { by, length })
}

fn good() -> Outcome {
    passed(Proof::Status, None)
}

fn wrong_status(status: Option<u16>) -> Outcome {
    failed(WebFailure::WrongStatus(status, None))
}

const NO_DATA: Outcome = failed(WebFailure::NoData);

#[test]
fn without_the_end_of_a_header_there_is_no_answer() {
    for answer in [
        "",
        "HTTP/1.0 200 OK",
        "HTTP/1.0 200 OK\r\n",
        "HTTP/1.0 200 OK\r\nA: b\r\n\r",
        "HTTP/1.0 200 OK\n\n<html>",
        "HTTP/1.0 200 OK\r\n\n\r\n",
    ] {
        assert_eq!(verdict(answer), NO_DATA, "{answer:?}");
    }
}

#[test]
fn a_header_may_be_4095_bytes_long() {
    let start = "HTTP/1.0 200 OK\r\nA: ";
    let header = |size: usize| format!("{start}{}\r\n\r\n", "x".repeat(size - start.len() - 4));
    assert_eq!(verdict(header(4095)), good());
    assert_eq!(verdict(header(4095) + "body"), good());
    assert_eq!(verdict(header(4096)), NO_DATA);
    assert_eq!(verdict(header(4096) + "body"), NO_DATA);
}

#[test]
fn the_rest_of_a_header_that_is_too_long_is_not_waited_for() {
    let request = request();
    let mut judge = Judge::new(&request, None);
    assert!(judge.feed(&[b'x'; 4094]).is_continue());
    assert!(judge.feed(b"x").is_break());
    assert!(judge.feed(b"\r\n\r\n").is_break());
    assert_eq!(judge.finish(), NO_DATA);
}

#[test]
fn the_status_is_three_digits_behind_the_first_blank() {
    for (answer, status) in [
        ("HTTP/1.1 404 Not Found", Some(404)),
        ("HTTP/1.1 404 ", Some(404)),
        ("HTTP/1.1 404", Some(404)),
        ("HTTP/1.1 099 low", Some(99)),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK", Some(100)),
        ("HTTP/2 404 x", Some(404)),
        ("ICY 404 x", Some(404)),
        (" 404 x", Some(404)),
        ("HTTP/1.1\r\nA: 404 x", Some(404)),
        ("HTTP/1.1 2000 x", None),
        ("HTTP/1.1 20 x", None),
        ("HTTP/1.1 20x y", None),
        ("HTTP/1.1  200 OK", None),
        ("HTTP/1.1 200\tOK", None),
        ("HTTP/1.1 200\n", None),
        ("HTTP/1.1 +20 x", None),
        ("HTTP/1.1 OK", None),
        ("HTTP/1.1", None),
        ("HTTP/1.1 ", None),
        ("HTTP/1.1 20", None),
        ("HTTP/1.1\r\n\r\n 200 OK", None),
        ("", None),
    ] {
        assert_eq!(verdict(format!("{answer}\r\n\r\n")), wrong_status(status), "{answer:?}");
    }
    for answer in ["HTTP/1.1 200 OK", "HTTP/1.1 200 ", "HTTP/1.1 200", "x 299 200"] {
        assert_eq!(verdict(format!("{answer}\r\n\r\n")), good(), "{answer:?}");
    }
}

#[test]
fn a_length_counts_if_it_is_spelled_in_the_one_way() {
    for (lines, declared) in [
        ("Content-Length: 9", Some(9)),
        ("Content-Length:9", Some(9)),
        ("Content-Length: \t 9", Some(9)),
        ("A: b\r\nContent-Length: 9\r\nC: d", Some(9)),
        ("Content-Length: 9\nC: d", Some(9)),
        ("X-Content-Length: 9", Some(9)),
        ("Content-Length: 9\r\nContent-Length: 7", Some(9)),
        ("Content-Length: 18446744073709551615", Some(u64::MAX)),
        ("Content-Length: 18446744073709551616", None),
        ("Content-Length: x\r\nContent-Length: 7", None),
        ("Content-Length: 9 \r\nC: d", None),
        ("Content-Length: 9;", None),
        ("Content-Length: -9", None),
        ("Content-Length: +9", None),
        ("Content-Length: ", None),
        ("Content-Length:", None),
        ("content-length: 9", None),
        ("Content-length: 9", None),
        ("Content-Length : 9", None),
        ("Content-Length: 4", None),
    ] {
        let answer = format!("HTTP/1.0 200 OK\r\n{lines}\r\n\r\nbody");
        let length = declared.and_then(|declared| mismatch(declared, 4));
        assert_eq!(verdict(answer), passed(Proof::Status, length), "{lines:?}");
    }
}

#[test]
fn a_length_in_the_body_is_none() {
    assert_eq!(verdict("HTTP/1.0 200 OK\r\n\r\nContent-Length: 3\r\n\r\n"), good());
}

#[test]
fn the_digest_takes_what_the_length_declares_or_everything() {
    let sent = "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello world!";
    let few = "HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nhello world!";
    let all = "HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello world!";
    let judged = |request: &Request, answer: &str| judged(request, &[answer.as_bytes()]);
    let (short, whole) = (with_digest(b"hello"), with_digest(b"hello world!"));
    assert_eq!(judged(&short, sent), passed(Proof::Digest, mismatch(5, 12)));
    assert_eq!(judged(&whole, few), passed(Proof::Digest, mismatch(100, 12)));
    assert_eq!(judged(&whole, all), passed(Proof::Digest, None));
    let wrong = |length| failed(WebFailure::WrongDigest(length));
    assert_eq!(judged(&whole, sent), wrong(mismatch(5, 12)));
    assert_eq!(judged(&short, few), wrong(mismatch(100, 12)));
    assert_eq!(judged(&short, all), wrong(None));
}

#[test]
fn chunks_are_hashed_as_they_come() {
    let body = "5\r\nhello\r\n0\r\n\r\n";
    let answer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
    let request = with_digest(body.as_bytes());
    assert_eq!(judged(&request, &[answer.as_bytes()]), passed(Proof::Digest, None));
}

#[test]
fn the_status_is_tested_before_the_digest() {
    let answer = b"HTTP/1.0 500 No\r\nContent-Length: 5\r\n\r\nhell";
    let expected = failed(WebFailure::WrongStatus(Some(500), mismatch(5, 4)));
    assert_eq!(judged(&with_digest(b"hello"), &[answer]), expected);
    assert_eq!(judged(&with_digest(b"hell"), &[answer]), expected);
}

#[test]
fn an_empty_body_has_a_digest_too() {
    let answer = b"HTTP/1.0 204 None\r\n\r\n";
    assert_eq!(judged(&with_digest(b""), &[answer]), passed(Proof::Digest, None));
    let wrong = failed(WebFailure::WrongDigest(None));
    assert_eq!(judged(&with_digest(b"x"), &[answer]), wrong);
}

/// Bytes that look like an answer more often than chance would have it.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let words = ["HTTP/1.1 200 OK", "HTTP/1.0 404", "\r\n\r\n", "\r\n", "\r", "\n", " ", "20", "0"];
    let words = select([&words[..], &["Content-Length:", "Content-", ": 7\r\n", "7"]].concat());
    let piece = prop_oneof![
        8 => words.prop_map(|word| word.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..20),
        1 => (4060..4100_usize).prop_map(|size| vec![b'x'; size]),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// The same bytes in pieces, some of them empty.
fn cut<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    ends.extend([0, bytes.len()]);
    ends.sort_unstable();
    ends.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect()
}

/// An answer as a server would give it, and what it is made of.
#[derive(Clone, Debug)]
struct Valid {
    status: u16,
    reason: Option<&'static str>,
    names: Vec<&'static str>,
    declared: Option<u64>,
    body: Vec<u8>,
}

fn valid() -> impl Strategy<Value = Valid> {
    let reason = proptest::option::of(select(vec!["", "OK", "Not Found", "200 404"]));
    let names = vec(select(vec!["Server", "Date", "X", "content-length"]), 0..5);
    let declared = proptest::option::of(0..40_u64);
    (100..600_u16, reason, names, declared, vec(any::<u8>(), 0..40)).prop_map(
        |(status, reason, names, declared, body)| Valid { status, reason, names, declared, body },
    )
}

impl Valid {
    fn bytes(&self) -> Vec<u8> {
        let mut lines = vec![match self.reason {
            Some(reason) => format!("HTTP/1.1 {} {reason}", self.status),
            None => format!("HTTP/1.1 {}", self.status),
        }];
        lines.extend(self.names.iter().map(|name| format!("{name}: 3")));
        lines.extend(self.declared.map(|length| format!("Content-Length: {length}")));
        let mut bytes = (lines.join("\r\n") + "\r\n\r\n").into_bytes();
        bytes.extend(&self.body);
        bytes
    }

    /// What of the body the digest is made of.
    fn hashed(&self) -> &[u8] {
        let declared = self.declared.and_then(|length| usize::try_from(length).ok());
        &self.body[..declared.unwrap_or(usize::MAX).min(self.body.len())]
    }

    fn expected(&self, accepted: &Range<u16>, digest: Option<&[u8]>) -> Outcome {
        let received = self.body.len() as u64;
        let length = self.declared.filter(|declared| *declared != received);
        let length = length.and_then(|declared| mismatch(declared, received));
        if !accepted.contains(&self.status) {
            return failed(WebFailure::WrongStatus(Some(self.status), length));
        }
        match digest {
            None => passed(Proof::Status, length),
            Some(digest) if digest == self.hashed() => passed(Proof::Digest, length),
            Some(_) => failed(WebFailure::WrongDigest(length)),
        }
    }
}

proptest! {
    #[test]
    fn where_an_answer_is_cut_makes_no_difference(
        bytes in bytes(),
        cuts in vec(any::<usize>(), 0..8),
        digest in any::<bool>(),
    ) {
        let request = if digest { with_digest(b"0\r\n") } else { request() };
        prop_assert_eq!(judged(&request, &cut(&bytes, &cuts)), judged(&request, &[&bytes]));
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(judged(&request, &single), judged(&request, &[&bytes]));
    }

    #[test]
    fn little_is_kept_and_an_early_end_is_final(
        bytes in bytes(),
        cuts in vec(any::<usize>(), 0..8),
    ) {
        let request = request();
        let mut judge = Judge::new(&request, None);
        for piece in cut(&bytes, &cuts) {
            let early = judge.feed(piece).is_break();
            if let Seen::Part(part) = &judge.seen {
                prop_assert!(part.capacity() <= 2 * HEADER_MAX);
            }
            if early {
                prop_assert_eq!(judge.finish(), judged(&request, &[&bytes]));
                return Ok(());
            }
        }
    }

    #[test]
    fn a_valid_answer_is_worth_what_it_is_made_of(
        answer in valid(),
        (from, size) in (100..600_u16, 0..300_u16),
        digest in proptest::option::of(any::<bool>()),
        cuts in vec(any::<usize>(), 0..4),
    ) {
        let accepted = from..from + size;
        let content = digest.map(|right| if right { answer.hashed() } else { b"another".as_slice() });
        let request = Request {
            statuses: if size == 0 { Vec::new() } else { vec![(from, from + size - 1)] },
            digest: content.map(|content| Md5::digest(content).into()),
            ..request()
        };
        let bytes = answer.bytes();
        prop_assert_eq!(judged(&request, &cut(&bytes, &cuts)), answer.expected(&accepted, content));
    }
}
