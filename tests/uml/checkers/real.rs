//! Checks of a real server: nginx with every version of TLS.

use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::{Host, Process, need};

use super::{Beside, Case, REMOVED, check, configuration, lines_of};
use crate::support::{LIMIT, under_test};

const PORT: u16 = 8001;

/// Servers of TLS on ports of their own: each speaks one version, the fifth all of them and
/// wants to hear the name of its host.
fn nginx(host: &Host) -> Process {
    need(&["nginx", "openssl"]);
    let directory = host.directory().display().to_string();
    let key = format!("{directory}/key.pem");
    let certificate = format!("{directory}/certificate.pem");
    let words = "openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=www.example.com \
                 -addext subjectAltName=DNS:www.example.com -keyout";
    host.ok(words.split(' ').filter(|word| !word.is_empty()).chain([&*key, "-out", &*certificate]));
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("{kind}_temp_path {directory}/temporary-{kind};\n"))
        .collect();
    let versions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "TLSv1.2 TLSv1.3"];
    let servers: String = (PORT..)
        .zip(versions)
        .map(|(port, version)| {
            let named = "if ($ssl_server_name != www.example.com) { return 404; }";
            let rule = if version.contains(' ') { named } else { "" };
            format!(
                "server {{ listen {port} ssl; ssl_protocols {version}; \
                 ssl_ciphers ALL:@SECLEVEL=0; ssl_certificate {certificate}; \
                 ssl_certificate_key {key}; {rule}\n location / {{ return 200 good; }} }}\n"
            )
        })
        .collect();
    let text = format!(
        "daemon off;\nmaster_process off;\npid {directory}/nginx.pid;\nerror_log stderr;\n\
         events {{ }}\nhttp {{\naccess_log off;\n{temporary}{servers}}}\n"
    );
    let file = host.write("nginx.conf", &text).display().to_string();
    host.spawn("nginx", ["nginx", "-e", "stderr", "-p", &*directory, "-c", &*file])
}

fn case(name: &str, port: u16, check: String, lines: &[&'static str]) -> Case {
    Case { name: name.to_owned(), port, check, lines: lines.to_vec() }
}

fn in_guest(test: impl FnOnce()) {
    Guest::new().limit(Duration::from_secs(240)).run(test);
}

const SECURE: &str = "url {\n path /x\n }";
const GOOD: &str = "Remote Web server $S succeed on service.";

/// Since the system's configuration forbids old versions, the original does not speak them.
#[test]
fn every_version_of_tls_is_spoken_and_certificates_are_verified_if_that_is_wanted() {
    in_guest(|| {
        let beside = Beside::new("versions");
        let _server = nginx(&beside.server);
        let verified = |name: &str| format!("tls_verify\n virtualhost {name}\n {SECURE}");
        let handshake: &[&str] = &[
            "SSL handshake/communication error connecting to server $S.",
            "HTTP_CHECK on service $S failed after 1 retries.",
            REMOVED,
        ];
        let cases = [
            case("TLS 1.0", PORT, check("SSL_GET", SECURE), &[GOOD]),
            case("TLS 1.1", PORT + 1, check("SSL_GET", SECURE), &[GOOD]),
            case(
                "the right name",
                PORT + 2,
                check("SSL_GET", &verified("www.example.com")),
                &[GOOD],
            ),
            case("another name", PORT + 3, check("SSL_GET", &verified("example.com")), handshake),
        ];
        let authority = beside.server.file("certificate.pem");
        let text = format!("SSL {{\n ca {}\n }}\n{}", authority.display(), configuration(&cases));
        let daemon = beside.ours.daemon(&under_test()).start(&text);
        for case in &cases {
            let enough = || lines_of(&daemon, case.port).len() >= case.lines.len();
            beside.lab.wait_until(&case.name, LIMIT, enough);
            assert_eq!(lines_of(&daemon, case.port), case.lines(), "{}", case.name);
        }
    });
}
