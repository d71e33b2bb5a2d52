//! How connections over TLS end.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};

use lvs::{Failure, Outcome, Probe, Request, Tls, WebFailure};
use openssl::ssl::{NameType, ShutdownState, SslStream};
use probe::Equipment;

use crate::acceptor::acceptor;
use crate::server::{request, serve};

/// What comes of a server that hears a request and then does this.
async fn after(end: impl FnOnce(&mut SslStream<TcpStream>) + Send + 'static) -> Outcome {
    between(Tls::default(), end).await.0
}

/// The same, and what the server has found out, for a client that speaks TLS like this.
async fn between<T: Send + 'static>(
    tls: Tls,
    end: impl FnOnce(&mut SslStream<TcpStream>) -> T + Send + 'static,
) -> (Outcome, T) {
    let (address, server) = serve(move |stream, _| {
        let mut stream =
            acceptor("localhost").expect("a server").0.accept(stream).expect("a client");
        let _ = stream.ssl_read(&mut [0; 1000]);
        end(&mut stream)
    });
    let request = Request { tls: Some(tls.into()), ..request(address) };
    let equipment = Equipment::for_one(&request).expect("equipment");
    let outcome = probe::attempt(&Probe::Http(request.into()), &equipment).await;
    (outcome, server.join().expect("a server that ends"))
}

const fn failed(failure: WebFailure) -> Outcome {
    Outcome::Failed(Failure::Web(failure))
}

#[tokio::test]
async fn an_end_in_good_order_without_an_answer_is_an_error() {
    let outcome = after(|stream| drop(stream.shutdown())).await;
    assert_eq!(outcome, failed(WebFailure::ReadFailed { tls: true }));
}

#[tokio::test]
async fn an_end_of_the_connection_alone_is_no_answer() {
    let outcome = after(|stream| drop(stream.get_ref().shutdown(Shutdown::Both))).await;
    assert_eq!(outcome, failed(WebFailure::NoData));
}

/// Noise below TLS, after this answer.
async fn noise_after(answer: &'static [u8]) -> Outcome {
    after(|stream| {
        let _ = stream.ssl_write(answer);
        let _ = stream.get_ref().write_all(&[0xff; 64]);
        let _ = stream.get_ref().shutdown(Shutdown::Write);
    })
    .await
}

#[tokio::test]
async fn what_the_library_says_of_a_broken_read_is_told_unless_there_is_an_answer() {
    for answer in [&b""[..], b"HTTP/1.0 200 OK\r\n"] {
        let outcome = noise_after(answer).await;
        let Outcome::Failed(Failure::Web(WebFailure::BrokenOff(Some(flaw)))) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(!flaw.0.is_empty());
    }
    let outcome = noise_after(b"HTTP/1.0 200 OK\r\n\r\n").await;
    assert!(matches!(outcome, Outcome::Passed(_)), "{outcome:?}");
}

#[tokio::test]
async fn a_header_that_is_too_long_is_no_answer() {
    let outcome = after(|stream| {
        let _ = stream.ssl_write(&[b'x'; 5000]);
        let _ = stream.shutdown();
    })
    .await;
    assert_eq!(outcome, failed(WebFailure::NoData));
}

#[tokio::test]
async fn a_farewell_is_said_if_that_is_wanted() {
    for compliant in [false, true] {
        let (outcome, heard) = between(Tls { compliant, ..Tls::default() }, |stream| {
            let _ = stream.ssl_write(b"HTTP/1.0 200 OK\r\n\r\n");
            let _ = stream.shutdown();
            let _ = stream.ssl_read(&mut [0; 1]);
            stream.get_shutdown().contains(ShutdownState::RECEIVED)
        })
        .await;
        assert!(matches!(outcome, Outcome::Passed(_)), "{outcome:?}");
        assert_eq!(heard, compliant);
    }
}

#[tokio::test]
async fn the_name_is_told_in_the_handshake_if_there_is_one() {
    for name in [None, Some("www.example.com".to_owned())] {
        let (_, told) = between(Tls { name: name.clone(), ..Tls::default() }, |stream| {
            stream.ssl().servername(NameType::HOST_NAME).map(str::to_owned)
        })
        .await;
        assert_eq!(told, name);
    }
}
