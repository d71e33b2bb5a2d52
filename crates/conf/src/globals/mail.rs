//! Mail settings.

use std::time::Duration;

/// Mail settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// `notification_email_from`.
    pub from: Option<String>,
    /// `notification_email`: the recipients.
    pub recipients: Vec<String>,
    /// `smtp_server`: host name or address, and port.
    pub server: Option<(String, u16)>,
    /// `smtp_helo_name`.
    pub helo_name: Option<String>,
    /// `smtp_connect_timeout`, at least a second.
    pub connect_timeout: Duration,
    /// `smtp_alert`: default for everything that can send mail.
    pub alert: Option<bool>,
    /// `smtp_alert_vrrp`.
    pub alert_vrrp: Option<bool>,
    /// `smtp_alert_checker`.
    pub alert_checker: Option<bool>,
    /// `no_email_faults`.
    pub no_faults: bool,
    /// `no_checker_emails`.
    pub no_checkers: bool,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            from: None,
            recipients: Vec::new(),
            server: None,
            helo_name: None,
            connect_timeout: Duration::from_secs(30),
            alert: None,
            alert_vrrp: None,
            alert_checker: None,
            no_faults: false,
            no_checkers: false,
        }
    }
}
