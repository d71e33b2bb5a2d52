//! Reloads: what a new file changes in the kernel, and that nothing else changes. Every request
//! to the kernel is seen, so a server that left the table for a moment would be, too.

use std::ops::RangeInclusive;
use std::thread;
use std::time::Duration;

use testkit::guest;
use testkit::lab::{Conversation, EchoServer, Forward};
use testkit::site::{GATEWAY, Site};

use crate::director::{Director, QUICK, real, service, service_by};
use crate::support::{LIMIT, under_test};

const VIP: &str = "192.0.2.51";
const CHECK: &str = "TCP_CHECK {\n retry 1\n delay_before_retry 1\n }";
/// A reload starts the checks of keepalived anew, a second later.
const SETTLED: Duration = Duration::from_millis(1500);

/// An echo service behind NAT on port 7 and its director.
struct Echo {
    director: Director,
    servers: Vec<EchoServer>,
}

/// A server of the NAT site: its last number, weight and further words.
fn nat_real(last: u8, weight: u32, more: &str) -> String {
    real(&format!("10.0.0.{last} 7"), &format!("weight {weight}\n {more}\n {CHECK}"))
}

fn echo_service(more: &str, servers: &[String]) -> String {
    service_by("NAT", 7, &format!("{QUICK}\n delay_loop 1\n {more}"), &servers.concat())
}

impl Echo {
    fn start(label: &str, configuration: &str) -> Self {
        let site = Site::nat(label);
        site.a.add_address("eth1", &format!("{GATEWAY}/24"));
        let servers = site.servers.iter().map(|server| server.echo_server(7)).collect();
        Self { director: Director::start(site, configuration), servers }
    }
}

impl Director {
    /// Reloads and waits until that is over; the changes it made.
    fn reload(&self, times: &mut usize, configuration: &str) -> Vec<String> {
        self.daemon.reload(configuration);
        *times += 1;
        self.daemon.wait_for_log_times("Reload complete", *times, LIMIT);
        thread::sleep(SETTLED);
        self.changes()
    }

    fn converse(&self) -> Conversation {
        self.site.client.converse("192.0.2.51:7").expect("a connection")
    }
}

/// The part of `ipvsadm` output that counts: connections so far, of the service of port 7.
fn connections(director: &Director) -> String {
    let text = director.site.a.ok(["ipvsadm", "-Ln", "--stats", "--exact"]);
    let line = text.lines().find(|line| line.contains("192.0.2.51:7")).expect("a service");
    line.split_whitespace().nth(2).expect("a number").to_owned()
}

#[test]
fn a_reload_changes_what_differs_and_open_connections_go_on() {
    guest::run(|| {
        let two = echo_service("", &[nat_real(11, 1, ""), nat_real(12, 1, "")]);
        let mut echo = Echo::start("reload", &two);
        let director = &echo.director;
        director.daemon.wait_for_log_times("success.", 2, LIMIT);
        director.changes();
        let mut held = director.converse();
        let first = held.say("line").expect("an answer");
        let times = &mut 0;
        nothing(director, times, &two);
        settings(director, times, &two);
        servers_and_services(director, times, &two);
        assert_eq!(held.say("line").expect("an answer"), first);

        // The other server gets another method, and then is lost.
        let other = if first.starts_with("real1") { 12 } else { 11 };
        the_method(director, times, other);
        assert_eq!(held.say("line").expect("an answer"), first);
        drop(echo.servers.remove(usize::from(other - 11)));
        let director = &echo.director;
        director
            .daemon
            .wait_for_log(&format!("Removing service [10.0.0.{other}]:tcp:7 from"), LIMIT);
        assert_eq!(director.changes(), [format!("remove 10.0.0.{other}:7")]);
        assert_eq!(held.say("line").expect("an answer"), first);
    });
}

/// The same file again.
fn nothing(director: &Director, times: &mut usize, text: &str) {
    // The kernel counts every two seconds.
    let lab = &director.site.lab;
    lab.wait_until("the connection to count", LIMIT, || connections(director) == "1");
    assert_eq!(director.reload(times, text), [""; 0]);
    assert_eq!(connections(director), "1");
    let entries = director.site.a.ok(["ipvsadm", "-Lnc"]);
    assert!(entries.contains("ESTABLISHED"), "{entries}");
}

