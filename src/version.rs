//! What the daemon says it is.

/// The version of keepalived whose behaviour is followed; scripts compare it.
const FOLLOWED: &str = "2.4.3";

/// One line, as in `Starting …`.
#[must_use]
pub(crate) fn short() -> String {
    format!("Keepalived v{FOLLOWED} (keepalived-rs {})", env!("CARGO_PKG_VERSION"))
}

/// What the kernel calls itself.
#[must_use]
pub(crate) fn kernel() -> String {
    nix::sys::utsname::uname().map_or_else(
        |_| "an unknown kernel".to_owned(),
        |name| {
            let (system, release) = (name.sysname().display(), name.release().display());
            format!("{system} {release} {}", name.version().display())
        },
    )
}

/// What `--version` prints.
#[must_use]
pub(crate) fn long() -> String {
    format!("{}\n\nRunning on {}\nLicence MIT OR Apache-2.0\n", short(), kernel())
}
