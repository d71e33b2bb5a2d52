//! What holds for every configuration, tried on generated ones.

use std::path::{Path, PathBuf};

use conf::{load_text, print};
use fastrand::Rng;

use crate::examples::configurations;
use crate::generate::{Pieces, configuration};
use crate::reread::{assert_none, lost};
use crate::{cases, environment};

/// More than beside the original, since nothing is started.
const FILES: u64 = 1000;

#[test]
fn generated_files_are_read_to_their_end_and_reported_whole() {
    let pieces = Pieces::read(&cases());
    for seed in 0..FILES {
        let text = configuration(seed, &pieces);
        let report = load_text("t.conf", text.as_bytes(), &environment()).report;
        let last = text.lines().count() + 1;
        for found in report.diagnostics() {
            let line = found.span.map_or(1, |span| report.sources().position(span).line);
            assert!((1..=last).contains(&line), "seed {seed}: {found:?}");
        }
        // One entry each, wherever it is shown.
        assert_eq!(report.log_lines().count(), report.diagnostics().len(), "seed {seed}");
        assert!(!report.render(false).contains('\0'), "seed {seed}");
        let again = load_text("t.conf", text.as_bytes(), &environment()).report;
        assert_eq!(report, again, "seed {seed}: a second reading says something else");
    }
}

#[test]
fn what_is_printed_of_generated_files_is_the_same_configuration() {
    let pieces = Pieces::read(&cases());
    let lost = (0..number("PRINT_FILES").unwrap_or(FILES)).filter_map(|seed| {
        let text = configuration(seed, &pieces);
        let config = load_text("t.conf", text.as_bytes(), &environment()).config;
        lost(&format!("seed {seed}"), &config, &environment())
    });
    assert_none(&lost.collect::<Vec<_>>());
}

#[test]
fn what_is_printed_of_cases_and_examples_is_the_same_configuration() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = [cases(), root.join("examples"), root.join("etc")];
    let files: Vec<PathBuf> = files.iter().flat_map(|below| configurations(below)).collect();
    assert!(files.len() >= 50, "only {} files", files.len());
    let lost = files.iter().filter_map(|path| {
        let config = conf::load(path, &environment()).config;
        lost(&path.display().to_string(), &config, &environment())
    });
    assert_none(&lost.collect::<Vec<_>>());
}

#[test]
fn words_that_mean_something_to_the_reader_are_printed_as_words() {
    let lost = (0..FILES / 4).filter_map(|seed| {
        let text = hard_words(&mut Rng::with_seed(seed));
        let config = load_text("t.conf", text.as_bytes(), &environment()).config;
        lost(&format!("seed {seed}:\n{text}"), &config, &environment())
    });
    assert_none(&lost.collect::<Vec<_>>());
}

/// What was wrong with the session is gone; that it is refused, and that the check stays, is not.
#[test]
fn a_check_stays_beside_the_session_that_was_refused() {
    let long = "p".repeat(32);
    let wrong = [
        ("p", ""),
        ("p", "neighbor_ip 192.0.2.300\n"),
        ("p", "neighbor_ip 192.0.2.9\nsource_ip 2001:db8::9\n"),
        ("p", "neighbor_ip 192.0.2.8\n"),
        ("p q", ""),
        (&long, "neighbor_ip 192.0.2.9\n"),
    ];
    for (name, body) in wrong {
        let text = format!(
            "bfd_instance good {{\nneighbor_ip 192.0.2.8\n}}\nbfd_instance \"{name}\" {{\n{body}}}\n\
             virtual_server 192.0.2.1 80 {{\nprotocol TCP\nlb_algo rr\nlb_kind NAT\n\
             real_server 198.51.100.1 80 {{\nBFD_CHECK {{\nname \"{name}\"\nalpha\n}}\n}}\n\
             real_server 198.51.100.2 80 {{\nBFD_CHECK {{\nname \"{name}\"\n}}\n}}\n\
             real_server 198.51.100.3 80 {{\nBFD_CHECK {{\nname good\n}}\n}}\n}}\n"
        );
        let first = load_text("t.conf", text.as_bytes(), &environment());
        let servers = &first.config.lvs.virtual_servers[0].real_servers;
        assert!(servers.iter().all(|server| server.checks.len() == 1), "{text}");
        assert_eq!(first.config.bfd.sessions.len(), 1, "{text}");
        let printed = print(&first.config);
        let again = load_text("p.conf", printed.as_bytes(), &environment());
        assert_eq!(first.config, again.config, "{printed}");
        let complaints = again.report.log_lines().filter(|said| said.contains("BFD")).count();
        assert_eq!(complaints, 1, "{printed}\n{}", again.report.render(false));
    }
}

