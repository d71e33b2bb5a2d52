//! keepalived on a host: how it is started, signalled and listened to, the same for both programs.
//! Decides which options and files a daemon gets; never what it should do with them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::{Duration, SystemTime};

use nix::sys::signal::Signal;

use super::run::{must, succeed};
use super::{Host, Log, Process, Program, Syslog, Usage};

/// How long an orderly stop may take before it counts as a hang.
const STOP_LIMIT: Duration = Duration::from_secs(15);
/// Option and file name of each pid file.
const PID_FILES: [(&str, &str); 4] =
    [("-p", "keepalived.pid"), ("-r", "vrrp.pid"), ("-c", "checkers.pid"), ("-b", "bfd.pid")];

/// Gives what follows a `/dev` of its own with this socket as `/dev/log`; the namespace command has
/// already made the mounts private.
const OWN_DEV: &str = "mkdir -p \"$1\" && for device in null zero random urandom; do \
    touch \"$1/$device\" && mount --bind \"/dev/$device\" \"$1/$device\" || exit; done && \
    ln -sf \"$2\" \"$1/log\" && mount --rbind \"$1\" /dev && shift 2 && exec \"$@\"";

/// A daemon that has not been started yet.
#[derive(Clone)]
pub struct DaemonBuilder {
    host: Host,
    program: Program,
    name: String,
    detail: bool,
    own_files: bool,
    outside: bool,
    syslog: Option<PathBuf>,
    options: Vec<String>,
    /// Words in front of the program.
    through: Vec<String>,
}

/// A daemon on a host. Dropping it kills it.
pub struct Daemon {
    host: Host,
    program: Program,
    process: Process,
    config: PathBuf,
    /// What every configuration of it begins with.
    preamble: String,
    pid_files: Vec<PathBuf>,
}

impl DaemonBuilder {
    pub(super) fn new(host: &Host, program: &Program) -> Self {
        Self {
            host: host.clone(),
            program: program.clone(),
            name: "keepalived".to_owned(),
            detail: true,
            own_files: false,
            outside: false,
            syslog: None,
            options: Vec::new(),
            through: Vec::new(),
        }
    }

    /// Names its files, so that one host can run several daemons.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Starts it without `-D`.
    #[must_use]
    pub fn without_detail(mut self) -> Self {
        self.detail = false;
        self
    }

    /// Adds a command line option.
    #[must_use]
    pub fn option(mut self, option: &str) -> Self {
        self.options.push(option.to_owned());
        self
    }

    /// Starts it by way of these words, a program that changes something of its process first.
    #[must_use]
    pub fn through(mut self, words: &[&str]) -> Self {
        self.through.extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    /// Gives it a `/run` and `/etc/keepalived` of its own and no options that name files: the way
    /// a package starts it.
    #[must_use]
    pub fn with_own_files(mut self) -> Self {
        self.own_files = true;
        self
    }

    /// Starts it outside of the host's namespace, which its configuration then makes it enter
    /// first thing: the kernel tells of processes only whoever began in the first namespace.
    #[must_use]
    pub fn from_outside(mut self) -> Self {
        self.outside = true;
        self
    }

    /// Lets it log to this syslog too.
    #[must_use]
    pub fn with_syslog(mut self, syslog: &Syslog) -> Self {
        self.syslog = Some(syslog.socket().to_path_buf());
        self
    }

    /// Starts it with this configuration.
    pub fn start(&self, configuration: &str) -> Daemon {
        let (config, run) = self.places();
        let preamble = match self.outside {
            true => format!("net_namespace {}\n", self.host.namespace()),
            false => String::new(),
        };
        let configuration = format!("{preamble}{configuration}");
        must("write a configuration", std::fs::write(&config, configuration));
        let log =
            format!("{}-{}", self.name, if self.program.is_ours() { "rs" } else { "original" });
        let words = self.words(&config, &run);
        let process = match self.outside {
            true => self.host.spawn_outside(&log, &words),
            false => self.host.spawn(&log, words),
        };
        let pid_files = PID_FILES.map(|(_, name)| run.join(self.pid_file(name))).to_vec();
        let (host, program) = (self.host.clone(), self.program.clone());
        Daemon { host, program, process, config, preamble, pid_files }
    }

    /// The command line, for tests that run it to its end themselves.
    pub fn command_line(&self, configuration: &str) -> Vec<OsString> {
        let (config, run) = self.places();
        must("write a configuration", std::fs::write(&config, configuration));
        self.words(&config, &run)
    }

    /// The configuration file, and the directory of the pid files.
    fn places(&self) -> (PathBuf, PathBuf) {
        if !self.own_files {
            let config = self.host.file(&format!("{}.conf", self.name));
            return (config, self.host.directory().to_path_buf());
        }
        let (run, etc) = (self.host.file("run"), self.host.file("etc"));
        must("make a /run", std::fs::create_dir_all(&run));
        must("make an /etc/keepalived", std::fs::create_dir_all(&etc));
        must("have a place for it", std::fs::create_dir_all("/etc/keepalived"));
        (etc.join("keepalived.conf"), run)
    }

    fn words(&self, config: &std::path::Path, run: &std::path::Path) -> Vec<OsString> {
        let mut words: Vec<OsString> = Vec::new();
        if self.own_files {
            // The namespace command has already made the mounts private to this process.
            let mount = "mount --bind \"$1\" /run && mount --bind \"$2\" /etc/keepalived";
            let script = format!("{mount} && shift 2 && exec \"$@\"");
            words.extend(["sh", "-c", &script, "sh"].map(OsString::from));
            words.extend([run.into(), config.parent().unwrap_or(run).into()]);
        }
        if let Some(socket) = &self.syslog {
            words.extend(["sh", "-c", OWN_DEV, "sh"].map(OsString::from));
            words.extend([self.host.file("dev").into(), socket.into()]);
        }
        // Its dumps go where nobody else's do.
        words.extend(["env".into(), format!("TMPDIR={}", self.host.directory().display()).into()]);
        words.extend(self.through.iter().map(OsString::from));
        words.push(self.program.path().into());
        words.extend(["-n", "-l"].map(OsString::from));
        words.extend(self.syslog.is_none().then(|| "-G".into()));
        words.extend(self.detail.then(|| "-D".into()));
        if !self.own_files {
            words.extend(["-f".into(), config.into()]);
            for (option, name) in PID_FILES {
                words.extend([option.into(), run.join(self.pid_file(name)).into()]);
            }
        }
        words.extend(self.options.iter().map(OsString::from));
        words
    }

    fn pid_file(&self, name: &str) -> String {
        if self.own_files { name.to_owned() } else { format!("{}-{name}", self.name) }
    }
}

impl Daemon {
    /// The process id of the program that was started.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Whether it is this daemon, not the original.
    pub fn is_ours(&self) -> bool {
        self.program.is_ours()
    }

