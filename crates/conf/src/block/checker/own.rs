//! What only one kind of check has, as written: in a box of its own, since such checks are few.

use std::sync::Arc;

use lvs::ServerName;
use lvs::config::{DnsName, FileWeight, QueryType, Reply};

use super::CheckDraft;
use crate::block::command::CommandDraft;
use crate::globals::Account;
use crate::line::Spanned;

/// The own words of any kind of check; each kind uses a few of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OwnDraft {
    /// `SMTP_CHECK`: `helo_name`.
    pub(crate) helo: Option<String>,
    /// `SMTP_CHECK`: the `host` blocks.
    pub(super) hosts: Vec<CheckDraft>,
    /// `DNS_CHECK`: `type`.
    pub(crate) query: QueryType,
    /// `DNS_CHECK`: `name`.
    pub(crate) name: Option<DnsName>,
    /// `UDP_CHECK`: `payload`.
    pub(crate) payload: Option<Vec<u8>>,
    /// `UDP_CHECK`: `require_reply`.
    pub(crate) reply: Reply,
    /// `UDP_CHECK`: `min_reply_length`.
    pub(crate) min_length: Option<u16>,
    /// `UDP_CHECK`: `max_reply_length`.
    pub(crate) max_length: Option<u16>,
    /// `MISC_CHECK`: `misc_path`.
    pub(crate) command: Option<CommandDraft>,
    /// `MISC_CHECK`: `misc_timeout` in seconds; 0 is the default.
    pub(crate) timeout: u16,
    /// `MISC_CHECK`: `misc_dynamic`.
    pub(crate) dynamic: bool,
    /// `MISC_CHECK`: the account that `user` names; `Some(None)` when there is none.
    pub(crate) account: Option<Option<Account>>,
    /// `FILE_CHECK`: `track_file`.
    pub(crate) file: Option<Arc<str>>,
    /// `FILE_CHECK`: `weight`.
    pub(crate) weight: Option<FileWeight>,
    /// `BFD_CHECK`: the server that it is a check of.
    pub(super) server: Option<ServerName>,
    /// `BFD_CHECK`: `name`.
    pub(crate) session: Option<Spanned<Arc<str>>>,
    /// A session was named that is not known, which has been reported.
    pub(super) session_refused: bool,
    /// `SSL_GET`: `enable_sni`.
    pub(crate) sni: bool,
    /// `SSL_GET`: `sni_name`.
    pub(crate) sni_name: Option<String>,
    /// `SSL_GET`: `tls_compliant`.
    pub(crate) compliant: bool,
    /// `SSL_GET`: `tls_verify`.
    pub(crate) verify: bool,
}
