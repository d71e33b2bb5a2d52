//! What a configuration is read against: the interfaces, the host's name, the search path.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use conf::{Environment, Loaded};

use crate::cli::Options;

/// Reads the configuration in the network namespace that it names, entering it first.
///
/// # Errors
/// When that namespace cannot be entered, or the interfaces cannot be listed.
pub(crate) fn load(options: &Options) -> Result<Loaded, Error> {
    if let Some(name) = &options.namespace {
        enter(name)?;
        return reload(options, false);
    }
    let loaded = reload(options, false)?;
    match &loaded.config.globals.net_namespace {
        // Other interfaces are there: everything that was said about them is void.
        Some(name) => enter(name).and_then(|()| reload(options, false)),
        None => Ok(loaded),
    }
}

fn enter(name: &str) -> Result<(), Error> {
    sys::namespace::enter_network(name).map_err(|error| Error::Namespace(name.to_owned(), error))
}

/// Reads the configuration again, in the namespace where the daemon is. A daemon that refuses
/// scripts that others could change goes on to do so.
///
/// # Errors
/// When the interfaces cannot be listed.
pub(crate) fn reload(options: &Options, secure_scripts: bool) -> Result<Loaded, Error> {
    let links = rtnl::Socket::open().and_then(|mut socket| socket.links()).map_err(Error::Links)?;
    let environment = Environment { secure_scripts, ..environment(options, links) };
    Ok(conf::load(Path::new(&options.config), &environment))
}

/// Why the world cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The network namespace cannot be entered.
    #[error("Unable to set network namespace {0} - exiting: {1}")]
    Namespace(String, sys::namespace::NamespaceError),
    /// The interfaces cannot be listed.
    #[error("Cannot list the network interfaces: {0}")]
    Links(rtnl::Error),
}

fn environment(options: &Options, links: Vec<net::Link>) -> Environment {
    let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
    Environment {
        script_root: std::path::PathBuf::new(),
        links,
        host_name: host.unwrap_or_default(),
        config_id: options.config_id.clone(),
        variables: std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect(),
        seed: seed(),
        generated_limit: None,
        processors: processors(),
        search_path: std::env::var("PATH").unwrap_or_default(),
        testing: options.tests(),
        all_config: options.all_config,
        secure_scripts: false,
    }
}

/// The processors of the machine, whichever of them this process may use.
fn processors() -> Option<u32> {
    let count = nix::unistd::sysconf(nix::unistd::SysconfVar::_NPROCESSORS_ONLN);
    count.ok().flatten().and_then(|count| u32::try_from(count).ok())
}

/// Something else each time; a configuration that wants the same names a `random_seed`.
fn seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_secs().wrapping_mul(1_000_000_007).wrapping_add(now.subsec_nanos().into())
}
