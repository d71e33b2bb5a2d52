use std::time::Duration;

use lvs::{Connect, HttpVersion, Passed, Proof};
use tokio::io::{AsyncReadExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep};

use super::*;

/// `GET / HTTP/1.0`, any status of 200 to 299.
pub(super) fn request() -> Request {
    Request {
        connect: Connect {
            to: ([127, 0, 0, 1], 80).into(),
            from: None,
            link: None,
            mark: 0,
            timeout: Duration::from_secs(5),
        },
        patience: Duration::from_secs(30),
        path: "/".to_owned(),
        host: "localhost".to_owned(),
        virtual_host: None,
        version: HttpVersion::V1_0,
        statuses: vec![(200, 299)],
        digest: None,
        pattern: None,
        tls: None,
    }
}

const SECOND: Duration = Duration::from_secs(1);
const GOOD: Outcome = Outcome::Passed(Passed::Answered { by: Proof::Status, length: None });

/// Waits of 5 s, 30 s in all.
fn impatient() -> Request {
    let request = request();
    assert_eq!((request.connect.timeout, request.patience), (5 * SECOND, 30 * SECOND));
    request
}

/// Has a conversation with what a server does, and says how many seconds it took.
async fn conversation<F, W>(room: usize, server: F) -> (Outcome, u64)
where
    F: FnOnce(DuplexStream) -> W,
    W: Future,
{
    conversation_over(Patience::plain(&impatient()), room, server).await
}

async fn conversation_over<F, W>(patience: Patience, room: usize, server: F) -> (Outcome, u64)
where
    F: FnOnce(DuplexStream) -> W,
    W: Future,
{
    let (mut ours, theirs) = duplex(room);
    let began = Instant::now();
    let request = impatient();
    let ours = async {
        let judge = Judge::new(&request, None);
        let outcome = converse(&mut ours, &request, judge, patience, |_| false).await;
        drop(ours);
        (outcome, began.elapsed().as_secs())
    };
    tokio::join!(ours, server(theirs)).0
}

async fn hear(theirs: &mut DuplexStream) {
    let mut heard = Vec::new();
    while !heard.ends_with(b"\r\n\r\n") {
        heard.push(theirs.read_u8().await.unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_ends_with_the_connection() {
    let server = |mut theirs: DuplexStream| async move {
        hear(&mut theirs).await;
        theirs.write_all(b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n").await.unwrap();
        sleep(4 * SECOND).await;
        theirs.write_all(b"x").await.unwrap();
        sleep(4 * SECOND).await;
    };
    assert_eq!(conversation(1000, server).await, (GOOD, 8));
}

#[tokio::test(start_paused = true)]
async fn each_wait_for_more_is_bounded() {
    let server = |mut theirs: DuplexStream| async move {
        hear(&mut theirs).await;
        sleep(3 * SECOND).await;
        theirs.write_all(b"HTTP/1.0 200 OK\r\n\r\n").await.unwrap();
        theirs.read_u8().await
    };
    let failure = Outcome::Failed(Failure::Web(WebFailure::ReadTimeout { tls: false }));
    assert_eq!(conversation(1000, server).await, (failure, 8));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_drips_does_not_hold_an_attempt() {
    let server = |mut theirs: DuplexStream| async move {
        hear(&mut theirs).await;
        theirs.write_all(b"HTTP/1.0 200 OK\r\n\r\n").await.unwrap();
        while theirs.write_u8(b'x').await.is_ok() {
            sleep(SECOND).await;
        }
    };
    let plain = Patience::plain(&impatient());
    let secure = Patience::secure(&impatient());
    for (patience, seconds) in [(plain, 30), (secure, 5)] {
        let failure = WebFailure::ReadTimeout { tls: patience.tls };
        let failure = Outcome::Failed(Failure::Web(failure));
        assert_eq!(conversation_over(patience, 1000, server).await, (failure, seconds));
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_nobody_takes_is_not_sent() {
    let server = |mut theirs: DuplexStream| async move {
        theirs.read_u8().await.unwrap();
        sleep(60 * SECOND).await;
    };
    assert_eq!(
        conversation(10, server).await,
        (Outcome::Failed(Failure::Web(WebFailure::NotSent)), 5)
    );
    let server = |theirs: DuplexStream| async move { drop(theirs) };
    assert_eq!(
        conversation(10, server).await,
        (Outcome::Failed(Failure::Web(WebFailure::NotSent)), 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_may_be_taken_bit_by_bit() {
    let server = |mut theirs: DuplexStream| async move {
        for _ in 0..4 {
            sleep(4 * SECOND).await;
            theirs.read_exact(&mut [0; 10]).await.unwrap();
        }
        hear(&mut theirs).await;
        theirs.write_all(b"HTTP/1.0 200 OK\r\n\r\n").await.unwrap();
    };
    assert_eq!(conversation(10, server).await, (GOOD, 16));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_header_that_is_too_long_is_not_waited_for() {
    let server = |mut theirs: DuplexStream| async move {
        hear(&mut theirs).await;
        theirs.write_all(&[b'x'; 4095]).await.unwrap();
        theirs.read_u8().await
    };
    assert_eq!(
        conversation(5000, server).await,
        (Outcome::Failed(Failure::Web(WebFailure::NoData)), 0)
    );
}
