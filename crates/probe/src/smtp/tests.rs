use proptest::prelude::*;
use tokio::io::{DuplexStream, duplex};
use tokio::time::{Instant, sleep};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A talk with what a server does, each wait 5 s; says how many seconds it took.
async fn talk<F, W>(server: F) -> (Result<(), SmtpFailure>, u64)
where
    F: FnOnce(DuplexStream) -> W,
    W: Future,
{
    let (mut ours, theirs) = duplex(1000);
    let began = Instant::now();
    let ours = async {
        let mut waits = patience(5 * SECOND);
        let result = converse(&mut ours, "me.example.com", &mut waits).await;
        drop(ours);
        (result, began.elapsed().as_secs())
    };
    tokio::join!(ours, server(theirs)).0
}

/// A server that says these lines in turn, and hears one after each but the last.
async fn says(lines: &[&str]) -> (Result<(), SmtpFailure>, Vec<u8>) {
    let mut heard = Vec::new();
    let record = &mut heard;
    let (result, _) = talk(|mut theirs| async move {
        for line in lines {
            theirs.write_all(line.as_bytes()).await.unwrap();
            let mut space = [0; 100];
            let length = theirs.read(&mut space).await.unwrap_or(0);
            record.extend_from_slice(&space[..length]);
        }
    })
    .await;
    (result, heard)
}

#[tokio::test(start_paused = true)]
async fn a_server_that_greets_and_knows_itself_works() {
    let (result, heard) = says(&["220 ready\r\n", "250 me\r\n", "221 bye\r\n"]).await;
    assert_eq!(result, Ok(()));
    assert_eq!(heard, b"HELO me.example.com\r\nQUIT\r\n");
    let bare = says(&["220\n", "250\r\n", "whatever\n"]).await.0;
    assert_eq!(bare, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn other_answers_have_names() {
    let bad = |failure| Err(failure);
    for (lines, result) in [
        (&["220-one\r\n220 two\r\n"][..], bad(SmtpFailure::BadGreeting)),
        (&["554 no\r\n"], bad(SmtpFailure::BadGreeting)),
        (&["2200\r\n"], bad(SmtpFailure::BadGreeting)),
        (&["220 ready\r\n", "502 what\r\n"], bad(SmtpFailure::BadHelo)),
        (&["220 ready\r\n", "250-me\r\n"], bad(SmtpFailure::BadHelo)),
        (&["220 ready\r\n", "250 me\r\n"], bad(SmtpFailure::ReadFailed)),
        (&["220 rea"], bad(SmtpFailure::ReadTimeout)),
    ] {
        assert_eq!(says(lines).await.0, result, "{lines:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_line_that_drips_does_not_hold_an_attempt() {
    let drip = |mut theirs: DuplexStream| async move {
        while theirs.write_u8(b'2').await.is_ok() {
            sleep(SECOND).await;
        }
    };
    assert_eq!(talk(drip).await, (Err(SmtpFailure::ReadTimeout), 5));
}

#[tokio::test(start_paused = true)]
async fn each_line_has_its_time() {
    let slow = |mut theirs: DuplexStream| async move {
        for line in ["220 ready\r\n", "250 me\r\n", "221 bye\r\n"] {
            sleep(4 * SECOND).await;
            theirs.write_all(line.as_bytes()).await.expect("somebody hears");
        }
    };
    assert_eq!(talk(slow).await, (Ok(()), 12));
}

#[tokio::test(start_paused = true)]
async fn a_line_without_an_end_is_read_no_further() {
    let flood = |mut theirs: DuplexStream| async move {
        while theirs.write_all(&[b'2'; 100]).await.is_ok() {}
    };
    assert_eq!(talk(flood).await, (Err(SmtpFailure::BadGreeting), 0));
}

proptest! {
    #[test]
    fn only_a_code_and_its_end_are_a_reply(line: Vec<u8>) {
        let good = line.starts_with(b"220")
            && line.get(3).is_none_or(|byte| *byte == b' ' || *byte == b'\r');
        prop_assert_eq!(is_reply(&line, GREETING), good);
    }
}
