//! `genhash` beside Debian's: the same digests, words, streams and statuses.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use openssl::ssl::SslStream;

use crate::support::under_test;

#[path = "../../crates/probe/tests/attempt/acceptor.rs"]
mod acceptor;

/// A link called `genhash` to the program under test.
fn program(directory: &Path) -> PathBuf {
    let link = directory.join("genhash");
    symlink(under_test().path(), &link).expect("a link");
    link
}

fn run(program: &Path, words: &str) -> Output {
    Command::new(program).args(words.split_whitespace()).output().expect("genhash runs")
}

/// A server that says these pieces to whoever asks, a moment apart.
fn serve(pieces: &'static [&'static [u8]]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            for piece in pieces {
                if stream.write_all(piece).is_err() {
                    break;
                }
                thread::sleep(Duration::from_millis(200));
            }
        }
    });
    address
}

/// The same over TLS: says this to whoever asks, and ends the connection like this.
fn serve_secret(answer: &'static [u8], end: fn(&mut SslStream<TcpStream>)) -> SocketAddr {
    let (acceptor, _) = acceptor::acceptor("localhost").expect("a server of TLS");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Ok(mut stream) = acceptor.accept(stream) else { continue };
            let _ = stream.ssl_read(&mut [0; 4096]);
            let _ = stream.ssl_write(answer);
            end(&mut stream);
        }
    });
    address
}