/// Nothing can write such a word without a mistake; it is the same mistake again.
#[test]
fn words_that_end_with_a_backslash_are_printed_with_the_complaint_of_their_file() {
    let quotes = |found: &conf::Loaded| {
        let lines = found.report.log_lines();
        lines.filter(|line| line.contains("Unterminated quote")).count()
    };
    for (word, complaints) in [("a b\\", 1), ("#\\", 1), ("a b\\\\", 0), ("{\\", 1)] {
        let text = format!("global_defs {{\nrouter_id \"{word}\"\nvmac_prefix ab\n}}\n");
        let first = load_text("t.conf", text.as_bytes(), &environment());
        assert_eq!(first.config.globals.router_id.as_deref(), Some(word));
        let again = load_text("p.conf", print(&first.config).as_bytes(), &environment());
        assert_eq!(first.config, again.config, "{word}");
        assert_eq!(quotes(&first), complaints, "{word}");
        assert_eq!(quotes(&again), complaints, "{word}: {}", again.report.render(false));
        let hint = first.report.render(false).contains("a backslash hides the quote behind it");
        assert_eq!(hint, complaints > 0, "{word}");
    }
}

/// Texts of many kinds of statements, each with characters that mean something elsewhere.
fn hard_words(random: &mut Rng) -> String {
    let lines: Vec<String> = HARD.lines().map(|line| hard_line(line, random)).collect();
    lines.join("\n") + "\n"
}

/// Each `%` becomes something hard.
fn hard_line(line: &str, random: &mut Rng) -> String {
    const PARTS: [&str; 27] = [
        "a",
        "b",
        " ",
        "'",
        "#",
        "!",
        "{",
        "}",
        "$",
        "~",
        "@",
        "\\",
        "~SEQ(i,1,2)",
        "$A",
        "${A}",
        "include",
        "\\x22",
        "\\#",
        "\\!",
        "\t",
        "=",
        "(",
        ")",
        "é",
        "\u{fffd}",
        "\\\\",
        "%",
    ];
    let mut hard =
        || -> String { (0..random.u8(..6)).map(|_| PARTS[random.usize(..27)]).collect() };
    let words = [hard(), hard(), hard()];
    let mut at = 0;
    let mut out = String::new();
    for piece in line.split_inclusive('%') {
        match piece.strip_suffix('%') {
            None => out.push_str(piece),
            Some(before) => {
                out.push_str(before);
                out.push_str(&words[at % words.len()]);
                at += 1;
            }
        }
    }
    out
}

/// What is asked for hard words; each `%` becomes one.
const HARD: &str = r#"global_defs {
script_user root
router_id "%"
router_id %
smtp_helo_name "%"
process_name "%"
notification_email {
"%"
%
x "%" %
}
reload_check_config "/%"
state_dump_file "/%"
startup_script "/bin/echo %" root
shutdown_script "/bin/echo '%' %" root
nftables "%"
}
instance "%"
net_namespace "%"
track_file "f%" {
file "/%"
}
vrrp_track_process "p%" {
process "/bin/%" "%" %
}
vrrp_script "s%" {
script "/bin/echo '%' %" root
}
vrrp_script s {
script "/bin/echo '%'"
}
vrrp_sync_group "g%" {
group {
"V%"
W
}
}
vrrp_instance "V%" {
interface eth0
virtual_router_id 7
track_script {
s
}
authentication {
auth_type PASS
auth_pass "%"
}
virtual_ipaddress {
192.0.2.1 label "eth0:%"
}
notify_master "/bin/echo % '%'" root
notify "/bin/true %" root root
}
vrrp_instance W {
interface eth0
virtual_router_id 8
authentication {
auth_type AH
auth_pass %
}
virtual_ipaddress {
192.0.2.2
}
notify_fault /bin/% root
}
bfd_instance "b%" {
neighbor_ip 192.0.2.9
}
SSL {
password "%"
ca "/%"
}
virtual_server_group "g%" {
192.0.2.3 80
}
virtual_server group "g%" {
lb_algo rr
protocol TCP
snmp_name "%"
quorum_up "/bin/echo % '%'" root
real_server 198.51.100.1 80 {
snmp_name %
notify_down "/bin/echo '%'" root
MISC_CHECK {
misc_path "/bin/echo '%' %"
}
HTTP_GET {
url {
path "/%"
virtualhost "%"
regex "%"
}
url {
path %
regex %
}
}
SMTP_CHECK {
helo_name "%"
}
DNS_CHECK {
name "%"
}
}
}
"#;

/// A number from the environment: `PRINT_FILES` asks for more files than usual.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
