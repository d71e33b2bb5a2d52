//! What the tests of the project stand on; nothing of it is part of the daemon.
//!
//! * [`segment`]: routers on a virtual segment in virtual time;
//! * [`lab`]: hosts as network namespaces, with the daemon and real peers on them.

pub mod lab;
pub mod segment;
