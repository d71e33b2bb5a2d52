//! What the tests of the project stand on; nothing of it is part of the daemon.
//!
//! * [`segment`]: routers on a virtual segment in virtual time;
//! * [`lab`]: hosts as network namespaces, with the daemon and real peers on them;
//! * [`beside`]: measuring ours beside the original;
//! * [`hang`]: programs whose start hangs;
//! * [`broken_disk`]: programs that cannot even be killed;
//! * [`guest`]: a kernel with IPVS, in which a test and its labs run;
//! * [`site`]: a whole LVS site as a lab.

pub mod beside;
pub mod broken_disk;
pub mod guest;
pub mod hang;
pub mod lab;
pub mod segment;
pub mod site;
