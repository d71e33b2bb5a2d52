//! What `global_defs` says of the daemon itself: names, mail, scripts, pipes, files.

use super::{Writer, account_words, changed};
use crate::{DynamicInterfaces, Fifo, Files, Globals, Mail, NotifyFifo, OneTimeScript};

pub(super) fn print(globals: &Globals, out: &mut Writer) {
    names(globals, out);
    mail(&globals.mail, out);
    scripts(globals, out);
    fifo("notify_fifo", &globals.fifos.all, out);
    fifo("vrrp_notify_fifo", &globals.fifos.vrrp, out);
    fifo("lvs_notify_fifo", &globals.fifos.lvs, out);
    out.flag("fifo_write_vrrp_states_on_reload", globals.fifos.states_on_reload);
    let mask = changed(globals.umask, Globals::default().umask);
    out.value("umask", mask.map(|mask| format!("0{mask:o}")));
    files(&globals.files, out);
}

fn names(globals: &Globals, out: &mut Writer) {
    out.value("router_id", globals.router_id.as_ref());
    out.flag("process_names", globals.names.distinct);
    out.value("process_name", globals.names.main.as_ref());
    out.value("vrrp_process_name", globals.names.vrrp.as_ref());
    out.value("checker_process_name", globals.names.checker.as_ref());
    out.value("bfd_process_name", globals.names.bfd.as_ref());
    match globals.dynamic_interfaces {
        DynamicInterfaces::Off => {}
        DynamicInterfaces::On => out.statement("dynamic_interfaces", &[]),
        DynamicInterfaces::AllowChanges => {
            out.statement("dynamic_interfaces", &["allow_if_changes"]);
        }
    }
    out.value("default_interface", globals.default_interface.as_ref());
}

fn mail(mail: &Mail, out: &mut Writer) {
    let default = Mail::default();
    out.value("notification_email_from", mail.from.as_ref());
    if !mail.recipients.is_empty() {
        out.block("notification_email", &[], |out| {
            for recipient in &mail.recipients {
                out.line(&[recipient]);
            }
        });
    }
    if let Some((host, port)) = &mail.server {
        out.statement("smtp_server", &[host, &port.to_string()]);
    }
    out.value("smtp_helo_name", mail.helo_name.as_ref());
    out.seconds("smtp_connect_timeout", changed(mail.connect_timeout, default.connect_timeout));
    out.boolean("smtp_alert", mail.alert);
    out.boolean("smtp_alert_vrrp", mail.alert_vrrp);
    out.boolean("smtp_alert_checker", mail.alert_checker);
    out.flag("no_email_faults", mail.no_faults);
    out.flag("no_checker_emails", mail.no_checkers);
}

/// An account that does not exist is left out: nothing that would have needed it is left either.
fn scripts(globals: &Globals, out: &mut Writer) {
    let policy = &globals.scripts;
    if let Some(account) = policy.user.flatten() {
        let [user, group] = account_words(account);
        out.statement("script_user", &[&user, &group]);
    }
    out.flag("enable_script_security", policy.secure);
    out.flag("use_symlink_paths", policy.use_symlink_paths);
    out.flag("set_supplementary_groups", policy.further_groups);
    let default = OneTimeScript::default().timeout;
    out.command("startup_script", globals.startup.command.as_ref());
    out.seconds("startup_script_timeout", changed(globals.startup.timeout, default));
    out.command("shutdown_script", globals.shutdown.command.as_ref());
    out.seconds("shutdown_script_timeout", changed(globals.shutdown.timeout, default));
}

fn fifo(keyword: &str, fifo: &NotifyFifo, out: &mut Writer) {
    if let Some(Fifo { path, owner }) = &fifo.fifo {
        let [user, group] = account_words(*owner);
        out.statement(keyword, &[&path.display().to_string(), &user, &group]);
    }
    out.command(&format!("{keyword}_script"), fifo.script.as_ref());
}

fn files(files: &Files, out: &mut Writer) {
    out.flag("data_use_instance", files.data_use_instance);
    out.value("json_version", changed(files.json_version, Files::default().json_version));
    out.path("iproute_usr_dir", files.iproute_usr_directory.as_ref());
    out.path("iproute_etc_dir", files.iproute_etc_directory.as_ref());
    out.path("state_dump_file", files.state_dump.as_ref());
    out.path("stats_dump_file", files.stats_dump.as_ref());
    out.path("json_dump_file", files.json_dump.as_ref());
}
