//! Checks of real servers: nginx with TLS, exim and nsd.

use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::{Host, Process, Signal, need};

use super::exim::exim;
use super::{ADDED, Beside, Case, REMOVED, check, configuration, lines_of};
use crate::support::{LIMIT, under_test};

const PORT: u16 = 8001;
const MAIL: u16 = 8101;
const NAMES: u16 = 8102;
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// Servers of TLS on ports of their own: each speaks one version, the fifth all of them and
/// wants to hear the name of its host.
fn nginx(host: &Host) -> Process {
    let versions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "TLSv1.2 TLSv1.3"];
    let servers: String = (PORT..)
        .zip(versions)
        .map(|(port, version)| {
            let named = "if ($ssl_server_name != www.example.com) { return 404; }";
            let rule = if version.contains(' ') { named } else { "" };
            format!(
                "server {{ listen {port} ssl; ssl_protocols {version}; {rule}\n \
                 location / {{ return 200 good; }} }}\n"
            )
        })
        .collect();
    nginx_with(host, &servers)
}

/// Servers of TLS for www.example.com, with [`certificate`].
pub(super) fn nginx_with(host: &Host, servers: &str) -> Process {
    need(&["nginx"]);
    let directory = host.directory().display().to_string();
    let (key, certificate) = certificate(host);
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("{kind}_temp_path {directory}/temporary-{kind};\n"))
        .collect();
    let text = format!(
        "daemon off;\nmaster_process off;\npid {directory}/nginx.pid;\nerror_log stderr;\n\
         events {{ }}\nhttp {{\naccess_log off;\nssl_ciphers ALL:@SECLEVEL=0;\n\
         ssl_certificate {certificate};\nssl_certificate_key {key};\n{temporary}{servers}}}\n"
    );
    let file = host.write("nginx.conf", &text).display().to_string();
    host.spawn("nginx", ["nginx", "-e", "stderr", "-p", &*directory, "-c", &*file])
}

/// Makes a host a key, `key.pem`, and a certificate of its own for www.example.com,
/// `certificate.pem`.
pub(super) fn certificate(host: &Host) -> (String, String) {
    need(&["openssl"]);
    let file = |name| host.file(name).display().to_string();
    let (key, certificate) = (file("key.pem"), file("certificate.pem"));
    let words = "openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=www.example.com \
                 -addext subjectAltName=DNS:www.example.com -keyout";
    host.ok(words.split(' ').filter(|word| !word.is_empty()).chain([&*key, "-out", &*certificate]));
    (key, certificate)
}

fn mail(host: &Host) -> Process {
    exim(host, MAIL, "helo_allow_chars = _", "routers\nbegin transports\n")
}

fn nsd(host: &Host) -> Process {
    need(&["nsd"]);
    let directory = host.directory().display().to_string();
    host.write(
        "example.com.zone",
        "$ORIGIN example.com.\n$TTL 60\n@ SOA ns mail 1 60 60 60 60\n@ NS ns\n@ MX 1 ns\n\
         @ TXT \"text\"\nns A 192.0.2.11\nns AAAA 2001:db8::11\nwww CNAME ns\n",
    );
    let text = format!(
        "server:\n ip-address: 0.0.0.0@{NAMES}\n username: \"\"\n zonesdir: \"{directory}\"\n \
         pidfile: \"{directory}/nsd.pid\"\n xfrdfile: \"{directory}/xfrd\"\n \
         zonelistfile: \"{directory}/zones\"\n database: \"\"\nremote-control:\n \
         control-enable: no\nzone:\n name: example.com\n zonefile: example.com.zone\n"
    );
    let file = host.write("nsd.conf", &text).display().to_string();
    host.spawn("nsd", ["nsd", "-d", "-c", &*file])
}

fn stop(mut server: Process) {
    server.signal(Signal::SIGTERM);
    assert!(server.wait_exit(STOP_LIMIT).is_some(), "{}", server.log().text());
}

fn case(name: &str, port: u16, check: String, lines: &[&'static str]) -> Case {
    Case { name: name.to_owned(), port, check, lines: lines.to_vec() }
}

fn in_guest(test: impl FnOnce()) {
    Guest::new().limit(Duration::from_secs(240)).run(test);
}

const SECURE: &str = "url {\n path /x\n }";
const GOOD: &str = "Remote Web server $S succeed on service.";
const MAIL_GOOD: &str = "Remote SMTP server $S succeed on service.";

#[test]
fn real_servers_are_followed_as_by_the_original() {
    in_guest(|| {
        let beside = Beside::new("real");
        let servers = (nginx(&beside.server), mail(&beside.server), nsd(&beside.server));
        let named = "enable_sni\n virtualhost www.example.com\n url {\n path /x\n }";
        // The address is that of a type which the zone has, and of one which it has not.
        let kinds = ["A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA", "RRSIG", "DNSKEY"];
        let mut cases = vec![
            case("TLS 1.2", PORT + 2, check("SSL_GET", SECURE), &[GOOD]),
            case("TLS 1.3", PORT + 3, check("SSL_GET", SECURE), &[GOOD]),
            case("with a name", PORT + 4, check("SSL_GET", named), &[GOOD]),
            case("mail", MAIL, check("SMTP_CHECK", ""), &[MAIL_GOOD]),
        ];
        for (number, kind) in (0..).zip(kinds) {
            // Who has to prove itself first is told of when it has.
            let words =
                format!("connect_port {NAMES}\n type {kind}\n name www.example.com\n alpha");
            cases.push(case(kind, 8200 + number, check("DNS_CHECK", &words), &[ADDED]));
        }
        let words = format!("connect_port {NAMES}\n type A\n name www.example.org");
        const REFUSED: &str = "DNS_CHECK ($S) read error occurred. (rcode = 5)";
        cases.push(case("another zone", 8300, check("DNS_CHECK", &words), &[REFUSED, REMOVED]));
        // The first failed check would be final.
        beside.lab.wait_until("nsd to answer", LIMIT, || servers.2.log().has("nsd started"));
        let daemons = beside.start(&cases);
        beside.expect(&daemons, &cases);

        stop(servers.0);
        stop(servers.1);
        let gone = [
            "Connection failed server $S.",
            "Connection failed server $S.",
            "HTTP_CHECK on service $S failed after 1 retries.",
            REMOVED,
        ];
        cases[..3].iter_mut().for_each(|case| case.lines.extend(gone));
        const CLOSED: &str = "SMTP_CHECK Could not connect to server $D";
        cases[3].lines.extend([CLOSED, CLOSED, REMOVED]);
        beside.expect(&daemons, &cases);
        let _servers = (nginx(&beside.server), mail(&beside.server));
        const STATUS: &str = "HTTP status code success to $S url(/x)";
        cases[..3].iter_mut().for_each(|case| case.lines.extend([STATUS, STATUS, GOOD, ADDED]));
        cases[3].lines.extend([MAIL_GOOD, ADDED]);
        beside.expect(&daemons, &cases);
        stop(servers.2);
    });
}

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
