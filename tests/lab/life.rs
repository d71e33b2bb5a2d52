//! The daemon's life as a service manager sees it.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use testkit::lab::{Host, Lab, Part, Signal};

use crate::support::{LIMIT, beside_others, under_test};

const VIP: &str = "192.0.2.140";

fn configuration() -> String {
    format!(
        "vrrp_instance VI_1 {{\n  interface eth0\n  virtual_router_id 51\n  version 3\n  \
         advert_int 0.1\n  priority 200\n  virtual_ipaddress {{\n    {VIP}\n  }}\n}}\n"
    )
}

fn text(path: &std::path::Path) -> String {
    path.display().to_string()
}

/// The words of a start with these options and the host's own pid files.
fn words(host: &Host, options: &[&str]) -> Vec<String> {
    let file = host.write("life.conf", &configuration());
    let program = text(under_test().path());
    let mut words = vec![program, "-G".to_owned(), "-f".to_owned(), text(&file)];
    for (option, name) in [("-p", "main.pid"), ("-r", "vrrp.pid"), ("-c", "check.pid")] {
        words.extend([option.to_owned(), text(&host.file(name))]);
    }
    words.extend(options.iter().map(|&option| option.to_owned()));
    words
}

#[test]
fn in_the_background_it_writes_its_pid_and_ends_when_asked() {
    let _machine = beside_others();
    let lab = Lab::new("background");
    let host = lab.host("a", "192.0.2.1/24");
    assert_eq!(host.run(words(&host, &[])).code, Some(0));
    lab.wait_until("the address", LIMIT, || host.holds(VIP));
    let pid = host.read("main.pid");
    host.ok(["kill", "-0", pid.trim()]);
    host.ok(["kill", "-TERM", pid.trim()]);
    lab.wait_until("the end", LIMIT, || !host.holds(VIP) && !host.file("main.pid").exists());
}

/// Everything that arrives until one message has these words.
fn wait_for(socket: &UnixDatagram, wanted: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let length = socket.recv(&mut buffer).unwrap_or_else(|_| panic!("no {wanted} in {seen:?}"));
        let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let found = message.contains(wanted);
        seen.push(message);
        if found {
            return seen;
        }
    }
}

#[test]
fn the_service_manager_hears_of_start_reload_and_stop() {
    let _machine = beside_others();
    let lab = Lab::new("notify");
    let host = lab.host("a", "192.0.2.1/24");
    let path = host.file("notify.socket");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(LIMIT)).unwrap();
    let mut command = vec!["env".to_owned(), format!("NOTIFY_SOCKET={}", text(&path))];
    command.extend(words(&host, &["-n", "-l"]));
    let mut daemon = host.spawn("daemon", command);
    wait_for(&socket, "READY=1");
    daemon.signal(Signal::SIGHUP);
    wait_for(&socket, "RELOADING=1");
    wait_for(&socket, "READY=1");
    daemon.signal(Signal::SIGTERM);
    wait_for(&socket, "STOPPING=1");
    let status = daemon.wait_exit(Duration::from_secs(10));
    assert!(status.is_some_and(|status| status.success()), "{}", lab.logs());
}

#[test]
fn signals_for_dumps_that_do_not_exist_yet_do_no_harm() {
    let _machine = beside_others();
    let lab = Lab::new("dump-signals");
    let host = lab.host("a", "192.0.2.1/24");
    let mut daemon = host.daemon(&under_test()).start(&configuration());
    lab.wait_until("the address", LIMIT, || host.holds(VIP));
    let pid = daemon.pid().to_string();
    for number in ["10", "12", "36", "63"] {
        host.ok(["kill", &format!("-{number}"), &pid]);
    }
    lab.insist("the address to stay", Duration::from_millis(500), || host.holds(VIP));
    assert!(daemon.stop().success());
}

#[test]
fn the_configuration_is_shown_without_its_passwords() {
    let _machine = beside_others();
    let lab = Lab::new("dump");
    let host = lab.host("a", "192.0.2.1/24");
    let secret = "virtual_router_id 51\n  authentication {\n    auth_type PASS\n    \
                  auth_pass topsecret\n  }";
    let text = configuration().replace("virtual_router_id 51", secret).replace("version 3\n", "");
    let daemon = host.daemon(&under_test()).option("-d").start(&text);
    daemon.wait_for_log("Virtual Router ID = 51", LIMIT);
    daemon.wait_for_log("Authentication type = SIMPLE_PASSWORD", LIMIT);
    assert!(!daemon.log().text().contains("topsecr"), "{}", daemon.log().text());
}

