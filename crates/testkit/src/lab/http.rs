//! The smallest client of HTTP, so that asking a server a hundred times costs a test no time.
//! One request on a connection of its own, and the whole answer; `curl` is there for all else.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::Host;

const CONNECT_LIMIT: Duration = Duration::from_secs(2);
const READ_LIMIT: Duration = Duration::from_secs(3);
const HTTP: u16 = 80;

impl Host {
    /// The body at this URL (`http://192.0.2.51:8080/test.html`, `http://[2001:db8::51]/`), or why
    /// there is none: not reached within two seconds, reset, silent for three, not a 200.
    ///
    /// # Errors
    /// With that reason.
    ///
    /// # Panics
    /// When the URL is not like these.
    pub fn get(&self, url: &str) -> Result<String, String> {
        let (authority, path, address) = read_url(url);
        let answer = self.inside_thread(|| ask(address, authority, path));
        answer.map_err(|error| format!("{url}: {error}")).and_then(|answer| body(url, &answer))
    }
}

/// The part with the address, the path, and where to connect to.
fn read_url(url: &str) -> (&str, &str, SocketAddr) {
    let rest = url.strip_prefix("http://");
    let rest = rest.unwrap_or_else(|| panic!("lab: {url} does not start with http://"));
    let end = rest.find('/').unwrap_or_else(|| panic!("lab: {url} has no path"));
    let (authority, path) = rest.split_at(end);
    let address = authority.parse().or_else(|_| {
        let ip = authority.trim_start_matches('[').trim_end_matches(']').parse();
        ip.map(|ip| SocketAddr::new(ip, HTTP))
    });
    (authority, path, address.unwrap_or_else(|_| panic!("lab: {url} has no address")))
}

fn ask(to: SocketAddr, host: &str, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&to, CONNECT_LIMIT)?;
    stream.set_read_timeout(Some(READ_LIMIT))?;
    // Version 1.0: the server sends the body as it is and closes.
    let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: lab\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn body(url: &str, answer: &str) -> Result<String, String> {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let status = head.lines().next().unwrap_or_default();
    match status.split(' ').nth(1) {
        Some("200") => Ok(body.to_owned()),
        Some(_) | None => Err(format!("{url}: answered {status:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_an_address_with_or_without_port_in_both_families() {
        let cases = [
            ("http://192.0.2.51:8080/test.html", "192.0.2.51:8080", "/test.html"),
            ("http://192.0.2.51/", "192.0.2.51:80", "/"),
            ("http://[2001:db8::51]/", "[2001:db8::51]:80", "/"),
            ("http://[2001:db8::51]:81/a/b", "[2001:db8::51]:81", "/a/b"),
        ];
        for (url, address, path) in cases {
            let (_, read_path, read_address) = read_url(url);
            assert_eq!((read_address.to_string().as_str(), read_path), (address, path));
        }
    }

    #[test]
    fn only_a_200_has_a_body() {
        assert_eq!(body("", "HTTP/1.1 200 OK\r\nServer: x\r\n\r\nreal1"), Ok("real1".to_owned()));
        assert!(body("", "HTTP/1.1 404 Not Found\r\n\r\nno").is_err_and(|e| e.contains("404")));
        assert!(body("", "").is_err());
    }
}
