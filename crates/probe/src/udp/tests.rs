use std::time::Duration;

use lvs::Connect;
use lvs::config::ReplyByte;
use proptest::prelude::*;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;

use super::*;

fn check(to: std::net::SocketAddr, reply: Reply) -> UdpCheck {
    let timeout = Duration::from_secs(1);
    let connect = Connect { to, from: None, link: None, mark: 0, timeout };
    UdpCheck { connect, payload: None, reply, min_length: 0, max_length: 255 }
}

fn like(bytes: &[u8]) -> Reply {
    Reply::Like(bytes.iter().map(|byte| ReplyByte { value: *byte, mask: 0xff }).collect())
}

/// What comes of a check of a server that answers like this, or not at all.
async fn asked(reply: Reply, answer: Option<&[u8]>) -> (Outcome, Vec<u8>) {
    asked_with(|to| check(to, reply), answer).await
}

async fn asked_with(
    check: impl FnOnce(std::net::SocketAddr) -> UdpCheck,
    answer: Option<&[u8]>,
) -> (Outcome, Vec<u8>) {
    let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let check = check(server.local_addr().unwrap());
    let mut heard = Vec::new();
    let serve = async {
        let mut space = [0; 512];
        let (length, peer) = server.recv_from(&mut space).await.unwrap();
        heard.extend_from_slice(&space[..length]);
        if let Some(answer) = answer {
            server.send_to(answer, peer).await.unwrap();
        }
        std::future::pending::<()>().await;
    };
    let outcome = tokio::select! {
        outcome = attempt(&check) => outcome,
        () = serve => unreachable!(),
    };
    (outcome, heard)
}

const GOOD: Outcome = Outcome::Passed(Passed::Worked);
const FAILED: Outcome = Outcome::Failed(Failure::Udp(UdpFailure::Failed));
const MISMATCH: Outcome = Outcome::Failed(Failure::Udp(UdpFailure::Mismatch));

#[tokio::test]
async fn silence_is_good_unless_an_answer_is_needed() {
    let (outcome, heard) = asked(Reply::Optional, None).await;
    assert_eq!((outcome, &heard[..]), (GOOD, &TEXT[..]));
    assert_eq!(asked(Reply::Any, None).await.0, FAILED);
    assert_eq!(asked(Reply::Any, Some(b"")).await.0, GOOD);
    assert_eq!(asked(like(b"yes"), Some(b"yes, really")).await.0, GOOD);
    assert_eq!(asked(like(b"yes"), Some(b"no")).await.0, MISMATCH);
    assert_eq!(asked(Reply::Optional, Some(b"no")).await.0, GOOD);
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_seen_to_be() {
    for (max_length, outcome) in [(3, MISMATCH), (4, GOOD)] {
        let short = |to| UdpCheck { max_length, ..check(to, like(b"yes")) };
        assert_eq!(asked_with(short, Some(b"yes!")).await.0, outcome);
    }
}

#[tokio::test]
async fn the_payload_is_what_is_configured() {
    let own = |to| UdpCheck { payload: Some(vec![0, 7]), ..check(to, Reply::Any) };
    assert_eq!(asked_with(own, Some(b"yes")).await, (GOOD, vec![0, 7]));
}

/// Has the network complain of the first datagram that comes: an ICMP message with the headers of
/// that datagram in it (RFC 792).
async fn complained_of(kind: u8, code: u8) -> Outcome {
    let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let here = server.local_addr().unwrap();
    let complain = async {
        let mut space = [0; 512];
        let (length, peer) = server.recv_from(&mut space).await.unwrap();
        let mut message = vec![kind, code, 0, 0, 0, 0, 0, 0, 0x45, 0];
        message.extend(u16::try_from(28 + length).unwrap().to_be_bytes());
        message.extend([0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
        message.extend([peer.port(), here.port(), 8, 0].into_iter().flat_map(u16::to_be_bytes));
        let sum = crate::ping::checksum(&message);
        message[2..4].copy_from_slice(&sum.to_be_bytes());
        let raw = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4)).unwrap();
        raw.send_to(&message, &peer.into()).unwrap();
        std::future::pending::<()>().await;
    };
    let check = check(here, Reply::Optional);
    tokio::select! {
        outcome = attempt(&check) => outcome,
        () = complain => unreachable!(),
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_has_failed_and_other_complaints_do_not_count() {
    const UNREACHABLE: u8 = 3;
    const TIME_EXCEEDED: u8 = 11;
    assert_eq!(complained_of(UNREACHABLE, 1).await, FAILED, "host unreachable");
    assert_eq!(complained_of(UNREACHABLE, 0).await, FAILED, "network unreachable");
    assert_eq!(complained_of(TIME_EXCEEDED, 0).await, GOOD);
}

#[tokio::test]
async fn a_closed_port_refuses_at_once() {
    let closed = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut check = check(closed, Reply::Optional);
    check.connect.timeout = Duration::from_secs(600);
    assert_eq!(attempt(&check).await, FAILED);
}

#[test]
fn lengths_count_only_with_an_answer_to_compare() {
    let with = |reply, min_length, max_length| UdpCheck {
        min_length,
        max_length,
        ..check(([127, 0, 0, 1], 1).into(), reply)
    };
    assert_eq!(judge(&with(Reply::Any, 5, 6), b"abc"), Ok(()));
    assert_eq!(judge(&with(like(b"abc"), 5, 6), b"abc"), Err(UdpFailure::Mismatch));
    assert_eq!(judge(&with(like(b"abc"), 0, 3), b"abcd"), Err(UdpFailure::Mismatch));
    assert_eq!(judge(&with(like(b"abcdef"), 0, 9), b"ab"), Ok(()), "as far as it goes");
    let half = Reply::Like(vec![ReplyByte { value: 0x60, mask: 0xf0 }]);
    assert_eq!(judge(&with(half.clone(), 0, 9), b"abc"), Ok(()));
    assert_eq!(judge(&with(half, 0, 9), b"pbc"), Err(UdpFailure::Mismatch));
}

proptest! {
    #[test]
    fn an_answer_is_good_for_the_pattern_made_of_it(bytes in prop::collection::vec(any::<u8>(), 1..80)) {
        let check = check(([127, 0, 0, 1], 1).into(), like(&bytes));
        prop_assert_eq!(judge(&check, &bytes), Ok(()));
        let mut other = bytes;
        other[0] ^= 1;
        prop_assert_eq!(judge(&check, &other), Err(UdpFailure::Mismatch));
    }
}
