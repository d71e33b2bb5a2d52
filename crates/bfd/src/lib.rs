//! Bidirectional forwarding detection (RFC 5880) as keepalived does it: for now only what is
//! configured; no session runs yet.

pub mod config;
