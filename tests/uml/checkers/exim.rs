//! A real mail server.

use testkit::lab::{Host, Process, need};

/// exim on a port. `main` are further options, `more` what comes after `begin`.
pub(super) fn exim(host: &Host, port: u16, main: &str, more: &str) -> Process {
    need(&["exim4"]);
    let directory = host.directory().display().to_string();
    let spool = format!("{directory}/spool");
    host.ok(["mkdir", "-p", "-m", "0777", &*spool]);
    host.ok(["chmod", "0755", &*directory]);
    let text = format!(
        "primary_hostname = mail.example.com\nspool_directory = {spool}\n\
         log_file_path = {spool}/log-%slog\npid_file_path = {spool}/pid\nhost_lookup =\n\
         rfc1413_query_timeout = 0s\nkeep_environment =\n{main}\nbegin {more}"
    );
    let file = host.write("exim.conf", &text).display().to_string();
    let port = format!("0.0.0.0.{port}");
    host.spawn("exim", ["exim4", "-bdf", "-C", &*file, "-oX", &*port])
}
