//! The bytes of a request (compat 21 §7).
//!
//! Path and host are sent as they are; what they are is decided by the configuration.

use lvs::{HttpVersion, Request};

/// The request, whole: a long one is not cut off at 2048 bytes.
pub(super) fn text(request: &Request) -> Vec<u8> {
    let (version, connection) = match request.version {
        HttpVersion::V1_0 => ("1.0", ""),
        HttpVersion::V1_0Close => ("1.0", "Connection: close\r\n"),
        HttpVersion::V1_1 => ("1.1", "Connection: close\r\n"),
    };
    let Request { path, host, .. } = request;
    format!(
        "GET {path} HTTP/{version}\r\n\
         User-Agent: KeepAliveClient\r\n\
         {connection}\
         Host: {host}\r\n\
         \r\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::tests::request;

    #[test]
    fn the_three_versions_differ_in_two_lines() {
        for (version, expected) in [
            (
                HttpVersion::V1_0,
                "GET /a b HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: w:80\r\n\r\n",
            ),
            (
                HttpVersion::V1_0Close,
                "GET /a b HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: w:80\r\n\r\n",
            ),
            (
                HttpVersion::V1_1,
                "GET /a b HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: w:80\r\n\r\n",
            ),
        ] {
            let request =
                Request { version, path: "/a b".into(), host: "w:80".into(), ..request() };
            assert_eq!(String::from_utf8(text(&request)).unwrap(), expected);
        }
    }

    #[test]
    fn a_long_path_is_sent_whole() {
        let request = Request { path: format!("/{}", "x".repeat(5000)), ..request() };
        assert!(text(&request).ends_with(b"Host: localhost\r\n\r\n"));
        assert!(text(&request).len() > 5000);
    }
}
