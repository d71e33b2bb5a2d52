//! The command line of `genhash`, and its complaints (compat 23).
//!
//! Options are read in the order in which they stand: a value that is none ends the reading, of what
//! is unknown and of what is missing all is named.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use lexopt::Arg;
use lvs::{Connect, HttpVersion, Request, Tls};

/// Without a timeout it waits as long as keepalived can count.
const UNLIMITED: Duration = Duration::from_secs(4294);

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) request: Request,
    /// What comes is shown.
    pub(super) verbose: bool,
}

/// What an option is about.
#[derive(Clone, Copy, Debug)]
enum Subject {
    Flag(Flag),
    Value(Value),
}

/// An option that stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flag {
    Tls,
    Sni,
    Verbose,
    Help,
}

/// An option that has a value behind it.
#[derive(Clone, Copy, Debug)]
enum Value {
    Server,
    Port,
    Url,
    Host,
    Mark,
    Version,
    Timeout,
}

/// An option, which has a short form and a long one.
struct Known {
    letter: char,
    name: &'static str,
    subject: Subject,
}

const fn flag(letter: char, name: &'static str, flag: Flag) -> Known {
    Known { letter, name, subject: Subject::Flag(flag) }
}

const fn value(letter: char, name: &'static str, value: Value) -> Known {
    Known { letter, name, subject: Subject::Value(value) }
}

const KNOWN: [Known; 11] = [
    flag('S', "use-ssl", Flag::Tls),
    flag('I', "use-sni", Flag::Sni),
    flag('v', "verbose", Flag::Verbose),
    flag('h', "help", Flag::Help),
    value('s', "server", Value::Server),
    value('p', "port", Value::Port),
    value('u', "url", Value::Url),
    value('V', "use-virtualhost", Value::Host),
    value('m', "fwmark", Value::Mark),
    value('P', "protocol", Value::Version),
    value('t', "timeout", Value::Timeout),
];

/// The options as typed; the last one of a kind counts.
#[derive(Default)]
struct Typed {
    flags: Vec<Flag>,
    server: Option<IpAddr>,
    port: Option<u16>,
    url: Option<String>,
    host: Option<String>,
    mark: u32,
    version: Option<HttpVersion>,
    timeout: Option<Duration>,
    unexpected: Vec<String>,
}

/// Reads the command line.
///
/// # Errors
/// With what is to be said of it.
pub(super) fn read(program: &str, arguments: &[String]) -> Result<Options, String> {
    let mut wrong = Vec::new();
    let typed = typed(arguments, &mut wrong).and_then(|typed| {
        // Whoever says too little, or asks for usage, gets usage alone.
        if !wrong.is_empty() || typed.has(Flag::Help) {
            return None;
        }
        if !typed.unexpected.is_empty() {
            wrong.push(format!("Unexpected argument(s): {}", typed.unexpected.join(" ")));
            return None;
        }
        options(typed)
    });
    wrong.push(usage(program));
    typed.ok_or_else(|| wrong.join("\n"))
}

/// Everything that was typed, unless a value is none.
fn typed(arguments: &[String], wrong: &mut Vec<String>) -> Option<Typed> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut typed = Typed::default();
    // Values are asked for as soon as they may stand there, so there are no others that would fail.
    while let Ok(Some(argument)) = parser.next() {
        let (known, spelling) = match argument {
            Arg::Value(word) => {
                typed.unexpected.push(word.to_string_lossy().into_owned());
                continue;
            }
            Arg::Short(letter) => (by_letter(letter), format!("-{letter}")),
            Arg::Long(name) => (by_name(name), format!("--{name}")),
        };
        let flag = match known {
            Some(Known { letter, subject: Subject::Value(value), .. }) => {
                match parser.value() {
                    Ok(text) => {
                        let set = typed.set(*value, text.to_string_lossy().into_owned());
                        set.map_err(|why| wrong.push(why)).ok()?;
                    }
                    Err(_) => wrong.push(format!("Missing parameter for option -{letter}")),
                }
                continue;
            }
            Some(Known { subject: Subject::Flag(flag), .. }) => Some(*flag),
            None => None,
        };
        match (flag, attached(&mut parser, &spelling)) {
            (Some(flag), None) => typed.flags.push(flag),
            (_, value) => {
                wrong.push(format!("Unknown option {spelling}{}", value.unwrap_or_default()));
            }
        }
    }
    Some(typed)
}

