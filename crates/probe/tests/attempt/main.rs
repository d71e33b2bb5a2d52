//! Attempts at real servers on the loopback interface.
//!
//! Servers are threads that behave as a test wants. Nothing here waits for a time to pass, except
//! where a time running out is what is tested; then only that one is short.

mod acceptor;
mod connecting;
mod http;
mod secure;
mod server;
