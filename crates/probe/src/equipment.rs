//! What attempts need that is made once for all of them: the client of TLS, and the patterns.
//!
//! Decides what of a configuration is needed, and what may be wrong with it.

use std::collections::HashMap;

use lvs::config::{CheckKind, Config, TlsMaterial};
use lvs::{Pattern, Request};
use sys::pattern::{Compiled, NoPattern};

use crate::tls::{self, Client};

/// The equipment of one configuration.
#[derive(Debug, Default)]
pub struct Equipment {
    /// Only where TLS is spoken.
    tls: Option<Client>,
    patterns: HashMap<Pattern, Compiled>,
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the `SSL` block.
    #[error(transparent)]
    Tls(#[from] tls::Error),
    /// A pattern is none.
    #[error("regex {0}: {1}")]
    Pattern(String, NoPattern),
}

impl Equipment {
    /// Makes what the checks of this configuration need. Reads the files of its `SSL` block when
    /// one of them speaks TLS.
    ///
    /// # Errors
    /// When such a file cannot be used, or a pattern is none.
    pub fn of(config: &Config) -> Result<Self, Error> {
        let patterns = patterns_of(requests_of(config))?;
        Ok(Self { tls: client_of(config)?, patterns })
    }

    /// The same in place of this one, whose client of TLS stays when the files for a new one cannot
    /// be used. That is what is said beside.
    ///
    /// # Errors
    /// When a pattern is none.
    pub fn renewed(&self, config: &Config) -> Result<(Self, Result<(), Error>), Error> {
        let patterns = patterns_of(requests_of(config))?;
        let (tls, flaw) = match client_of(config) {
            Ok(tls) => (tls, Ok(())),
            Err(error) => (self.tls.clone(), Err(error.into())),
        };
        Ok((Self { tls, patterns }, flaw))
    }

    /// What one request needs that shows nothing of this machine.
    ///
    /// # Errors
    /// When TLS cannot be spoken at all, or the pattern is none.
    pub fn for_one(request: &Request) -> Result<Self, Error> {
        let client = || Client::new(&TlsMaterial::default());
        let tls = request.tls.is_some().then(client).transpose()?;
        Ok(Self { tls, patterns: patterns_of(std::iter::once(request))? })
    }

    pub(crate) const fn tls(&self) -> Option<&Client> {
        self.tls.as_ref()
    }

    pub(crate) fn pattern(&self, request: &Request) -> Option<&Compiled> {
        self.patterns.get(request.pattern.as_deref()?)
    }
}

fn requests_of(config: &Config) -> impl Iterator<Item = &Request> {
    let servers = config.virtual_servers.iter().flat_map(|vs| &vs.real_servers);
    let urls = servers.flat_map(|rs| &rs.checks).flat_map(|check| match &check.kind {
        CheckKind::Http(web) | CheckKind::Ssl(web) => &*web.urls,
        CheckKind::Tcp(_) | CheckKind::Smtp(_) | CheckKind::Dns(_) | CheckKind::Misc(_) => &[],
        CheckKind::Ping(_) | CheckKind::Udp(_) | CheckKind::File(_) | CheckKind::Bfd(_) => &[],
    });
    urls.map(|request| &**request)
}

fn client_of(config: &Config) -> Result<Option<Client>, tls::Error> {
    if requests_of(config).all(|request| request.tls.is_none()) {
        return Ok(None);
    }
    let material = config.tls.as_deref().cloned().unwrap_or_default();
    Client::new(&material).map(Some)
}

fn patterns_of<'a>(
    requests: impl Iterator<Item = &'a Request>,
) -> Result<HashMap<Pattern, Compiled>, Error> {
    let mut patterns = HashMap::new();
    for pattern in requests.filter_map(|request| request.pattern.as_deref()) {
        if !patterns.contains_key(pattern) {
            let compiled =
                compile(pattern).map_err(|error| Error::Pattern(pattern.text.clone(), error))?;
            patterns.insert(pattern.clone(), compiled);
        }
    }
    Ok(patterns)
}

/// Compiles a pattern as an attempt needs it.
///
/// # Errors
/// When its text is no pattern, or its options contradict each other.
pub fn compile(pattern: &Pattern) -> Result<Compiled, NoPattern> {
    let bytes = |size: u64| usize::try_from(size).unwrap_or(usize::MAX);
    let stack = pattern.stack.map(|(start, most)| (bytes(start), bytes(most)));
    Compiled::new(&pattern.text, pattern.options.names(), stack)
}