/// What is attached to an option that has no value; behind a letter there are other letters.
fn attached(parser: &mut lexopt::Parser, spelling: &str) -> Option<String> {
    let value = spelling.starts_with("--").then(|| parser.optional_value()).flatten()?;
    Some(format!("={}", value.to_string_lossy()))
}

fn by_letter(letter: char) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.letter == letter)
}

/// The option of that name, or the only one that begins so.
fn by_name(name: &str) -> Option<&'static Known> {
    let mut begun = KNOWN.iter().filter(|known| known.name.starts_with(name));
    let only = begun.next().filter(|_| begun.next().is_none());
    KNOWN.iter().find(|known| known.name == name).or(only)
}

impl Typed {
    fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }

    /// # Errors
    /// When that is no value of the option, in keepalived's words.
    fn set(&mut self, value: Value, text: String) -> Result<(), String> {
        match value {
            Value::Server => {
                let ip = text.parse().map_err(|_| format!("server should be an IP, not {text}"))?;
                self.server = Some(ip);
            }
            Value::Port => {
                let port = number(&text).and_then(|number| u16::try_from(number).ok());
                let port = port.filter(|port| *port != 0);
                self.port = Some(port.ok_or_else(|| format!("invalid port number '{text}'"))?);
            }
            Value::Mark => {
                let mark = number(&text).and_then(|number| u32::try_from(number).ok());
                self.mark = mark.ok_or_else(|| format!("invalid fwmark '{text}'"))?;
            }
            Value::Timeout => {
                let seconds = number(&text).ok_or_else(|| format!("invalid timeout '{text}'"))?;
                self.timeout = Some(Duration::from_secs(seconds));
            }
            Value::Version => self.version = Some(version(&text)?),
            Value::Url => self.url = Some(text),
            Value::Host => self.host = Some(text),
        }
        Ok(())
    }
}

fn version(text: &str) -> Result<HttpVersion, String> {
    match text {
        "1.0" => Ok(HttpVersion::V1_0),
        "1.0c" | "1.0C" => Ok(HttpVersion::V1_0Close),
        "1.1" => Ok(HttpVersion::V1_1),
        other => Err(format!("invalid HTTP protocol version '{other}'")),
    }
}

/// What is asked for; `None` when something is missing.
fn options(typed: Typed) -> Option<Options> {
    let to = SocketAddr::new(typed.server?, typed.port?);
    let timeout = typed.timeout.unwrap_or(UNLIMITED);
    let verbose = typed.has(Flag::Verbose);
    let name = typed.host.clone().filter(|_| typed.has(Flag::Sni));
    let tls = Tls { name, compliant: false, verify: false };
    let request = Request {
        connect: Connect { to, from: None, link: None, mark: typed.mark, timeout },
        patience: Duration::MAX,
        tls: typed.has(Flag::Tls).then(|| Box::new(tls)),
        path: typed.url.clone()?,
        host: typed.host.clone().unwrap_or_else(|| to.to_string()),
        version: typed.version.unwrap_or(HttpVersion::V1_0),
        statuses: Vec::new(),
        digest: None,
        pattern: None,
        virtual_host: typed.host,
    };
    Some(Options { request, verbose })
}

/// Decimal digits, perhaps after blanks and a plus, as the C library reads them; what is too much
/// to be counted is the most.
fn number(text: &str) -> Option<u64> {
    let text = text.trim_start();
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

fn usage(program: &str) -> String {
    format!(
        "Usage: {program} COMMAND [OPTIONS]
Commands:
   -s server-address -p port -u url
   -S -s server-address -p port -u url
   -h

Options:
Either long or short options are allowed.
   --use-ssl         -S       Speak TLS, with any server.
   --use-sni         -I       Name the virtual host in the TLS handshake (see -V).
   --server          -s       Address of the server.
   --port            -p       Port of the server.
   --url             -u       Path of the page.
   --use-virtualhost -V       Virtual host that is asked for the page.
   --verbose         -v       Show everything that comes.
   --help            -h       Show this.
   --fwmark          -m       Firewall mark of the packets.
   --protocol        -P       Version of HTTP: 1.0, 1.0c or 1.1.
                                1.0c is 1.0 with 'Connection: close'
   --timeout         -t       Seconds for each wait.
"
    )
}