/// A weight, a scheduler, persistence, and all of it back.
fn settings(director: &Director, times: &mut usize, before: &str) {
    let heavy = echo_service("", &[nat_real(11, 7, ""), nat_real(12, 1, "")]);
    assert_eq!(director.reload(times, &heavy), ["edit 10.0.0.11:7=7"]);
    let change = "Changing weight from 1 to 7 for active service [10.0.0.11]:tcp:7";
    assert!(director.daemon.log().has(&format!("{change} of VS [192.0.2.51]:tcp:7")));

    let wlc = heavy.replace("lb_algo rr", "lb_algo wlc\n persistence_timeout 50");
    assert_eq!(director.reload(times, &wlc), ["edit service 192.0.2.51:7"]);
    let table = director.site.a.ipvs();
    let found = table.service("TCP 192.0.2.51:7").expect("it is there");
    assert_eq!((&*found.scheduler, &*found.options), ("wlc", "persistent 50"));
    let changes = ["edit 10.0.0.11:7=1", "edit service 192.0.2.51:7"];
    assert_eq!(director.reload(times, before), changes);
}

/// Servers and services that come and go.
fn servers_and_services(director: &Director, times: &mut usize, before: &str) {
    let end = before.rfind('}').expect("a block");
    let third = format!("{}{}}}\n", &before[..end], nat_real(13, 2, ""));
    assert_eq!(director.reload(times, &third), ["add 10.0.0.13:7=2"]);
    assert_eq!(director.reload(times, before), ["remove 10.0.0.13:7"]);
    let gone = "service [10.0.0.13]:tcp:7 no longer exist";
    let removed = "Removing service [10.0.0.13]:tcp:7 from VS [192.0.2.51]:tcp:7";
    director.daemon.log().expect_in_order(&[gone, removed]);

    let more = service_by("NAT", 8, QUICK, &real("10.0.0.11 8", "weight 1"));
    let changes = director.reload(times, &format!("{before}{more}"));
    assert_eq!(changes, ["add 10.0.0.11:8=1", "add service 192.0.2.51:8"]);
    let changes = director.reload(times, before);
    // Ours leaves it to the kernel to drop what belongs to a service.
    let kept = usize::from(under_test().is_ours());
    assert_eq!(changes, ["remove 10.0.0.11:8", "remove service 192.0.2.51:8"][kept..]);
    assert!(director.daemon.log().has("Removing Virtual Server [192.0.2.51]:tcp:8"));

    // When and how often a check runs is no change of the server.
    let patient = before.replace("retry 1", "retry 5").replace("delay_loop 1", "delay_loop 2");
    assert_eq!(director.reload(times, &patient), [""; 0]);
    assert_eq!(director.reload(times, before), [""; 0]);
}

/// Another way to get packets there is an edit of the server.
fn the_method(director: &Director, times: &mut usize, of: u8) {
    let words = |last| if last == of { "lvs_method DR" } else { "" };
    let servers = [11, 12].map(|last| nat_real(last, 1, words(last)));
    let changes = director.reload(times, &echo_service("", &servers));
    assert_eq!(changes, [format!("edit 10.0.0.{of}:7=1")]);
    let table = director.site.a.ipvs();
    let found = table.server("TCP 192.0.2.51:7", &format!("10.0.0.{of}:7"));
    assert_eq!(found.map(|server| server.forward), Some(Forward::Route));
}

#[test]
fn what_checks_have_found_out_survives_a_reload() {
    guest::run(|| {
        let site = Site::direct_routing("health", &[VIP]);
        let mut web = site.web_servers(80);
        web[0].stop();
        let slow = "TCP_CHECK {\n retry 3\n delay_before_retry 3\n log_all_failures\n }";
        let text = |first: &str| {
            let servers = [
                real("192.0.2.11 80", &format!("{first}\n {CHECK}")),
                real("192.0.2.12 80", slow),
                real("192.0.2.13 80", CHECK),
            ];
            service(80, &format!("{QUICK}\n delay_loop 1"), &servers.concat())
        };
        let director = Director::start(site, &text(""));
        let times = &mut 0;
        director.wait_for_table(80, "192.0.2.12:80=1 192.0.2.13:80=1");
        director.daemon.wait_for_log_times("success.", 2, LIMIT);
        director.changes();

        // Who is out stays out, with one entry of weight 0 while that is asked for.
        assert_eq!(director.reload(times, &text("")), [""; 0]);
        assert_eq!(director.reload(times, &text("inhibit_on_failure")), ["add 192.0.2.11:80=0"]);
        assert_eq!(director.reload(times, &text("inhibit_on_failure")), [""; 0]);
        assert_eq!(director.reload(times, &text("")), ["remove 192.0.2.11:80"]);

        // Four failures in all, reload or not.
        web[1].stop();
        let failed = "TCP connection to [192.0.2.12]:tcp:80 failed.";
        director.daemon.wait_for_log_times(failed, 2, LIMIT);
        assert_eq!(director.reload(times, &text("")), [""; 0]);
        director.wait_for_table(80, "192.0.2.13:80=1");
        let gone = "TCP_CHECK on service [192.0.2.12]:tcp:80 failed after 3 retries.";
        director.daemon.wait_for_log_times(gone, 1, LIMIT);
        assert_eq!(director.daemon.log().count(failed), 4, "{}", director.site.lab.logs());
        assert_eq!(director.changes(), ["remove 192.0.2.12:80"]);
        torn(&director, &text(""));
    });
}