/// The words for a page of this server.
fn of(server: SocketAddr, more: &str) -> String {
    format!("-s {} -p {} -u /x {more}", server.ip(), server.port())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What it prints on both streams, if it ends with this status.
fn said(program: &Path, words: &str, status: i32) -> [String; 2] {
    let output = run(program, words);
    assert_eq!(output.status.code(), Some(status), "{words}: {output:?}");
    [text(&output.stdout), text(&output.stderr)]
}

/// Runs a test with the program under test, which is a link of that name.
fn with_program(test: impl FnOnce(&Path)) {
    let name = format!("genhash-{}-{:?}", std::process::id(), thread::current().id());
    let directory = std::env::temp_dir().join(name);
    fs::create_dir_all(&directory).expect("a directory");
    let program = program(&directory);
    test(&program);
    fs::remove_dir_all(&directory).expect("it can be removed");
}

#[test]
fn digests_are_those_of_the_body_as_far_as_the_header_says() {
    with_program(|program| {
        for (answer, digest) in [
            (
                &[b"HTTP/1.0 200 OK\r\n\r\nhello world\n" as &[u8]][..],
                "6f5902ac237024bdd0c176cb93063dc4",
            ),
            (
                &[b"HTTP/1.0 404 No\r\n\r\n", b"hello ", b"world\n"],
                "6f5902ac237024bdd0c176cb93063dc4",
            ),
            (
                &[b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabcdef"],
                "900150983cd24fb0d6963f7d28e17f72",
            ),
            (
                &[b"HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\nabcdef"],
                "e80b5017098950fc58aad83c8c14978e",
            ),
            (&[b"HTTP/1.0 200 OK\r\n\r\n"], "d41d8cd98f00b204e9800998ecf8427e"),
        ] {
            let server = serve(answer);
            for more in ["", "-P 1.1", "-P 1.0C -V www.example.com -t 5", "-m 7"] {
                let output = said(program, &of(server, more), 0);
                assert_eq!(output, [format!("{digest}\n"), String::new()], "{more}");
            }
        }
    });
}

#[test]
fn what_comes_is_shown_piece_by_piece() {
    with_program(|program| {
        let server = serve(&[b"HTTP/1.0 200 OK\r\n\r\nabc", b"defghijklmnopqrstuvwxyz", b"tail"]);
        let [shown, complaints] = said(program, &of(server, "-v"), 0);
        assert_eq!(complaints, "");
        let (shown, time) = shown.rsplit_once("[/x] = ").expect("a time");
        assert!(time.trim_end().trim_end_matches(" usecs").parse::<u64>().is_ok(), "{time}");
        assert_eq!(
            shown,
            "-----------------------[    HTTP Header Buffer    ]-----------------------\n\
             0000  48 54 54 50 2f 31 2e 30 - 20 32 30 30 20 4f 4b 0d   HTTP/1.0 200 OK.\n\
             0016  0a 0d 0a                -                           ...             \n\
             -----------------------[ HTTP Header Ascii Buffer ]-----------------------\n\
             HTTP/1.0 200 OK\r\n\r\n\n\
             -----------------------[        HTML Buffer        ]-----------------------\n\
             0000  61 62 63                -                           abc             \n\
             0000  64 65 66 67 68 69 6a 6b - 6c 6d 6e 6f 70 71 72 73   defghijklmnopqrs\n\
             0016  74 75 76 77 78 79 7a    -                           tuvwxyz         \n\
             0000  74 61 69 6c             -                           tail            \n\n\
             -----------------------[    HTML hash resulting    ]-----------------------\n\
             0000  5d 28 0c 11 f6 87 ab c4 - e0 7e f1 2f 2a d6 9c b5   ](.......~./*...\n\
             -----------------------[ HTML hash final resulting ]-----------------------\n\
             5d280c11f687abc4e07ef12f2ad69cb5\n\n\
             Global response time for "
        );
    });
}

#[test]
fn what_fails_is_said_and_ends_with_success() {
    with_program(|program| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let silent = listener.local_addr().expect("its address");
        let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("one");
        let nothing = serve(&[b""]);
        let half = serve(&[b"HTTP/1.0 200 OK\r\n"]);
        let plain = serve(&[b"HTTP/1.0 200 OK\r\n\r\n"]);
        let no_data = ["", "no data received from remote webserver\n"];
        let handshake = ["SSL handshake/communication error connecting to\n", ""];
        for (words, expected) in [
            (of(closed, ""), ["Connection failed\n", ""]),
            (of(silent, "-t 1"), ["Timeout WEB read\n", ""]),
            (of(silent, "-t 1 -S"), ["Timeout connecting\n", ""]),
            (of(nothing, ""), no_data),
            (of(half, ""), no_data),
            (of(plain, "-S"), handshake),
            (
                "-s 255.255.255.255 -p 80 -u /".to_owned(),
                ["HTTP_CHECK - network unreachable\n", ""],
            ),
        ] {
            assert_eq!(said(program, &words, 0), expected.map(str::to_owned), "{words}");
        }
        // How long it took is said then too.
        let [shown, _] = said(program, &of(closed, "-v -t 99999999999"), 0);
        let (shown, time) = shown.rsplit_once(" = ").expect("a time");
        assert_eq!(shown, "Connection failed\n\nGlobal response time for [/x]");
        assert!(time.ends_with(" usecs\n"), "{time}");
    });
}

#[test]
fn over_tls_a_body_is_digested_however_the_connection_ends() {
    const PAGE: &[u8] = b"HTTP/1.0 200 OK\r\n\r\nhello world\n";
    let in_order = |stream: &mut SslStream<TcpStream>| drop(stream.shutdown());
    let at_once = |stream: &mut SslStream<TcpStream>| {
        let _ = stream.get_ref().shutdown(Shutdown::Both);
    };
    let in_noise = |stream: &mut SslStream<TcpStream>| {
        let _ = stream.get_ref().write_all(&[0xff; 64]);
        let _ = stream.get_ref().shutdown(Shutdown::Both);
    };
    let digest = ["6f5902ac237024bdd0c176cb93063dc4\n", ""];
    let no_data = ["", "no data received from remote webserver\n"];
    with_program(|program| {
        for (case, server, expected) in [
            ("in order", serve_secret(PAGE, in_order), digest),
            ("at once", serve_secret(PAGE, at_once), digest),
            ("in noise", serve_secret(PAGE, in_noise), digest),
            ("nothing", serve_secret(b"", in_noise), no_data),
            ("half a header", serve_secret(b"HTTP/1.0 200 OK\r\n", in_noise), no_data),
        ] {
            assert_eq!(said(program, &of(server, "-S"), 0), expected.map(str::to_owned), "{case}");
        }
    });
}

#[test]
fn mistakes_are_named_and_followed_by_usage() {
    with_program(|program| {
        let page = "-s 127.0.0.1 -p 80 -u /";
        for (words, complaint) in [
            (String::new(), ""),
            ("-h".to_owned(), ""),
            ("-s 127.0.0.1 -p 80".to_owned(), ""),
            ("-p 80 -u / -v".to_owned(), ""),
            (format!("{page} -v -h"), ""),
            ("-s host -p 80 -u /".to_owned(), "server should be an IP, not host\n"),
            ("-s 127.0.0.1 -p x -u /".to_owned(), "invalid port number 'x'\n"),
            ("-s 127.0.0.1 -p 0 -u /".to_owned(), "invalid port number '0'\n"),
            ("-s 127.0.0.1 -p 65536 -u /".to_owned(), "invalid port number '65536'\n"),
            (format!("{page} -m -1"), "invalid fwmark '-1'\n"),
            (format!("{page} -P 2"), "invalid HTTP protocol version '2'\n"),
            (format!("{page} -t 1.5"), "invalid timeout '1.5'\n"),
            (format!("{page} -X"), "Unknown option -X\n"),
            (format!("{page} --xyz"), "Unknown option --xyz\n"),
            (format!("{page} --use"), "Unknown option --use\n"),
            (format!("{page} -V"), "Missing parameter for option -V\n"),
            // All that is unknown or missing is named, and the first value that is none.
            (
                format!("-XYv {page} --xyz=1 --verbose=1 -Z a -V"),
                "Unknown option -X\nUnknown option -Y\nUnknown option --xyz=1\n\
                 Unknown option --verbose=1\nUnknown option -Z\n\
                 Missing parameter for option -V\n",
            ),
            (format!("{page} -X -t y -m x -Z -h"), "Unknown option -X\ninvalid timeout 'y'\n"),
            (format!("{page} a -m x"), "invalid fwmark 'x'\n"),
            (format!("-m x -m 1 {page}"), "invalid fwmark 'x'\n"),
            (format!("--server= {page}"), "server should be an IP, not \n"),
            (format!("-m {page}"), "invalid fwmark '-s'\n"),
            (format!("{page} -h a"), ""),
            (format!("{page} a b"), "Unexpected argument(s): a b\n"),
        ] {
            let [stdout, stderr] = said(program, &words, 1);
            let usage = format!("{complaint}Usage: {} COMMAND [OPTIONS]\n", program.display());
            assert!(stderr.starts_with(&usage), "{words}: {stderr}");
            assert_eq!(stdout, "", "{words}");
        }
    });
}

#[test]
fn the_daemon_itself_does_it_too_and_options_may_be_put_together() {
    let server = serve(&[b"HTTP/1.0 200 OK\r\n\r\nhello world\n"]);
    let program = under_test();
    let output = said(program.path(), &format!("--genhash {}", of(server, "")), 0);
    assert_eq!(output[0], "6f5902ac237024bdd0c176cb93063dc4\n");
    with_program(|program| {
        let port = server.port();
        for words in [
            format!("--serv 127.0.0.1 --port={port} --url /"),
            format!("-s127.0.0.1 -p{port} -u/ -I"),
            format!("-s 127.0.0.1 -p +{port} -u / -m +7 -t +0005"),
            format!("-s 127.0.0.1 -p 0{port} -u / -t 99999999999999999999"),
            format!("-s 127.0.0.1 -p {port} -u /a -u / --use-virtualhost www"),
        ] {
            assert_eq!(
                said(program, &words, 0)[0],
                "6f5902ac237024bdd0c176cb93063dc4\n",
                "{words}"
            );
        }
    });
}
