//! A small haproxy that answers by itself, so that a client can see which host served it.

/// A configuration that listens on `port` and answers every request with `body`.
pub fn answering(port: u16, body: &str) -> String {
    format!(
        "defaults\n  mode http\n  timeout connect 2s\n  timeout client 5s\n  timeout server 5s\n\
         frontend www\n  bind :{port}\n  \
         http-request return status 200 content-type text/plain string \"{body}\"\n"
    )
}
