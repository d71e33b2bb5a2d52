//! What holds for every configuration, tried on generated ones.

use std::path::{Path, PathBuf};

use conf::{Config, load_text, print};
use fastrand::Rng;

use crate::examples::configurations;
use crate::generate::{Pieces, configuration};
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
        lost(&format!("seed {seed}"), &config)
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
        lost(&path.display().to_string(), &conf::load(path, &environment()).config)
    });
    assert_none(&lost.collect::<Vec<_>>());
}

#[test]
fn words_that_mean_something_to_the_reader_are_printed_as_words() {
    let lost = (0..FILES / 4).filter_map(|seed| {
        let text = hard_words(&mut Rng::with_seed(seed));
        let config = load_text("t.conf", text.as_bytes(), &environment()).config;
        lost(&format!("seed {seed}:\n{text}"), &config)
    });
    assert_none(&lost.collect::<Vec<_>>());
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

/// What became different when it was printed and read again.
fn lost(name: &str, config: &Config) -> Option<String> {
    let printed = print(config);
    let again = load_text("printed.conf", printed.as_bytes(), &environment());
    let written = config;
    let config = &printable(config);
    if again.config == *config {
        let second = print(&again.config);
        let shorter = config.vrrp != written.vrrp;
        return (second != printed && !shorter)
            .then(|| format!("{name}: another print is another one"));
    }
    let (before, after) = (format!("{config:#?}"), format!("{:#?}", again.config));
    let (mut before, mut after) = (before.lines(), after.lines());
    let at = before.by_ref().zip(after.by_ref()).find(|(one, other)| one != other);
    let (one, other) = at.unwrap_or(("a secret", "another one"));
    let said = again.report.log_lines().collect::<Vec<_>>().join("\n    ");
    Some(format!("{name}: {one} became {other}\n    {said}"))
}

/// The same without what cannot be printed (`conf::print` says why).
fn printable(config: &Config) -> Config {
    let mut config = config.clone();
    let instances = &config.vrrp.instances;
    let exists = |name: &vrrp::Name| instances.iter().any(|instance| instance.name == *name);
    config.mail_alerts.instances.retain(exists);
    config.sync_daemon = config.sync_daemon.filter(|(_, name)| exists(name));
    config.vrrp_configured &= !(instances.is_empty() && config.vrrp.statics.is_empty());
    for instance in &mut config.vrrp.instances {
        for list in [&mut instance.addresses, &mut instance.excluded] {
            let mut seen = Vec::new();
            list.retain(|held| {
                let key = (held.address.ip, held.address.prefix, held.address.link.clone());
                let new = !seen.contains(&key);
                seen.push(key);
                new
            });
        }
    }
    let groups = &config.vrrp.groups;
    config.mail_alerts.groups.retain(|name| groups.iter().any(|group| group.name == *name));
    config.checkers_configured &= !config.lvs.virtual_servers.is_empty();
    config.bfd_configured &= !config.bfd.sessions.is_empty();
    if config.globals.scripts.user == Some(None) {
        config.globals.scripts.user = None;
    }
    config
}

fn assert_none(lost: &[String]) {
    assert!(lost.is_empty(), "{} of them:\n{}", lost.len(), lost.join("\n"));
}
