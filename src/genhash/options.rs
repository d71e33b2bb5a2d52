//! The command line of `genhash`, and its complaints (compat 23).

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, CommandFactory as _, Parser};
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

/// The options as typed.
#[derive(Debug, Parser)]
#[command(
    disable_help_flag = true,
    disable_version_flag = true,
    infer_long_args = true,
    args_override_self = true
)]
struct Words {
    #[arg(short = 'S', long = "use-ssl", action = ArgAction::Count)]
    tls: u8,
    #[arg(short = 'I', long = "use-sni", action = ArgAction::Count)]
    sni: u8,
    #[arg(short = 's', long = "server", allow_hyphen_values = true)]
    server: Option<String>,
    #[arg(short = 'p', long = "port", allow_hyphen_values = true)]
    port: Option<String>,
    #[arg(short = 'u', long = "url", allow_hyphen_values = true)]
    url: Option<String>,
    #[arg(short = 'V', long = "use-virtualhost", allow_hyphen_values = true)]
    host: Option<String>,
    #[arg(short = 'm', long = "fwmark", allow_hyphen_values = true)]
    mark: Option<String>,
    #[arg(short = 'P', long = "protocol", allow_hyphen_values = true)]
    version: Option<String>,
    #[arg(short = 't', long = "timeout", allow_hyphen_values = true)]
    timeout: Option<String>,
    #[arg(short = 'v', long = "verbose", action = ArgAction::Count)]
    verbose: u8,
    #[arg(short = 'h', long = "help", action = ArgAction::Count)]
    help: u8,
    #[arg(hide = true)]
    unexpected: Vec<String>,
}

/// Reads the command line.
///
/// # Errors
/// With what is to be said of it.
pub(super) fn read(program: &str, arguments: &[String]) -> Result<Options, String> {
    let complain = |what: &str| {
        let what = if what.is_empty() { String::new() } else { format!("{what}\n") };
        format!("{what}{}", usage(program))
    };
    let words = Words::try_parse_from(std::iter::once(&program.to_owned()).chain(arguments));
    let words = words.map_err(|error| complain(&refused(&error)))?;
    if words.help > 0 {
        return Err(complain(""));
    }
    if !words.unexpected.is_empty() {
        return Err(complain(&format!("Unexpected argument(s): {}", words.unexpected.join(" "))));
    }
    options(words).map_err(|what| complain(&what))
}

/// What keepalived calls a mistake.
fn refused(error: &clap::Error) -> String {
    let option = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(option)) => option.split(' ').next().unwrap_or_default(),
        Some(_) | None => "",
    };
    let missing = matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::WrongNumberOfValues);
    if missing {
        return format!("Missing parameter for option {}", short(option));
    }
    format!("Unknown option {option}")
}

/// The short form of an option, which is the one that complaints name.
fn short(long: &str) -> String {
    let command = Words::command();
    let mut arguments = command.get_arguments();
    let known =
        arguments.find(|arg| arg.get_long().is_some_and(|name| long == format!("--{name}")));
    let letter = known.and_then(clap::Arg::get_short);
    letter.map_or_else(|| long.to_owned(), |letter| format!("-{letter}"))
}

fn options(words: Words) -> Result<Options, String> {
    let server = words.server.map(|text| match text.parse::<IpAddr>() {
        Ok(ip) => Ok(ip),
        Err(_) => Err(format!("server should be an IP, not {text}")),
    });
    let port = words.port.map(|text| {
        number(&text, 1..=u64::from(u16::MAX))
            .and_then(|port| u16::try_from(port).ok())
            .ok_or_else(|| format!("invalid port number '{text}'"))
    });
    let mark = words.mark.map_or(Ok(0), |text| {
        number(&text, 0..=u64::from(u32::MAX))
            .and_then(|mark| u32::try_from(mark).ok())
            .ok_or_else(|| format!("invalid fwmark '{text}'"))
    });
    let timeout = words.timeout.map_or(Ok(UNLIMITED), |text| {
        number(&text, 0..=u64::MAX)
            .map(Duration::from_secs)
            .ok_or_else(|| format!("invalid timeout '{text}'"))
    });
    let version = match words.version.as_deref() {
        None | Some("1.0") => Ok(HttpVersion::V1_0),
        Some("1.0c" | "1.0C") => Ok(HttpVersion::V1_0Close),
        Some("1.1") => Ok(HttpVersion::V1_1),
        Some(other) => Err(format!("invalid HTTP protocol version '{other}'")),
    };
    let (server, port) = (server.transpose()?, port.transpose()?);
    let (mark, timeout, version) = (mark?, timeout?, version?);
    // Whoever says too little gets usage alone.
    let ((server, port), path) = server.zip(port).zip(words.url).ok_or_else(String::new)?;
    let to = SocketAddr::new(server, port);
    let name = words.host.clone().filter(|_| words.sni > 0);
    let tls = Tls { name, compliant: false, verify: false };
    let request = Request {
        connect: Connect { to, from: None, link: None, mark, timeout },
        patience: Duration::MAX,
        path,
        host: words.host.clone().unwrap_or_else(|| to.to_string()),
        virtual_host: words.host,
        version,
        statuses: Vec::new(),
        digest: None,
        pattern: None,
        tls: (words.tls > 0).then(|| Box::new(tls)),
    };
    Ok(Options { request, verbose: words.verbose > 0 })
}

/// Decimal digits and nothing else, within these limits.
fn number(text: &str, limits: std::ops::RangeInclusive<u64>) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && limits.contains(number))
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