/// A file without its end changes nothing. Keepalived takes what it can read.
fn torn(director: &Director, text: &str) {
    if !under_test().is_ours() {
        return;
    }
    let half = &text[..text.len() / 2];
    director.daemon.reload(half);
    director.daemon.wait_for_log("keeping the running configuration", LIMIT);
    thread::sleep(SETTLED);
    assert_eq!(director.changes(), [""; 0]);
    assert_eq!(director.table(80), "192.0.2.13:80=1");
}

/// Reloads again and again.
fn reload_often(director: &Director, text: &str, times: RangeInclusive<usize>) {
    for times in times {
        director.daemon.reload(text);
        director.daemon.wait_for_log_times("Reload complete", times, LIMIT);
    }
}

#[test]
fn an_open_connection_through_direct_routing_survives_reloads_and_the_loss_of_another_server() {
    guest::run(|| {
        let site = Site::direct_routing("held", &[VIP]);
        let mut echoes: Vec<_> = site.servers.iter().map(|server| server.echo_server(7)).collect();
        let servers: String =
            (11..=13).map(|last| real(&format!("192.0.2.{last} 7"), CHECK)).collect();
        let text = service(7, &format!("{QUICK}\n delay_loop 1"), &servers);
        let director = Director::start(site, &text);
        director.daemon.wait_for_log_times("success.", 3, LIMIT);
        director.changes();
        let mut held: Vec<_> = (0..3).map(|_| director.converse()).collect();
        let names: Vec<String> =
            held.iter_mut().map(|one| one.say("").expect("an answer")).collect();
        reload_often(&director, &text, 1..=5);
        assert_eq!(director.changes(), [""; 0]);
        // Closes its connections and its port.
        drop(echoes.remove(1));
        director.wait_for_table(7, "192.0.2.11:7=1 192.0.2.13:7=1");
        reload_often(&director, &text, 6..=7);
        assert_eq!(director.changes(), ["remove 192.0.2.12:7"]);
        for (one, name) in held.iter_mut().zip(&names) {
            match name.as_str() {
                name if name.starts_with("real2") => assert!(one.say("").is_err()),
                name => assert_eq!(one.say("").expect("an answer").trim(), name.trim()),
            }
        }
        let others = (0..4).map(|_| director.converse().say("").expect("an answer"));
        assert!(others.into_iter().all(|name| !name.starts_with("real2")));
    });
}

#[test]
fn copies_of_the_balancing_part_are_kept_before_and_after_a_reload() {
    guest::run(|| {
        let site = Site::direct_routing("copies", &[VIP]);
        let copies = site.a.file("copies");
        let text = |weight| {
            let server = real("192.0.2.11 7", &format!("weight {weight}\n {CHECK}"));
            let service = service(7, &format!("{QUICK}\n delay_loop 1"), &server);
            format!("global_defs {{\n config_save_dir {}\n}}\n{service}", copies.display())
        };
        let director = Director::start(site, &text(1));
        let mut times = 0;
        director.reload(&mut times, &text(2));
        let names: Vec<String> = std::fs::read_dir(&copies)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        for end in [".1.pre", ".1.post"] {
            let there =
                |name: &String| name.starts_with("keepalived_check.") && name.ends_with(end);
            assert!(names.iter().any(there), "{names:?}");
        }
    });
}

/// A pattern is compiled, and TLS is loaded, for the configuration that wants them.
#[test]
fn a_reload_brings_what_its_checks_need() {
    if !under_test().is_ours() {
        eprintln!("2.2.7 does not say that a check which a reload brought is content");
        return;
    }
    guest::run(|| {
        let site = Site::direct_routing("equipment", &[VIP]);
        let _web = site.web_servers(80);
        let text = |check: &str| {
            service(80, &format!("{QUICK}\n delay_loop 1"), &real("192.0.2.11 80", check))
        };
        let director = Director::start(site, &text(CHECK));
        director.daemon.wait_for_log("success.", LIMIT);
        director.changes();
        let page = |pattern: &str| {
            let url = format!("url {{\n path /\n status_code 200\n regex \"{pattern}\"\n }}");
            text(&format!("HTTP_GET {{\n {url}\n retry 0\n }}"))
        };
        director.daemon.reload(&page("^re+al1|.*real1"));
        let good = "Remote Web server [192.0.2.11]:tcp:80 succeed on service.";
        director.daemon.wait_for_log(good, LIMIT);
        assert_eq!(director.changes(), [""; 0]);
        director.daemon.reload(&page("none of this"));
        director.daemon.wait_for_log("Removing service [192.0.2.11]:tcp:80", LIMIT);
    });
}