#[test]
fn only_the_task_of_a_part_runs_in_real_time_and_that_of_bfd_has_its_name() {
    let _machine = beside_others();
    let lab = Lab::new("realtime");
    let host = lab.host("a", "192.0.2.1/24");
    let globals = "global_defs {\n  vrrp_rt_priority 30\n  bfd_rt_priority 40\n  \
                   bfd_process_name neighbors\n}\n";
    let session = "bfd_instance b1 {\n  neighbor_ip 192.0.2.2\n}\n";
    let text = format!("{globals}{session}{}", configuration());
    let mut daemon = host.daemon(&under_test()).start(&text);
    daemon.wait_for_log("Set realtime priority 40", LIMIT);
    lab.wait_until("the address", LIMIT, || host.holds(VIP));
    let of = |part, thread| daemon.scheduling(part, thread).expect(thread).realtime;
    assert_eq!(of(Part::Vrrp, "vrrp"), Some(30));
    assert_eq!(of(Part::Bfd, "neighbors"), Some(40));
    for thread in ["network", "announce", "notify", "log"] {
        assert_eq!(of(Part::Vrrp, thread), None, "{thread}");
    }
    assert!(daemon.stop().success());
}

/// With no time to stop in good order the daemon takes its last resort: what a broken part leaves.
#[test]
fn without_time_to_stop_the_addresses_go_and_the_status_says_that_it_broke() {
    let _machine = beside_others();
    let lab = Lab::new("broken");
    let host = lab.host("a", "192.0.2.1/24");
    let addresses: String = (1..=200).map(|n| format!("    10.9.0.{n}\n")).collect();
    let many = configuration().replace(&format!("    {VIP}\n"), &format!("    {VIP}\n{addresses}"));
    // Now and then the good order is quicker than no time at all; the last resort has to come too.
    let mut statuses = Vec::new();
    while !statuses.contains(&Some(70)) {
        assert!(statuses.len() < 10, "{statuses:?}");
        let mut daemon = host.daemon(&under_test()).start(&format!("child_wait_time 0\n{many}"));
        lab.wait_until("the addresses", LIMIT, || host.addresses().len() >= 202);
        daemon.term();
        let status = daemon.wait_exit().code();
        assert!(matches!(status, Some(0 | 70)), "{status:?}\n{}", lab.logs());
        assert!(!host.holds(VIP) && !host.holds("10.9.0.200"), "{}", lab.logs());
        statuses.push(status);
    }
}

/// One instance on each of these links.
fn on_links(links: &[String]) -> String {
    let instances = links.iter().zip(1..).map(|(link, number)| {
        format!(
            "vrrp_instance V{number} {{\n  interface {link}\n  virtual_router_id {number}\n  \
             version 3\n  advert_int 0.1\n  priority 200\n  virtual_ipaddress {{\n    \
             10.9.{number}.1\n  }}\n}}\n"
        )
    });
    instances.collect()
}

/// A router that can open no socket is deaf and dumb: it must not become master.
#[test]
fn without_sockets_an_instance_is_in_fault_and_the_others_run() {
    let _machine = beside_others();
    let lab = Lab::new("deaf");
    let host = lab.host("a", "192.0.2.1/24");
    let links: Vec<_> = (1..=6).map(|number| format!("eth{number}")).collect();
    for (link, number) in links.iter().zip(1..) {
        host.add_link(link, &format!("198.51.{number}.1/24"));
    }
    // How many descriptors the rest of the daemon needs is its own business: somewhere here some
    // links get their sockets and some do not.
    for limit in (26..60).step_by(3) {
        let mut command = vec!["prlimit".to_owned(), format!("--nofile={limit}:{limit}")];
        command.extend(["setpriv", "--bounding-set", "-sys_resource"].map(str::to_owned));
        command.extend(words(&host, &["-n", "-l"]));
        host.write("life.conf", &on_links(&links));
        let mut daemon = host.spawn("daemon", command);
        lab.wait_until("every state, or the end", LIMIT, || {
            let text = daemon.log().text();
            let settled = (1..=links.len()).all(|number| {
                text.contains(&format!("(V{number}) Entering MASTER STATE"))
                    || text.contains(&format!("(V{number}) Entering FAULT STATE"))
            });
            settled || daemon.has_ended()
        });
        let text = daemon.log().text();
        daemon.signal(Signal::SIGTERM);
        daemon.wait_exit(LIMIT);
        if !text.contains("MASTER") || !text.contains("no socket on interface") {
            continue;
        }
        let said = |number: usize, words: &str| text.contains(&format!("(V{number}) {words}"));
        let deaf = |number: &usize| text.contains(&format!("no socket on interface eth{number})"));
        for number in (1..=links.len()).filter(deaf) {
            assert!(said(number, "Entering FAULT STATE"), "{text}");
            assert!(!said(number, "Entering MASTER STATE"), "{text}");
        }
        return;
    }
    panic!("no limit left some links without sockets\n{}", lab.logs());
}
