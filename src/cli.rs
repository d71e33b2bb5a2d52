//! The command line: keepalived's options, every one of them, and what they ask for.
//!
//! Options whose subject is not built yet are accepted and named in the log; nobody's start
//! script breaks. Unknown options end with status 1, as in the original (compat 03 §1).

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgAction, CommandFactory, Parser};

use crate::log::Detail;
use crate::signals;

/// Where the configuration is unless `-f` says otherwise.
const DEFAULT_CONFIG: &str = "/etc/keepalived/keepalived.conf";

/// The options as typed.
#[derive(Clone, Debug, Parser)]
#[command(name = "keepalived", disable_version_flag = true, infer_long_args = true)]
#[command(
    args_override_self = true,
    about = "Virtual IPs by VRRP, health-checked balancing by IPVS"
)]
pub(crate) struct Options {
    /// Use the specified configuration file
    #[arg(short = 'f', long = "use-file", value_name = "FILE", default_value = DEFAULT_CONFIG)]
    pub(crate) config: PathBuf,
    /// Only run the VRRP subsystem
    #[arg(short = 'P', long = "vrrp")]
    pub(crate) vrrp_only: bool,
    /// Only run the health-checker subsystem
    #[arg(short = 'C', long = "check")]
    pub(crate) checkers_only: bool,
    /// Do not run the BFD subsystem
    #[arg(short = 'B', long = "no_bfd")]
    pub(crate) no_bfd: bool,
    /// Run all subsystems, even without configuration
    #[arg(long = "all")]
    pub(crate) all: bool,
    /// Log to the console as well; needs --dont-fork
    #[arg(short = 'l', long = "log-console")]
    pub(crate) console: bool,
    /// Detailed log messages; twice for all of them
    #[arg(short = 'D', long = "log-detail", action = ArgAction::Count)]
    pub(crate) detail: u8,
    /// Syslog facility: 0-7, local0-local7, user or daemon
    #[arg(short = 'S', long = "log-facility", value_name = "FACILITY")]
    pub(crate) facility: Option<String>,
    /// Do not log to syslog
    #[arg(short = 'G', long = "no-syslog")]
    pub(crate) no_syslog: bool,
    /// The umask in C notation
    #[arg(short = 'u', long = "umask", value_name = "MASK")]
    pub(crate) umask: Option<String>,
    /// Drop virtual IPs on a transition caused by a signal
    #[arg(short = 'X', long = "release-vips")]
    pub(crate) release_vips: bool,
    /// Leave virtual IPs, routes and rules in place at exit
    #[arg(short = 'V', long = "dont-release-vrrp")]
    pub(crate) keep_vrrp: bool,
    /// Leave IPVS services in place at exit
    #[arg(short = 'I', long = "dont-release-ipvs")]
    pub(crate) keep_ipvs: bool,
    /// End, rather than start a part that died again
    #[arg(short = 'R', long = "dont-respawn")]
    pub(crate) dont_respawn: bool,
    /// Stay in the foreground
    #[arg(short = 'n', long = "dont-fork")]
    pub(crate) foreground: bool,
    /// Log the configuration after start and reload
    #[arg(short = 'd', long = "dump-conf")]
    pub(crate) dump: bool,
    /// Pid file of the daemon
    #[arg(short = 'p', long = "pid", value_name = "FILE")]
    pub(crate) pid_file: Option<PathBuf>,
    /// Pid file of the VRRP subsystem
    #[arg(short = 'r', long = "vrrp_pid", value_name = "FILE")]
    pub(crate) vrrp_pid_file: Option<PathBuf>,
    /// Pid file of the health-checker subsystem
    #[arg(short = 'c', long = "checkers_pid", value_name = "FILE")]
    pub(crate) checkers_pid_file: Option<PathBuf>,
    /// Pid file of the BFD subsystem
    #[arg(short = 'b', long = "bfd_pid", value_name = "FILE")]
    pub(crate) bfd_pid_file: Option<PathBuf>,
    /// Log all address additions and removals
    #[arg(short = 'a', long = "address-monitoring")]
    pub(crate) address_monitoring: bool,
    /// Enable the SNMP subsystem
    #[arg(short = 'x', long = "snmp")]
    pub(crate) snmp: bool,
    /// Socket of the SNMP master agent
    #[arg(short = 'A', long = "snmp-agent-socket", value_name = "FILE")]
    pub(crate) snmp_socket: Option<String>,
    /// Run in this network namespace
    #[arg(short = 's', long = "namespace", value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// Make core dumps
    #[arg(short = 'm', long = "core-dump")]
    pub(crate) core_dump: bool,
    /// Make core dumps, named by this pattern
    #[arg(short = 'M', long = "core-dump-pattern", value_name = "PATTERN")]
    #[arg(num_args = 0..=1, require_equals = true)]
    pub(crate) core_dump_pattern: Option<Option<String>>,
    /// Errors of include lines are fatal
    #[arg(short = 'e', long = "all-config")]
    pub(crate) all_config: bool,
    /// The config id for @ID lines; the host name unless given
    #[arg(short = 'i', long = "config-id", value_name = "ID")]
    pub(crate) config_id: Option<String>,
    /// Print the number of a signal: STOP, RELOAD, DATA, STATS, STATS_CLEAR or JSON
    #[arg(long = "signum", value_name = "NAME")]
    pub(crate) signum: Option<String>,
    /// Test the configuration and end; complaints go to the file if one is given
    #[arg(short = 't', long = "config-test", value_name = "LOG_FILE")]
    #[arg(num_args = 0..=1, require_equals = true)]
    pub(crate) config_test: Option<Option<PathBuf>>,
    /// Print the configuration as it was understood, with its passwords, and end
    #[arg(long = "print-conf", value_name = "NEW_FILE", num_args = 0..=1, require_equals = true)]
    pub(crate) print_config: Option<Option<PathBuf>>,
    /// Ignore SIGINT
    #[arg(long = "ignore-sigint")]
    pub(crate) ignore_sigint: bool,
    /// Display the version and end
    #[arg(short = 'v', long = "version")]
    pub(crate) version: bool,
    /// Words that mean nothing; named and ignored
    #[arg(hide = true)]
    pub(crate) unexpected: Vec<String>,
}

