//! Rows of `global_defs`: mails about transitions.

use std::time::Duration;

use super::Row;
use super::value::{self as read, set, set_boolean, some_boolean};
use crate::block::RootDraft;
use crate::line::Line;

/// Mail.
pub(super) static MAIL: &[Row] = &[
    Row::later("notification_email_from", "sender of alert mails", |root, line| {
        root.globals.mail.from = Some(read::one(line, "emailfrom missing - ignoring")?);
        if line.len() > 2 {
            line.error("emailfrom - ignoring extra entries");
        }
        Some(())
    })
    .takes("ADDRESS", "", "the daemon's user at the host's name"),
    Row::later("smtp_server", "mail server and port", server).takes(
        "HOST [PORT]",
        "ports 1-65535",
        "no mail is sent; port 25",
    ),
    Row::later("smtp_helo_name", "name said to the mail server", |root, line| {
        let Some(word) = line.word(1) else {
            // keepalived is silent about it.
            line.notice("smtp_helo_name without a name is ignored");
            return None;
        };
        root.globals.mail.helo_name = Some(word.text);
        Some(())
    })
    .takes("NAME", "", "the host's name"),
    Row::later("smtp_connect_timeout", "seconds to wait for the mail server", timeout)
        .takes("SECS", "1-4294", "30"),
    Row::later("notification_email", "receivers of alert mails", recipients).takes(
        "{ ADDRESS... }",
        "",
        "no mail is sent",
    ),
    Row::later("smtp_alert", "mail about everything that can send mail", |root, line| {
        some_boolean(&mut root.globals.mail.alert, line)
    })
    .takes("[on|off]", "", "see the part concerned"),
    Row::later("smtp_alert_vrrp", "mail about instances and groups", |root, line| {
        some_boolean(&mut root.globals.mail.alert_vrrp, line)
    })
    .takes("[on|off]", "", "smtp_alert"),
    Row::later("smtp_alert_checker", "mail about virtual and real servers", |root, line| {
        some_boolean(&mut root.globals.mail.alert_checker, line)
    })
    .takes("[on|off]", "", "smtp_alert"),
    Row::later("no_email_faults", "sends no mail about faults", |root, _| {
        set(&mut root.globals.mail.no_faults)
    })
    .takes("", "", "off"),
    Row::later("no_checker_emails", "mails about real servers only", |root, line| {
        set_boolean(&mut root.globals.mail.no_checkers, line)
    })
    .takes("[on|off]", "", "off"),
];

fn server(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let host = line.required(1)?;
    let port = line.word(2);
    let number = port.as_ref().map_or(Some(25), |word| line.port(word));
    let Some(number) = number else {
        let shown = port.map(|word| word.text).unwrap_or_default();
        line.error(format!("Invalid smtp server {} {shown}", host.text));
        root.globals.mail.server = None;
        return None;
    };
    root.globals.mail.server = Some((host.text, number));
    Some(())
}

fn timeout(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let seconds: u64 = read::number(line, 0..=4294, |keyword, value| {
        format!("{keyword} '{value}' must be in [0, 4294] - ignoring")
    })?;
    if seconds == 0 {
        line.error("smtp_connect_timeout must be greater than 0, setting to 1");
    }
    root.globals.mail.connect_timeout = Duration::from_secs(seconds.max(1));
    Some(())
}

fn recipients(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let count = line.list(&mut root.globals.mail.recipients, |recipients, line| {
        recipients.extend(line.statement.words.iter().map(|word| word.text.clone()));
        Some(())
    });
    if count == 0 {
        line.error_at_end("Warning - empty notification_email block");
    }
    Some(())
}
