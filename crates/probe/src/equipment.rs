//! What attempts need that is made once for all of them: the client of TLS, and the patterns.
//!
//! Decides what of a configuration is needed, and what may be wrong with it.

use std::collections::HashMap;

use lvs::config::{CheckKind, Config};
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
        let mut equipment = Self::default();
        let servers = config.virtual_servers.iter().flat_map(|vs| &vs.real_servers);
        let checks = servers.flat_map(|rs| &rs.checks);
        for check in checks {
            let (CheckKind::Http(web) | CheckKind::Ssl(web)) = &check.kind else { continue };
            for request in &web.urls {
                equipment.serve(config, request)?;
            }
        }
        Ok(equipment)
    }

    /// What one request needs that shows nothing of this machine.
    ///
    /// # Errors
    /// When TLS cannot be spoken at all.
    pub fn for_one(request: &Request) -> Result<Self, Error> {
        let mut equipment = Self::default();
        equipment.serve(&Config::default(), request)?;
        Ok(equipment)
    }

    /// Also what this request needs.
    fn serve(&mut self, config: &Config, request: &Request) -> Result<(), Error> {
        if request.tls.is_some() && self.tls.is_none() {
            let material = config.tls.as_deref().cloned().unwrap_or_default();
            self.tls = Some(Client::new(&material)?);
        }
        let Some(pattern) = request.pattern.as_deref() else { return Ok(()) };
        if !self.patterns.contains_key(pattern) {
            let compiled =
                compile(pattern).map_err(|error| Error::Pattern(pattern.text.clone(), error))?;
            self.patterns.insert(pattern.clone(), compiled);
        }
        Ok(())
    }

    pub(crate) const fn tls(&self) -> Option<&Client> {
        self.tls.as_ref()
    }

    pub(crate) fn pattern(&self, request: &Request) -> Option<&Compiled> {
        self.patterns.get(request.pattern.as_deref()?)
    }
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