/// What the command line asks for.
#[derive(Clone, Debug)]
pub(crate) enum Invocation {
    /// Run the daemon.
    Run(Box<Options>),
    /// Test the configuration, or print it.
    Test(Box<Options>),
    /// Print this and end with this status.
    Say {
        /// What to print.
        text: String,
        /// Whether it goes to standard output; standard error otherwise.
        stdout: bool,
        /// The exit status.
        status: u8,
    },
}

/// Reads a command line, the program's name first.
#[must_use]
pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Invocation {
    let arguments = arguments.into_iter().map(attach);
    let mut options = match Options::try_parse_from(arguments) {
        Ok(options) => options,
        Err(error) => return refuse(&error),
    };
    if options.version {
        return Invocation::Say { text: crate::version::long(), stdout: false, status: 0 };
    }
    if let Some(name) = &options.signum {
        return signal_number(name);
    }
    if options.tests() {
        return Invocation::Test(Box::new(options));
    }
    if !options.foreground
        && let Ok(here) = std::env::current_dir()
    {
        // The daemon leaves this directory, and a reload has to find the file again.
        options.config = here.join(&options.config);
    }
    Invocation::Run(Box::new(options))
}

/// Optional arguments are given attached: `-tFILE` is `-t=FILE` to the parser.
fn attach(argument: OsString) -> OsString {
    let Some(text) = argument.to_str() else {
        return argument;
    };
    // keepalived has one option that begins with a p, so people may have shortened it to that.
    if let Some(file) =
        text.strip_prefix("--p").filter(|rest| rest.is_empty() || rest.starts_with('='))
    {
        return format!("--pid{file}").into();
    }
    for option in ["-t", "-M"] {
        if let Some(value) = text.strip_prefix(option)
            && !value.is_empty()
            && !value.starts_with('=')
        {
            return format!("{option}={value}").into();
        }
    }
    argument
}

fn refuse(error: &clap::Error) -> Invocation {
    let help = error.kind() == ErrorKind::DisplayHelp;
    let text = if help { Options::command().render_help().to_string() } else { error.to_string() };
    Invocation::Say { text, stdout: false, status: u8::from(!help) }
}

/// The numbers are those of the C library (compat 03 §4).
fn signal_number(name: &str) -> Invocation {
    let number = match name {
        "STOP" => 15,
        "RELOAD" => 1,
        "DATA" => 10,
        "STATS" => 12,
        "STATS_CLEAR" => signals::STATS_CLEAR,
        "JSON" => signals::JSON,
        _ => {
            let text = format!("Unknown sigfunc {name}\n");
            return Invocation::Say { text, stdout: false, status: 1 };
        }
    };
    Invocation::Say { text: format!("{number}\n"), stdout: true, status: 0 }
}

impl Options {
    /// The configuration is looked at, and nothing is started.
    #[must_use]
    pub(crate) fn tests(&self) -> bool {
        self.config_test.is_some() || self.print_config.is_some()
    }

    /// How much is logged.
    #[must_use]
    pub(crate) const fn detail(&self) -> Detail {
        match self.detail {
            0 => Detail::None,
            1 => Detail::Some,
            2.. => Detail::All,
        }
    }

