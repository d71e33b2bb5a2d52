//! Servers that behave well or badly, as a test wants it from one moment to the next.
//! Decides how connections are taken; what is said on them is the test's business.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use super::Host;

/// How long a server that hangs holds a connection.
const HANG: Duration = Duration::from_secs(60);
const MOMENT: Duration = Duration::from_millis(200);
/// Between two bytes of a server that drips.
const DRIP: Duration = Duration::from_millis(400);
/// A client that says nothing for so long is not listened to any more.
const CLIENT_LIMIT: Duration = Duration::from_secs(10);

/// What a server does with a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It takes it, and says nothing.
    Silent,
    /// It hears something and resets the connection.
    Reset,
    /// It closes it after a moment, in which the client sees that it was made.
    Close,
    /// It waits for a first line, says this, and closes.
    Answer(Vec<u8>),
    /// It says this a byte at a time, for ever, whatever it is told.
    Drip(Vec<u8>),
    /// It says these lines in turn, hears a line after each but the last, and closes.
    Talk(Vec<&'static str>),
}

impl Manner {
    /// It answers with this text.
    pub fn answer(text: impl Into<String>) -> Self {
        Self::Answer(text.into().into_bytes())
    }
}

/// What a server makes of a datagram: an answer, or nothing.
pub type Answer = fn(&[u8]) -> Option<Vec<u8>>;

/// A server of TCP or UDP on one port of a host, for as long as the test runs.
#[derive(Clone, Debug)]
pub struct Mannered<M>(Arc<Mutex<M>>);

impl<M: Clone> Mannered<M> {
    fn new(manner: M) -> Self {
        Self(Arc::new(Mutex::new(manner)))
    }

    fn lock(&self) -> MutexGuard<'_, M> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Behaves like this from the next connection or datagram on.
    pub fn behave(&self, manner: M) {
        *self.lock() = manner;
    }
}

impl Host {
    /// A server that takes connections on this port of every address.
    ///
    /// # Panics
    /// When the port is taken.
    pub fn mannered(&self, port: u16, manner: Manner) -> Mannered<Manner> {
        let listener = self.inside_thread(|| TcpListener::bind(("::", port)));
        let listener = listener.unwrap_or_else(|error| panic!("lab: port {port}: {error}"));
        let server = Mannered::new(manner);
        let current = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let manner = current.lock().clone();
                thread::spawn(move || serve(stream, &manner));
            }
        });
        server
    }

    /// A server of datagrams: answers each with what this makes of it, if anything.
    ///
    /// # Panics
    /// When the port is taken.
    pub fn mannered_udp(&self, port: u16, answer: Answer) -> Mannered<Answer> {
        let socket = self.inside_thread(|| UdpSocket::bind(("::", port)));
        let socket = socket.unwrap_or_else(|error| panic!("lab: port {port}: {error}"));
        let server = Mannered::new(answer);
        let current = server.clone();
        thread::spawn(move || {
            let mut space = [0; 2048];
            while let Ok((length, peer)) = socket.recv_from(&mut space) {
                let answer = *current.lock();
                if let Some(answer) = answer(&space[..length]) {
                    // The client may be gone.
                    let _ = socket.send_to(&answer, peer);
                }
            }
        });
        server
    }
}

/// Clients that are gone are no concern of a server that behaves as it is told.
fn serve(mut stream: TcpStream, manner: &Manner) {
    let _ = stream.set_read_timeout(Some(CLIENT_LIMIT));
    match manner {
        Manner::Silent => thread::sleep(HANG),
        Manner::Reset => {
            hear(&mut stream);
            let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
        Manner::Close => thread::sleep(MOMENT),
        Manner::Answer(text) => {
            hear(&mut stream);
            let _ = stream.write_all(text);
            let _ = stream.shutdown(Shutdown::Write);
            // What the client still says must not turn the end into a reset.
            while stream.read(&mut [0; 1024]).is_ok_and(|length| length > 0) {}
        }
        Manner::Drip(text) => {
            for byte in text.iter().cycle() {
                if stream.write_all(&[*byte]).is_err() {
                    return;
                }
                thread::sleep(DRIP);
            }
        }
        Manner::Talk(lines) => {
            for line in lines {
                if stream.write_all(line.as_bytes()).is_err() {
                    return;
                }
                hear(&mut stream);
            }
        }
    }
}

fn hear(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0; 4096]);
}
