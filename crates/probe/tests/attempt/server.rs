//! Servers with all kinds of manners.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use lvs::{Connect, HttpVersion, Probe, Request};
use probe::Equipment;
use socket2::SockRef;

/// Long enough to be never reached.
pub(crate) const LONG: Duration = Duration::from_secs(60);
/// For what is to run out.
pub(crate) const SHORT: Duration = Duration::from_millis(200);

pub(crate) fn connect(to: SocketAddr) -> Connect {
    Connect { to, from: None, link: None, mark: 0, timeout: LONG }
}

pub(crate) fn request(to: SocketAddr) -> Request {
    Request {
        connect: connect(to),
        patience: LONG,
        path: "/health".to_owned(),
        host: to.to_string(),
        virtual_host: None,
        version: HttpVersion::V1_1,
        statuses: vec![(200, 200)],
        digest: None,
        pattern: None,
        tls: None,
    }
}

/// An attempt inside the test's runtime.
pub(crate) async fn http(request: Request) -> lvs::Outcome {
    probe::attempt(&Probe::Http(request.into()), &Equipment::default()).await
}

pub(crate) async fn tcp(connect: Connect) -> lvs::Outcome {
    probe::attempt(&Probe::Tcp(connect.into()), &Equipment::default()).await
}

/// Takes one connection and does this with it.
pub(crate) fn serve<T: Send + 'static>(
    with: impl FnOnce(TcpStream, SocketAddr) -> T + Send + 'static,
) -> (SocketAddr, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let server = spawn(move || {
        let (stream, client) = listener.accept().expect("a client");
        with(stream, client)
    });
    (address, server)
}

/// Hears a request, says this and closes; gives back what it heard.
pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> (SocketAddr, JoinHandle<Vec<u8>>) {
    let answer = answer.into();
    serve(move |mut stream, _| {
        let heard = hear(&mut stream);
        // A client that has heard enough may be gone.
        let _ = stream.write_all(&answer);
        heard
    })
}

/// The header of a request.
pub(crate) fn hear(stream: &mut TcpStream) -> Vec<u8> {
    let mut heard = Vec::new();
    let mut byte = [0];
    while !heard.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        heard.extend(byte);
    }
    heard
}

/// Closes with a reset.
pub(crate) fn reset(stream: TcpStream) {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).expect("an option");
    drop(stream);
}

/// Waits for the client's end of the connection: whether it was an ordinary one.
pub(crate) fn ends_well(stream: &mut TcpStream) -> bool {
    loop {
        match stream.read(&mut [0; 1000]) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}