    /// The syslog facility, and a complaint if the one given does not exist.
    #[must_use]
    pub(crate) fn facility(&self) -> (Option<u8>, Option<String>) {
        const USER: u8 = 1;
        const DAEMON: u8 = 3;
        const LOCAL0: u8 = 16;
        let Some(text) = self.facility.as_deref().filter(|_| !self.no_syslog) else {
            return ((!self.no_syslog).then_some(DAEMON), None);
        };
        let local = text.strip_prefix("local").unwrap_or(text).parse::<u8>();
        match (text, local) {
            (_, Ok(number @ 0..=7)) => (Some(LOCAL0 + number), None),
            ("user", _) => (Some(USER), None),
            ("daemon", _) => (Some(DAEMON), None),
            _ => (Some(DAEMON), Some(format!("Invalid log facility '{text}'"))),
        }
    }

    /// The umask of `-u`, in C notation; `None` without one, or when it is no umask.
    #[must_use]
    pub(crate) fn umask(&self) -> Option<u32> {
        let text = self.umask.as_deref()?;
        let (digits, radix) = match text.strip_prefix("0x") {
            Some(digits) => (digits, 16),
            None if text.starts_with('0') => (text, 8),
            None => (text, 10),
        };
        u32::from_str_radix(digits, radix).ok().filter(|mask| *mask <= 0o777)
    }

    /// Options that are accepted but do nothing yet.
    pub(crate) fn without_effect(&self) -> impl Iterator<Item = &'static str> {
        [
            ("--snmp", self.snmp),
            ("--snmp-agent-socket", self.snmp_socket.is_some()),
            ("--core-dump", self.core_dump),
            ("--core-dump-pattern", self.core_dump_pattern.is_some()),
            ("--release-vips", self.release_vips),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Options {
        match read(line.split(' ').map(OsString::from)) {
            Invocation::Run(options) | Invocation::Test(options) => *options,
            Invocation::Say { text, .. } => panic!("{text}"),
        }
    }

    #[test]
    fn options_can_be_bundled_abbreviated_and_repeated() {
        let given = options("keepalived -nlDD -f /a --log-fac 3 -f /b");
        assert!(given.foreground && given.console);
        assert_eq!(given.detail, 2);
        assert_eq!(given.config, PathBuf::from("/b"));
        assert_eq!(given.facility(), (Some(19), None));
    }

    #[test]
    fn a_daemon_finds_its_file_from_everywhere() {
        assert!(options("keepalived -f here.conf").config.is_absolute());
        assert_eq!(options("keepalived -n -f here.conf").config, PathBuf::from("here.conf"));
    }

    #[test]
    fn the_log_file_of_a_test_is_optional_and_attached() {
        let file = |line| options(line).config_test.unwrap();
        assert_eq!(file("keepalived -t -f /a"), None);
        assert_eq!(file("keepalived -t/log"), Some(PathBuf::from("/log")));
        assert_eq!(file("keepalived --config-test=/log"), Some(PathBuf::from("/log")));
    }

    #[test]
    fn the_configuration_is_printed_to_standard_output_or_a_file() {
        let file = |line| options(line).print_config;
        assert_eq!(file("keepalived --print-conf -f /a"), Some(None));
        assert_eq!(file("keepalived --print=/b"), Some(Some(PathBuf::from("/b"))));
        assert_eq!(file("keepalived --p /c"), None);
        assert_eq!(options("keepalived --p=/c").pid_file, Some(PathBuf::from("/c")));
        assert!(options("keepalived --print-conf").tests() && !options("keepalived -n").tests());
    }

    #[test]
    fn a_umask_is_written_as_in_c() {
        let mask = |text: &str| options(&format!("keepalived -u {text}")).umask();
        assert_eq!((mask("022"), mask("18"), mask("0x12")), (Some(18), Some(18), Some(18)));
        assert_eq!((mask("1777"), mask("abc")), (None, None));
    }

    #[test]
    fn the_manual_names_every_option() {
        let manual = include_str!("../docs/keepalived.8").replace('\\', "");
        let names = |name: &str| {
            let mut words = manual.split(|c: char| c.is_whitespace() || "[=\"".contains(c));
            words.any(|word| word == name)
        };
        for option in Options::command().get_arguments().filter(|option| !option.is_hide_set()) {
            let (short, long) = (option.get_short(), option.get_long().expect("a long name"));
            assert!(names(&format!("--{long}")), "--{long}");
            assert!(short.is_none_or(|short| names(&format!("-{short}"))), "-{short:?}");
        }
    }

    #[test]
    fn what_is_unknown_ends_with_status_one() {
        for line in ["keepalived --nonsense", "keepalived -Z", "keepalived -f"] {
            let said = read(line.split(' ').map(OsString::from));
            assert!(matches!(said, Invocation::Say { status: 1, .. }), "{line}");
        }
    }
}