    /// The process and its family.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// What it logged.
    pub fn log(&self) -> &Log {
        self.process.log()
    }

    /// Where its pid files are or would be: daemon, VRRP, checkers, BFD.
    pub fn pid_files(&self) -> &[PathBuf] {
        &self.pid_files
    }

    /// Writes another configuration; nothing is told to the daemon.
    pub fn rewrite(&self, configuration: &str) {
        let configuration = format!("{}{configuration}", self.preamble);
        must("rewrite a configuration", std::fs::write(&self.config, configuration));
    }

    /// Writes another configuration and asks for a reload.
    pub fn reload(&self, configuration: &str) {
        self.rewrite(configuration);
        self.hup();
    }

    /// Asks for a reload.
    pub fn hup(&self) {
        self.process.signal(Signal::SIGHUP);
    }

    /// Sends any signal to the program that was started.
    pub fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Asks for something by the name that `--signum` knows. Dumps go to the host's directory.
    ///
    /// # Panics
    /// When the program does not know the name.
    pub fn request(&self, name: &str) {
        let number =
            succeed(&[self.program.path().as_os_str(), "--signum".as_ref(), name.as_ref()]);
        let number = format!("-{}", number.trim());
        succeed(&["kill", &number, &self.pid().to_string()]);
    }

    /// Asks for a stop, and does not wait for it.
    pub fn term(&mut self) {
        self.process.signal(Signal::SIGTERM);
    }

    /// Asks for a stop and waits for it.
    ///
    /// # Panics
    /// When it hangs.
    pub fn stop(&mut self) -> ExitStatus {
        self.term();
        self.wait_exit()
    }

    /// Waits for the end.
    ///
    /// # Panics
    /// When it does not come.
    pub fn wait_exit(&mut self) -> ExitStatus {
        let status = self.process.wait_exit(STOP_LIMIT);
        status
            .unwrap_or_else(|| panic!("lab: no end within {STOP_LIMIT:?}\n{}", self.log().titled()))
    }

    /// Kills all its processes at the same moment, and says when.
    pub fn kill_9(&mut self) -> SystemTime {
        self.process.kill_9()
    }

    /// Processor time and memory of all its processes.
    pub fn usage(&self) -> Usage {
        self.process.usage()
    }

    /// Stops all its processes.
    pub fn pause(&self) {
        self.process.pause();
    }

    /// Lets them go on.
    pub fn resume(&self) {
        self.process.resume();
    }

    /// Waits until a line of the log holds this text.
    ///
    /// # Panics
    /// When it does not come within the limit; the text carries the logs of all daemons.
    pub fn wait_for_log(&self, text: &str, limit: Duration) {
        self.wait_for_log_times(text, 1, limit);
    }

    /// Waits until so many lines of the log hold this text.
    ///
    /// # Panics
    /// When they do not come within the limit; the text carries the logs of all daemons.
    pub fn wait_for_log_times(&self, text: &str, times: usize, limit: Duration) {
        let what = format!("{times}x {text:?} in the log on {}", self.host.name());
        self.host.wait_until(&what, limit, || {
            let ended = self.process.has_ended();
            let there = self.log().count_so_far(text) >= times;
            assert!(there || !ended, "lab: it ended before {what}\n{}", self.log().titled());
            there
        });
    }
}
