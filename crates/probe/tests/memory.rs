//! Servers that say much more than they are asked cost an attempt little memory, whatever is
//! checked. In a process of its own, whose greatest size is looked at.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::thread;
use std::time::Duration;

use lvs::config::{DnsCheck, DnsName, QueryType, Reply, ReplyByte, SmtpCheck, UdpCheck};
use lvs::{
    Connect, DnsFailure, Failure, HttpVersion, Outcome, Pattern, PatternOptions, Probe, Request,
    SmtpFailure, Tls, UdpFailure, WebFailure,
};
use probe::Equipment;

#[path = "attempt/acceptor.rs"]
mod acceptor;

use acceptor::acceptor;

/// What a server says in all, in bytes. Whoever kept it would be seen.
const MUCH: usize = 128 << 20;
/// What attempts may cost, in KiB: a sixteenth of that.
const LITTLE: usize = 8 << 10;
const PIECE: usize = 64 << 10;

/// The process's size in KiB, as the kernel calls it.
fn size(of: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix(of)).expect("a size");
    let number = line.trim_start_matches(':').trim().trim_end_matches(" kB");
    number.parse().expect("a number")
}

/// By how much the process grew at most while this was tried.
fn growth(probe: &Probe) -> (Outcome, usize) {
    let equipment = match probe {
        Probe::Http(request) => Equipment::for_one(request).expect("equipment"),
        Probe::Tcp(_) | Probe::Smtp(_) | Probe::Dns(_) | Probe::Udp(_) | Probe::Ping(_) => {
            Equipment::default()
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    // The greatest size begins anew (proc(5), clear_refs).
    fs::write("/proc/self/clear_refs", "5").expect("a size that begins anew");
    let before = size("VmRSS");
    let outcome = runtime.block_on(probe::attempt(probe, &equipment));
    (outcome, size("VmHWM").saturating_sub(before))
}

/// Takes connections; says this to each, and then that over and over.
fn flood(first: &'static [u8], piece: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            pour(stream, first, &piece);
        }
    });
    address
}

/// Until everything is said, or nobody wants to hear more.
fn pour(mut stream: impl Write, first: &[u8], piece: &[u8]) {
    let mut left = MUCH;
    let mut sent = stream.write_all(first);
    while sent.is_ok() && left > 0 {
        sent = stream.write_all(piece);
        left = left.saturating_sub(piece.len());
    }
}

/// The same over TLS.
fn secret_flood(first: &'static [u8], piece: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (acceptor, _) = acceptor("localhost").expect("a server of TLS");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if let Ok(stream) = acceptor.accept(stream) {
                pour(stream, first, &piece);
            }
        }
    });
    address
}

/// Answers whatever comes with the longest datagrams there are, for as long as it is asked.
fn datagrams() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("an address");
    let piece = vec![b'x'; 65_507];
    thread::spawn(move || {
        let mut space = [0; 2048];
        while let Ok((_, peer)) = socket.recv_from(&mut space) {
            // The client may be gone before the end.
            for _ in 0..MUCH / piece.len() {
                if socket.send_to(&piece, peer).is_err() {
                    break;
                }
            }
        }
    });
    address
}

fn connect(to: SocketAddr) -> Connect {
    Connect { to, from: None, link: None, mark: 0, timeout: Duration::from_secs(2) }
}

/// Wants a digest and a pattern, so that everything that can be kept of an answer is kept.
fn request(to: SocketAddr, tls: Option<Box<Tls>>) -> Probe {
    let pattern = Pattern {
        text: "h[^z]*z".to_owned(),
        options: PatternOptions::default(),
        unwanted: false,
        min_offset: 0,
        max_offset: None,
        stack: None,
    };
    Probe::Http(
        Request {
            connect: connect(to),
            patience: Duration::from_secs(2),
            path: "/".to_owned(),
            host: to.to_string(),
            virtual_host: None,
            version: HttpVersion::V1_1,
            statuses: vec![(200, 200)],
            digest: Some([0; 16]),
            pattern: Some(Box::new(pattern)),
            tls,
        }
        .into(),
    )
}

const fn web(failure: WebFailure) -> Outcome {
    Outcome::Failed(Failure::Web(failure))
}

/// An attempt may cost this little, and has one of these outcomes.
fn expect(what: &str, probe: &Probe, outcomes: &[Outcome]) {
    let (outcome, grown) = growth(probe);
    assert!(outcomes.contains(&outcome), "{what}: {outcome:?}");
    assert!(grown < LITTLE, "{what}: {grown} KiB more");
}

/// One after the other: they share the memory that is looked at.
#[test]
fn whatever_a_server_says_costs_little() {
    let header = || vec![b'h'; PIECE];
    let lines = || b"X-Header: value\r\n".repeat(PIECE / 16);
    const OK: &[u8] = b"HTTP/1.1 200 OK\r\n";
    const BODY: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
    let no_data = [web(WebFailure::NoData)];
    // On a slow machine the time may be over before everything has been said.
    let of_body = |tls| [web(WebFailure::WrongDigest(None)), web(WebFailure::ReadTimeout { tls })];
    expect("a header line", &request(flood(b"", header()), None), &no_data);
    expect("header lines", &request(flood(OK, lines()), None), &no_data);
    expect("a body", &request(flood(BODY, header()), None), &of_body(false));
    let tls = || Some(Box::default());
    expect("a secret header", &request(secret_flood(OK, lines()), tls()), &no_data);
    expect("a secret body", &request(secret_flood(BODY, header()), tls()), &of_body(true));

    let mail = |to| Probe::Smtp(SmtpCheck { connect: connect(to), helo: "me".to_owned() }.into());
    let smtp = |failure| [Outcome::Failed(Failure::Smtp(failure))];
    let greeting = smtp(SmtpFailure::BadGreeting);
    expect("a line of mail", &mail(flood(b"", b"2".repeat(PIECE))), &greeting);
    let lines = || b"220-and so on\r\n".repeat(PIECE / 16);
    expect("lines of mail", &mail(flood(b"", lines())), &greeting);
    let helo = smtp(SmtpFailure::BadHelo);
    expect("lines after a greeting", &mail(flood(b"220 hi\r\n", lines())), &helo);

    let name = DnsName::new("example.com").expect("a name");
    let dns = DnsCheck { connect: connect(datagrams()), query: QueryType::A, name };
    let silence = [Outcome::Failed(Failure::Dns(DnsFailure::Timeout))];
    expect("no answers", &Probe::Dns(dns.into()), &silence);
    let wanted = vec![ReplyByte { value: b'y', mask: 0xff }];
    let udp = UdpCheck {
        connect: connect(datagrams()),
        payload: None,
        reply: Reply::Like(wanted),
        min_length: 0,
        max_length: u16::MAX,
    };
    let mismatch = [Outcome::Failed(Failure::Udp(UdpFailure::Mismatch))];
    expect("long replies", &Probe::Udp(udp.into()), &mismatch);
}
