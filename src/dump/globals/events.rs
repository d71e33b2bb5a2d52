//! Who is told of transitions: mail and named pipes.

use conf::{Fifo, Fifos, Mail, NotifyFifo};

use super::Sheet;
use crate::dump::command::quoted;

pub(super) fn mail(mail: &Mail, sheet: &mut Sheet) {
    let Mail {
        from,
        recipients,
        server,
        helo_name,
        connect_timeout,
        alert,
        alert_vrrp,
        alert_checker,
        no_faults,
        no_checkers,
    } = mail;
    if let Some((host, port)) = server {
        sheet.set("Smtp server", host);
        sheet.set("Smtp server port", port);
    }
    sheet.given("Smtp HELO name", helo_name.as_ref());
    sheet.set("Smtp server connection timeout", connect_timeout.as_secs());
    sheet.given("Email notification from", from.as_ref());
    sheet.say_if(!recipients.is_empty(), "Email notification to:");
    recipients.iter().for_each(|recipient| sheet.say(format_args!("  {recipient}")));
    sheet.set("Default smtp_alert", choice(*alert));
    sheet.set("Default smtp_alert_vrrp", choice(*alert_vrrp));
    sheet.set("Default smtp_alert_checker", choice(*alert_checker));
    sheet.say_if(*no_faults, "Send emails for fault transitions = off");
    sheet.set("no_checker_emails", u8::from(*no_checkers));
}

fn choice(set: Option<bool>) -> &'static str {
    match set {
        None => "unset",
        Some(true) => "on",
        Some(false) => "off",
    }
}

pub(super) fn fifos(fifos: &Fifos, sheet: &mut Sheet) {
    let Fifos { all, vrrp, lvs, states_on_reload } = fifos;
    fifo("Global", all, sheet);
    fifo("VRRP", vrrp, sheet);
    fifo("LVS", lvs, sheet);
    sheet.set("FIFO write vrrp states on reload", states_on_reload);
}

/// The script is shown as it runs: the pipe is its last word.
fn fifo(name: &str, told: &NotifyFifo, sheet: &mut Sheet) {
    let NotifyFifo { fifo, script } = told;
    let Some(Fifo { path, owner }) = fifo else { return };
    let path = path.display().to_string();
    let ids = format!("uid:gid {}:{}", owner.uid, owner.gid);
    sheet.set(&format!("{name} notify fifo"), format_args!("{path}, {ids}"));
    if let Some(script) = script {
        let words: Vec<String> = script.argv.iter().chain([&path]).cloned().collect();
        let ids = format!("uid:gid {}:{}", script.account.uid, script.account.gid);
        sheet.set(&format!("{name} notify fifo script"), format_args!("{}, {ids}", quoted(&words)));
    }
}
