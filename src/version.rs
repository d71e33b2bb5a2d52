//! What the daemon says it is.

/// The version of keepalived whose behaviour is followed; scripts compare it.
const FOLLOWED: &str = "2.4.3";

/// One line, as in `Starting …`.
#[must_use]
pub(crate) fn short() -> String {
    format!("Keepalived v{FOLLOWED} (keepalived-rs {})", env!("CARGO_PKG_VERSION"))
}

/// What `--version` prints.
#[must_use]
pub(crate) fn long() -> String {
    let kernel = nix::sys::utsname::uname().map_or_else(
        |_| "unknown".to_owned(),
        |name| format!("{} {}", name.sysname().display(), name.release().display()),
    );
    format!("{}\n\nRunning on {kernel}\nLicence MIT OR Apache-2.0\n", short())
}
