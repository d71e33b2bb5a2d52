//! The C library of TLS, where something has to be said to it before its first use.
//!
//! What is spoken, and with whom, is decided by whoever uses the library.

use std::ptr;

/// `OPENSSL_INIT_NO_LOAD_CONFIG`; the crate has no name for it.
const NO_CONFIGURATION: u64 = 0x80;

/// Has the library go by what it can do, not by what its configuration (`openssl.cnf`) allows the
/// programs of this machine. Counts only before the first use of the library in this process.
pub fn ignore_configuration() {
    // SAFETY: the library may be initialised from any thread and as often as one likes; no
    // settings are passed. That it fails is found out by whatever uses it next.
    unsafe { openssl_sys::OPENSSL_init_ssl(NO_CONFIGURATION, ptr::null()) };
}
