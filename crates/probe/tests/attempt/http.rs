//! Answers and what comes instead of them.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::channel;

use lvs::{Failure, LengthMismatch, Outcome, Passed, Probe, Proof, Request, WebFailure};
use md5::{Digest, Md5};
use probe::Equipment;
use tokio::time::Instant;

use crate::server::{LONG, SHORT, answering, ends_well, hear, http, request, reset, serve};

fn passed(by: Proof, length: Option<LengthMismatch>) -> Outcome {
    Outcome::Passed(Passed::Answered { by, length })
}

fn failed(failure: WebFailure) -> Outcome {
    Outcome::Failed(Failure::Web(failure))
}

async fn answered(answer: impl Into<Vec<u8>>) -> Outcome {
    let (address, server) = answering(answer);
    let outcome = http(request(address)).await;
    server.join().expect("a server that ends");
    outcome
}

#[tokio::test]
async fn a_page_is_asked_for_and_the_answer_is_good() {
    let (address, server) = answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    assert_eq!(http(request(address)).await, passed(Proof::Status, None));
    let heard = String::from_utf8(server.join().unwrap()).unwrap();
    let expected = format!(
        "GET /health HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\n\
         Host: {address}\r\n\r\n"
    );
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn a_long_request_arrives_whole() {
    let (address, server) = answering("HTTP/1.1 200 OK\r\n\r\n");
    let path = format!("/{}", "x".repeat(100_000));
    let request = Request { path: path.clone(), ..request(address) };
    assert_eq!(http(request).await, passed(Proof::Status, None));
    let heard = String::from_utf8(server.join().unwrap()).unwrap();
    assert!(heard.starts_with(&format!("GET {path} HTTP/1.1\r\n")));
}

#[tokio::test]
async fn our_side_stays_open_until_the_answer_is_there() {
    let (address, server) = serve(|mut stream, _| {
        hear(&mut stream);
        stream.set_read_timeout(Some(SHORT)).unwrap();
        let kind = stream.read(&mut [0]).map_err(|error| error.kind());
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        kind
    });
    assert_eq!(http(request(address)).await, passed(Proof::Status, None));
    assert_eq!(server.join().unwrap(), Err(ErrorKind::WouldBlock));
}

#[tokio::test]
async fn there_is_no_answer() {
    assert_eq!(answered("").await, failed(WebFailure::NoData));
    assert_eq!(answered("HTTP/1.1 200 OK\n\n<html>").await, failed(WebFailure::NoData));
    let huge = format!("HTTP/1.1 200 OK\r\nA: {}\r\n\r\n", "x".repeat(100_000));
    assert_eq!(answered(huge).await, failed(WebFailure::NoData));
}

#[tokio::test]
async fn the_status_is_wrong() {
    let wrong = |status| failed(WebFailure::WrongStatus(status, None));
    assert_eq!(answered("HTTP/1.1 503 Busy\r\n\r\n").await, wrong(Some(503)));
    assert_eq!(answered("HTTP/1.1 OK\r\n\r\n").await, wrong(None));
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    assert_eq!(answered(interim).await, wrong(Some(100)));
}

#[tokio::test]
async fn a_body_is_shorter_or_longer_than_declared() {
    let answer = |declared| format!("HTTP/1.1 200 OK\r\nContent-Length: {declared}\r\n\r\nbody");
    for declared in [3, 5] {
        let length = Some(LengthMismatch { declared, received: 4 });
        assert_eq!(answered(answer(declared)).await, passed(Proof::Status, length));
    }
}

#[tokio::test]
async fn a_long_body_has_its_digest() {
    let body: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_be_bytes).collect();
    let right: [u8; 16] = Md5::digest(&body).into();
    for (digest, expected) in
        [(right, passed(Proof::Digest, None)), ([0; 16], failed(WebFailure::WrongDigest(None)))]
    {
        let (address, server) = answering([b"HTTP/1.1 200 OK\r\n\r\n", &body[..]].concat());
        let request = Request { digest: Some(digest), ..request(address) };
        assert_eq!(http(request).await, expected);
        server.join().unwrap();
    }
}

#[tokio::test]
async fn the_connection_is_reset_instead_of_an_answer() {
    let (address, server) = serve(|mut stream, _| {
        hear(&mut stream);
        reset(stream);
    });
    assert_eq!(http(request(address)).await, failed(WebFailure::ReadFailed { tls: false }));
    server.join().unwrap();
}

#[tokio::test]
async fn the_connection_is_reset_within_a_body() {
    let (address, server) = serve(|mut stream, _| {
        hear(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody").unwrap();
        reset(stream);
    });
    assert_eq!(http(request(address)).await, failed(WebFailure::ReadFailed { tls: false }));
    server.join().unwrap();
}

#[tokio::test]
async fn a_server_that_closes_at_once_fails_in_one_way_or_another() {
    let (address, server) = serve(|stream, _| drop(stream));
    let outcome = http(request(address)).await;
    let possible = [WebFailure::NoData, WebFailure::ReadFailed { tls: false }, WebFailure::NotSent]
        .map(failed);
    assert!(possible.contains(&outcome), "{outcome:?}");
    server.join().unwrap();
}

#[tokio::test]
async fn a_server_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let request = Request { patience: SHORT, ..request(listener.local_addr().unwrap()) };
    assert_eq!(http(request).await, failed(WebFailure::NoAnswer));
}

#[tokio::test]
async fn a_connection_that_is_kept_open_is_no_answer() {
    let (address, server) = serve(|mut stream, _| {
        hear(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody").unwrap();
        ends_well(&mut stream)
    });
    let request = Request { patience: SHORT, ..request(address) };
    assert_eq!(http(request).await, failed(WebFailure::ReadTimeout { tls: false }));
    assert!(server.join().unwrap());
}

#[tokio::test]
async fn a_server_that_never_stops_does_not_hold_an_attempt() {
    let (address, server) = serve(|mut stream, _| {
        hear(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        while stream.write_all(&[b'x'; 100_000]).is_ok() {}
    });
    let request = Request { patience: SHORT, digest: Some([0; 16]), ..request(address) };
    let began = Instant::now();
    assert_eq!(http(request).await, failed(WebFailure::ReadTimeout { tls: false }));
    assert!(began.elapsed() < LONG);
    server.join().unwrap();
}

#[tokio::test]
async fn an_attempt_that_is_given_up_closes_its_connection() {
    let (heard, mut hears) = tokio::sync::oneshot::channel();
    let (ended, ends) = channel();
    let (address, server) = serve(move |mut stream, _| {
        heard.send(hear(&mut stream)).unwrap();
        ended.send(ends_well(&mut stream)).unwrap();
    });
    let probe = Probe::Http(request(address).into());
    let equipment = Equipment::default();
    tokio::select! {
        outcome = probe::attempt(&probe, &equipment) => panic!("{outcome:?}"),
        request = &mut hears => assert!(request.is_ok()),
    }
    assert_eq!(ends.recv(), Ok(true));
    server.join().unwrap();
}
