//! Servers of TLS with which the programs of this system do not speak; checks do.

use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::{Host, Process, need};

use super::real::{certificate, nginx_with};
use super::{Beside, Case, REMOVED, SERVER, check, lines_of};
use crate::support::LIMIT;

const PORT: u16 = 8001;
const SPOKEN_WITH: [&str; 1] = ["Remote Web server $S succeed on service."];
const REFUSED: [&str; 3] = [
    "SSL handshake/communication error connecting to server $S.",
    "HTTP_CHECK on service $S failed after 1 retries.",
    REMOVED,
];

fn case(name: &str, port: u16) -> Case {
    let check = check("SSL_GET", "url {\n path /x\n }");
    Case { name: name.to_owned(), port, check, lines: Vec::new() }
}

/// A server of TLS 1.2 by another library, with these words about what it knows.
fn gnutls(host: &Host, words: &str) -> Process {
    need(&["gnutls-serv"]);
    let (key, certificate) = certificate(host);
    let (port, priority) = (PORT.to_string(), format!("NORMAL:-VERS-ALL:+VERS-TLS1.2{words}"));
    let place = ["gnutls-serv", "--http", "--quiet", "--port", &*port];
    let files = ["--x509keyfile", &*key, "--x509certfile", &*certificate];
    host.spawn("gnutls", place.into_iter().chain(files).chain(["--priority", &*priority]))
}

/// The original leaves it to the library, which refuses since its version 3.
#[test]
fn a_server_that_cannot_renegotiate_safely_is_spoken_with() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("renegotiation");
        let server = gnutls(&beside.server, ":%DISABLE_SAFE_RENEGOTIATION");
        let listens = || server.log().has("listening on IPv4");
        beside.lab.wait_until("a server of TLS", LIMIT, listens);
        let case = case("unsafe renegotiation", PORT);
        let daemons = beside.start(std::slice::from_ref(&case));
        for daemon in &daemons {
            let lines: &[&str] = if daemon.is_ours() { &SPOKEN_WITH } else { &REFUSED };
            let wanted = Case { lines: lines.to_vec(), ..case.clone() }.lines();
            let enough = || lines_of(daemon, PORT).len() >= wanted.len();
            beside.lab.wait_until("lines about the server", LIMIT, enough);
            assert_eq!(lines_of(daemon, PORT), wanted, "{}", beside.lab.logs());
        }
    });
}

/// What the library's configuration allows on a machine is for those who ask for it: the original
/// has the library not read it.
#[test]
fn what_the_system_switches_off_is_spoken_all_the_same() {
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let beside = Beside::new("switched-off");
        let serve = |port: u16, words: &str| {
            format!(
                "server {{ listen {port} ssl; {words};\n \
                 location / {{ return 200 good; }} }}\n"
            )
        };
        let servers = serve(PORT, "ssl_protocols TLSv1.2")
            + &serve(PORT + 1, "ssl_protocols TLSv1.3; ssl_ecdh_curve X25519");
        let _server = nginx_with(&beside.server, &servers);
        beside.wait_for_tls(PORT);
        let conf = beside.server.write(
            "openssl.cnf",
            "openssl_conf = all\n[all]\nssl_conf = tls\n[tls]\nsystem_default = system\n\
             [system]\nMinProtocol = TLSv1.3\nGroups = P-521\n",
        );
        let environment = format!("OPENSSL_CONF={}", conf.display());
        for port in [PORT, PORT + 1] {
            let place = format!("{SERVER}:{port}");
            let words = ["env", &*environment, "openssl", "s_client", "-connect", &*place];
            assert_ne!(beside.ours.run(words).code, Some(0), "the library does not speak with it");
        }
        let mut cases = [case("an old version", PORT), case("another group", PORT + 1)];
        cases.iter_mut().for_each(|case| case.lines = SPOKEN_WITH.to_vec());
        let daemons = beside.start_through(&["env", &environment], &cases);
        beside.expect(&daemons, &cases);
    });
}
