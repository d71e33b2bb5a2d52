//! A guest: User-Mode Linux, a kernel of its own that has IPVS, in which a test runs as it stands.
//! Decides how a test gets into a guest and how its end comes back; what a guest is made of is in
//! `boot`, what its first process does in `guest/init.sh`.
//!
//! The test binary runs twice: on the host, where [`run`] boots a guest and waits, and in the
//! guest, where the same binary is started for the same test and [`run`] calls the body. So labs,
//! captures and daemons work in there as they do on the host, and only there do they have IPVS.
//! The guest sees the host's files, cannot write to them, and keeps what it writes in its memory.
//! A program that is no test goes the same way with [`Guest::run_program`].
//!
//! ```no_run
//! // The whole body of a test:
//! testkit::guest::run(|| {
//!     let lab = testkit::lab::Lab::new("tables");
//!     let director = lab.host("a", "192.0.2.1/24");
//!     director.ipvsadm("-A -t 192.0.2.51:80 -s wlc");
//!     assert!(director.ipvs().service("TCP 192.0.2.51:80").is_some());
//! });
//! ```

mod boot;
mod live;
mod machine;
#[cfg(test)]
mod tests;
mod transcript;

use std::env;
use std::fs;
use std::io::{self, Write};
use std::thread;
use std::time::Duration;

pub use machine::Machine;

use live::Live;
use transcript::{Failure, Transcript};

/// Set in a guest, and nowhere else.
const INSIDE: &str = "KEEPALIVED_GUEST";
/// Enough for a boot on a machine that runs many other tests.
const LIMIT: Duration = Duration::from_secs(120);
const MEMORY_MIB: u32 = 512;

/// A guest that has not been booted yet.
#[derive(Clone, Debug)]
pub struct Guest {
    memory_mib: u32,
    limit: Duration,
    systemd: bool,
}

impl Default for Guest {
    fn default() -> Self {
        Self { memory_mib: MEMORY_MIB, limit: LIMIT, systemd: false }
    }
}

impl Guest {
    /// A guest of 512 MiB whose test has two minutes, its boot included.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives it this much memory; half of it can hold files.
    #[must_use]
    pub fn memory_mib(mut self, memory_mib: u32) -> Self {
        self.memory_mib = memory_mib;
        self
    }

    /// Gives the boot and the test this much time together.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Boots systemd; the body runs as a service of it, beside its journal.
    #[must_use]
    pub fn with_systemd(mut self) -> Self {
        self.systemd = true;
        self
    }

    /// Runs the body of the calling test in the guest. Nothing of the test may stand outside.
    ///
    /// # Panics
    /// When the body fails, does not end in time or cannot be started; the text is what the guest
    /// wrote.
    pub fn run(&self, body: impl FnOnce()) {
        if is_inside() {
            // Standard output is the guest's console, on which the host looks for this.
            let _ = writeln!(io::stdout(), "{}", transcript::BEGINS);
            body();
            return;
        }
        let test = name_of_this_test();
        let harness = ["--exact", &test, "--nocapture", "--test-threads", "1", "--include-ignored"];
        let transcript = boot::boot(self, &test, &harness, |_| {});
        judge(&test, transcript.verdict(), &transcript);
        show(&transcript);
    }

    /// Runs the calling program once more, in the guest and with these arguments; its exit status.
    /// What it writes comes out of standard output line by line, while it runs. The guest dies
    /// with the caller.
    ///
    /// # Panics
    /// When it does not end in time or cannot be started; the text is what the guest wrote.
    pub fn run_program(&self, arguments: &[&str]) -> u8 {
        let transcript = self.boot_program(arguments);
        judge("the program", transcript.status(), &transcript)
    }

    /// As [`run_program`](Self::run_program), for a program that has to succeed; what it wrote.
    ///
    /// # Panics
    /// When it does not end well and in time; the text is what the guest wrote.
    pub fn ask_program(&self, arguments: &[&str]) -> String {
        let transcript = self.boot_program(arguments);
        let ended = transcript.status().and_then(|status| match status {
            0 => Ok(()),
            status => Err(Failure::Failed(status)),
        });
        judge("the program", ended, &transcript);
        transcript.lines_of_program().to_owned()
    }

    fn boot_program(&self, arguments: &[&str]) -> Transcript {
        assert!(!is_inside(), "guest: a program in a guest cannot boot another one");
        let mut live = Live::default();
        boot::boot(self, "the program", arguments, |log| live.follow(log))
    }
}

/// Runs the body of the calling test in an ordinary guest: [`Guest::run`] with nothing special.
///
/// # Panics
/// As [`Guest::run`] does.
pub fn run(body: impl FnOnce()) {
    Guest::new().run(body);
}

/// Whether the caller runs in a guest.
///
/// # Panics
/// When the environment says so and the kernel is another: the body of a test may do to a guest
/// what nobody wants on a machine.
pub fn is_inside() -> bool {
    let told = env::var_os(INSIDE).is_some();
    let kernel = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let is_guest = kernel.contains("User Mode Linux");
    assert!(!told || is_guest, "guest: {INSIDE} is set, and this is no guest; unset it");
    told
}

/// The test harness names the thread of a test by its path.
fn name_of_this_test() -> String {
    let thread = thread::current();
    let name = thread.name().filter(|name| *name != "main");
    name.expect("guest: only the thread of a test can be taken into a guest").to_owned()
}

fn judge<T>(what: &str, result: Result<T, Failure>, transcript: &Transcript) -> T {
    result.unwrap_or_else(|reason| {
        panic!("guest of {what}: {reason}\n---- the guest wrote ----\n{}", transcript.text())
    })
}

/// What a test prints in its guest is what the test prints.
#[expect(clippy::print_stdout, reason = "the harness keeps it for itself unless it is asked")]
fn show(transcript: &Transcript) {
    print!("{}", transcript.text());
}
