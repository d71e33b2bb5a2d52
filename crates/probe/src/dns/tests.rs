use std::time::Duration;

use lvs::Connect;
use proptest::prelude::*;
use tokio::net::UdpSocket;

use super::*;

#[test]
fn a_query_is_that_of_the_standard() {
    let name = DnsName::new("www.example.com.").unwrap();
    let expected = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\
                     \x03www\x07example\x03com\x00\x00\x1c\x00\x01";
    assert_eq!(query(0x1234, QueryType::Aaaa, &name), expected);
    let root = query(0, QueryType::Soa, &DnsName::default());
    assert_eq!(root[HEADER..], [0, 0, 6, 0, 1]);
}

#[test]
fn only_an_answer_to_the_query_counts() {
    let header = |bytes: [u8; 4]| [&bytes[..], &[0; 8]].concat();
    assert_eq!(answer(0x0102, &header([1, 2, 0x81, 0x80])), Some(0));
    assert_eq!(answer(0x0102, &header([1, 2, 0x80, 0x05])), Some(5));
    assert_eq!(answer(0x0102, &header([1, 3, 0x80, 0x00])), None, "another query's");
    assert_eq!(answer(0x0102, &header([1, 2, 0x01, 0x00])), None, "a query");
    assert_eq!(answer(0x0102, &[1, 2, 0x80, 0, 0, 0, 0, 0, 0, 0, 0]), None, "too short");
}

/// A server on this machine that answers each query with these, and ends after the first.
async fn asked(answers: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> Outcome {
    let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let connect = Connect {
        to: server.local_addr().unwrap(),
        from: None,
        link: None,
        mark: 0,
        timeout: Duration::from_secs(2),
    };
    let check = DnsCheck { connect, query: QueryType::Soa, name: DnsName::default() };
    let serve = async {
        let mut space = [0; 512];
        let (length, peer) = server.recv_from(&mut space).await.unwrap();
        for answer in answers(&space[..length]) {
            server.send_to(&answer, peer).await.unwrap();
        }
        // Stay, so that nothing is refused.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        outcome = attempt(&check) => outcome,
        () = serve => unreachable!(),
    }
}

/// The query turned into an answer with this code.
fn reply(query: &[u8], code: u8) -> Vec<u8> {
    let mut reply = query.to_vec();
    reply[2] |= 0x80;
    reply[3] = code;
    reply
}

#[tokio::test]
async fn what_is_no_answer_is_waited_past() {
    let outcome = asked(|query| vec![query.to_vec(), vec![1, 2], reply(query, 0)]).await;
    assert_eq!(outcome, Outcome::Passed(Passed::Worked));
    let outcome = asked(|query| vec![reply(query, 3)]).await;
    assert_eq!(outcome, Outcome::Failed(Failure::Dns(DnsFailure::Code(3))));
    let outcome = asked(|query| vec![query.to_vec()]).await;
    assert_eq!(outcome, Outcome::Failed(Failure::Dns(DnsFailure::Timeout)));
}

#[tokio::test]
async fn a_closed_port_refuses_at_once() {
    let closed = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let timeout = Duration::from_secs(600);
    let connect = Connect { to: closed, from: None, link: None, mark: 0, timeout };
    let check = DnsCheck { connect, query: QueryType::Soa, name: DnsName::default() };
    let refused = DnsFailure::ReadFailed(libc::ECONNREFUSED);
    assert_eq!(attempt(&check).await, Outcome::Failed(Failure::Dns(refused)));
}

proptest! {
    #[test]
    fn any_datagram_is_judged(id: u16, bytes: Vec<u8>) {
        let code = answer(id, &bytes);
        prop_assert!(code.is_none_or(|code| code < 16 && bytes.len() >= HEADER));
    }

    #[test]
    fn every_name_makes_a_query_of_its_labels(labels in prop::collection::vec("[a-z]{1,63}", 0..4)) {
        let name = DnsName::new(&labels.join(".")).unwrap();
        let query = query(7, QueryType::A, &name);
        let mut rest = &query[HEADER..];
        for label in &labels {
            let (length, tail) = rest.split_first().unwrap();
            let (bytes, tail) = tail.split_at(usize::from(*length));
            prop_assert_eq!(bytes, label.as_bytes());
            rest = tail;
        }
        prop_assert_eq!(rest, [0, 0, 1, 0, 1]);
    }
}
