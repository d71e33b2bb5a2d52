//! What concerns IPVS as a whole: timeouts, the synchronisation of connections, and an emptied
//! table. Each also passes on the original where it says nothing else.

use testkit::guest;
use testkit::lab::{Daemon, Host, Lab};

use crate::director::real;
use crate::support::{LIMIT, preload, under_test};

/// A service without checks.
fn service(ip: &str) -> String {
    format!(
        "virtual_server {ip} 80 {{\n lb_algo rr\n lb_kind NAT\n protocol TCP\n{}}}\n",
        real("192.0.2.11 80", "weight 1")
    )
}

/// What `ipvsadm` says of timeouts, as numbers: tcp, tcpfin, udp.
fn timeouts(host: &Host) -> Vec<u32> {
    let text = host.ok(["ipvsadm", "-L", "--timeout"]);
    text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

/// The synchronisation daemons that run, a line each.
fn daemons(host: &Host) -> Vec<String> {
    let text = host.ok(["ipvsadm", "-L", "--daemon"]);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn start(host: &Host, configuration: &str) -> Daemon {
    let daemon = host.daemon(&under_test()).start(configuration);
    daemon.wait_for_log("Startup complete", LIMIT);
    daemon
}

#[test]
fn timeouts_are_set_and_given_back() {
    guest::run(|| {
        let lab = Lab::new("timeouts");
        let host = lab.host("a", "192.0.2.1/24");
        host.ipvsadm("--set 800 100 200");
        let text =
            format!("global_defs {{\n lvs_timeouts tcp 70 udp 33\n}}\n{}", service("192.0.2.51"));
        let mut daemon = start(&host, &text);
        lab.wait_until("the timeouts", LIMIT, || timeouts(&host) == [70, 100, 33]);
        let reload = |what: &str, wish: &str, wanted: [u32; 3]| {
            daemon.reload(&format!("global_defs {{\n {wish}\n}}\n{}", service("192.0.2.51")));
            lab.wait_until(what, LIMIT, || timeouts(&host) == wanted);
        };
        reload("another one", "lvs_timeouts tcpfin 44 udp 34", [800, 44, 34]);
        reload("those from before", "", [800, 100, 200]);
        reload("all of them", "lvs_timeouts udp 3 tcp 1 tcpfin 2", [1, 2, 3]);
        assert!(daemon.stop().success());
        assert_eq!(timeouts(&host), [800, 100, 200]);
    });
}

/// Asks the kernel for the timeouts by a number that it does not know (`IPVS_CMD_GET_CONFIG` is 13).
const FORGETFUL: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/types.h>

static void spoil(void *data, size_t length) {
    unsigned char *message = data;
    /* Nothing behind the two headers, version 1. */
    if (length >= 20 && message[0] == 20 && message[16] == 13 && message[17] == 1)
        message[16] = 99;
}
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    ssize_t (*next)(int, const struct msghdr *, int) = dlsym(RTLD_NEXT, "sendmsg");
    if (message->msg_iovlen > 0)
        spoil(message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
    return next(fd, message, flags);
}
ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to,
               socklen_t size) {
    ssize_t (*next)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) =
        dlsym(RTLD_NEXT, "sendto");
    spoil((void *)data, length);
    return next(fd, data, length, flags, to, size);
}
ssize_t send(int fd, const void *data, size_t length, int flags) {
    return sendto(fd, data, length, flags, 0, 0);
}
"#;

#[test]
fn timeouts_that_cannot_be_read_are_set_all_the_same_and_that_is_said() {
    guest::run(|| {
        let lab = Lab::new("no-timeouts");
        let host = lab.host("a", "192.0.2.1/24");
        host.ipvsadm("--set 800 100 200");
        let builder = host.daemon(&under_test()).through(&["env", &preload(&host, FORGETFUL)]);
        let wish = "global_defs {\n lvs_timeouts tcp 70 udp 33\n}\n";
        let mut daemon = builder.start(&format!("{wish}{}", service("192.0.2.51")));
        daemon.wait_for_log("Failed to get IPVS timeouts", LIMIT);
        daemon.wait_for_log("Startup complete", LIMIT);
        lab.wait_until("the service all the same", LIMIT, || {
            host.ipvs().server("TCP 192.0.2.51:80", "192.0.2.11:80").is_some()
        });
        lab.wait_until("the timeouts", LIMIT, || timeouts(&host) == [70, 100, 33]);
        assert!(daemon.stop().success());
        assert_eq!(timeouts(&host), [70, 100, 33], "nobody knows what they were");
    });
}

#[test]
fn connections_are_synchronised_both_ways_without_an_instance() {
    guest::run(|| {
        let lab = Lab::new("sync-both");
        let host = lab.host("a", "192.0.2.1/24");
        let wish = "lvs_sync_daemon eth0 id 7 maxlen 1400 port 8850 ttl 3 group 224.0.0.90";
        let text = format!("global_defs {{\n {wish}\n}}\n{}", service("192.0.2.51"));
        let mut daemon = start(&host, &text);
        lab.wait_until("both daemons", LIMIT, || daemons(&host).len() == 2);
        for line in daemons(&host) {
            for part in ["syncid=7", "maxlen=1400", "mcast=eth0", "224.0.0.90", "8850", "ttl=3"] {
                assert!(line.contains(part), "{part}: {line}");
            }
        }
        assert!(daemon.stop().success());
        assert_eq!(daemons(&host), [""; 0]);
    });
}

/// The kernel's threads that synchronise.
fn threads() -> Vec<String> {
    let mut found: Vec<String> = std::fs::read_dir("/proc")
        .expect("processes")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = std::fs::read_to_string(path.join("comm")).unwrap_or_default();
            name.starts_with("ipvs-m") || name.starts_with("ipvs-b")
        })
        .map(|path| path.display().to_string())
        .collect();
    found.sort();
    found
}

/// Both run, and say this of themselves.
fn both_say(host: &Host, parts: &[&str]) -> bool {
    let all = daemons(host);
    all.len() == 2 && all.iter().all(|line| parts.iter().all(|part| line.contains(part)))
}

#[test]
fn a_reload_gives_the_synchronisation_other_settings_and_ends_it() {
    guest::run(|| {
        let lab = Lab::new("sync-reload");
        let host = lab.host("a", "192.0.2.1/24");
        host.enable_ipv6();
        host.add_address("eth0", "2001:db8::1/64");
        let text = |wish: &str| format!("global_defs {{\n {wish}\n}}\n{}", service("192.0.2.51"));
        let mut daemon = start(&host, &text("lvs_sync_daemon eth0"));
        let usual = ["syncid=0", "mcast=eth0", "224.0.0.81", "8848", "ttl=1"];
        lab.wait_until("what the kernel does by itself", LIMIT, || both_say(&host, &usual));
        let before = threads();
        assert_eq!(before.len(), 2);
        daemon.reload(&text("lvs_sync_daemon eth0\n lvs_timeouts udp 7"));
        lab.wait_until("the reload", LIMIT, || timeouts(&host)[2] == 7);
        // 2.2.7 starts them again.
        assert!(threads() == before || !under_test().is_ours(), "they go on");
        for (wish, parts) in [
            ("id 255 port 65535 ttl 255", ["syncid=255", "65535", "ttl=255"]),
            ("maxlen 1100 group ff02::8181", ["syncid=0", "maxlen=1100", "ff02::8181"]),
        ] {
            daemon.reload(&text(&format!("lvs_sync_daemon eth0 {wish}")));
            lab.wait_until(wish, LIMIT, || both_say(&host, &parts));
        }
        if under_test().is_ours() {
            // 2.2.7 lets them run on.
            daemon.reload(&text(""));
            lab.wait_until("none", LIMIT, || daemons(&host).is_empty());
        }
        assert!(daemon.stop().success());
    });
}

/// What is left of a killed daemon cannot be changed, only stopped.
#[test]
fn what_a_killed_daemon_synchronised_is_no_obstacle_to_a_later_wish() {
    if !under_test().is_ours() {
        eprintln!("2.2.7 was not watched in this");
        return;
    }
    guest::run(|| {
        let lab = Lab::new("sync-left");
        let host = lab.host("a", "192.0.2.1/24");
        let plain = service("192.0.2.51");
        let text = |id: u8| format!("global_defs {{\n lvs_sync_daemon eth0 id {id}\n}}\n{plain}");
        let run = |id: u8| {
            let all = daemons(&host);
            all.len() == 2 && all.iter().all(|line| line.contains(&format!("syncid={id}")))
        };
        let mut daemon = start(&host, &text(7));
        lab.wait_until("both daemons", LIMIT, || run(7));
        daemon.kill_9();
        let daemon = start(&host, &plain);
        assert!(run(7), "nobody here wants or asked for them");
        daemon.reload(&text(8));
        lab.wait_until("the new daemons", LIMIT, || run(8));
    });
}

#[test]
fn the_synchronisation_follows_its_instance() {
    guest::run(|| {
        let lab = Lab::new("sync-follows");
        let host = lab.host("a", "192.0.2.1/24");
        // Without services too: VRRP alone decides.
        let text = "global_defs {\n lvs_sync_daemon eth0 VI_1\n}\nvrrp_instance VI_1 {\n \
                    state BACKUP\n interface eth0\n virtual_router_id 51\n priority 100\n \
                    advert_int 1\n virtual_ipaddress {\n 192.0.2.51\n }\n}\n";
        let mut daemon = start(&host, text);
        let is = |direction: &str| {
            let all = daemons(&host);
            all.len() == 1 && all[0].starts_with(direction) && all[0].contains("syncid=51")
        };
        lab.wait_until("a backup first", LIMIT, || is("backup sync daemon"));
        lab.wait_until("the master's daemon", LIMIT, || is("master sync daemon"));
        host.unplug();
        lab.wait_until("the backup's daemon", LIMIT, || is("backup sync daemon"));
        host.plug();
        lab.wait_until("the master's daemon again", LIMIT, || is("master sync daemon"));
        assert!(daemon.stop().success());
        assert_eq!(daemons(&host), [""; 0]);
    });
}

/// With all its options, in the place where older files have it, and over reloads.
#[test]
fn the_synchronisation_of_an_instance_has_its_own_settings() {
    guest::run(|| {
        let lab = Lab::new("sync-instance");
        let host = lab.host("a", "192.0.2.1/24");
        let text = |global: &str, own: &str| {
            format!(
                "global_defs {{\n {global}\n}}\nvrrp_instance VI_1 {{\n state MASTER\n \
                 interface eth0\n virtual_router_id 51\n priority 100\n advert_int 1\n {own}\n \
                 virtual_ipaddress {{\n 192.0.2.51\n }}\n}}\n"
            )
        };
        let is = |way: &str, parts: &[&str]| {
            let all = daemons(&host);
            let said = |line: &String| parts.iter().all(|part| line.contains(part));
            all.len() == 1 && all[0].starts_with(way) && said(&all[0])
        };
        let options = "id 9 maxlen 1400 port 8850 ttl 3 group 224.0.0.90";
        let options = format!("lvs_sync_daemon eth0 inst VI_1 {options}");
        let mut daemon = start(&host, &text(&options, ""));
        let parts = ["mcast=eth0", "syncid=9", "maxlen=1400", "8850", "ttl=3", "224.0.0.90"];
        let wait = |what: &str, way: &str, parts: &[&str]| {
            lab.wait_until(what, LIMIT, || is(way, parts));
        };
        wait("a master with every option", "master", &parts);
        daemon.reload(&text("lvs_sync_daemon eth0 VI_1 id 10", ""));
        wait("another number", "master", &["syncid=10", "224.0.0.81", "8848", "ttl=1"]);
        let old_place = text("", "lvs_sync_daemon_interface eth0");
        if under_test().is_ours() {
            daemon.reload(&old_place);
        } else {
            // A reload of 2.2.7 does not look there.
            assert!(daemon.stop().success());
            daemon = start(&host, &old_place);
        }
        // Not the number of the router.
        let parts = ["syncid=0", "mcast=eth0", "224.0.0.81", "8848", "ttl=1"];
        wait("what the old place says", "master", &parts);
        host.unplug();
        wait("a backup", "backup", &parts);
        host.plug();
        wait("a master again", "master", &parts);
        assert!(daemon.stop().success());
        assert_eq!(daemons(&host), [""; 0]);
    });
}

/// What the kernel refuses is said once, and done when it can be. 2.2.7 does not try again.
#[test]
fn the_synchronisation_waits_for_its_interface() {
    if !under_test().is_ours() {
        eprintln!("2.2.7 starts no daemon when the interface comes");
        return;
    }
    guest::run(|| {
        let lab = Lab::new("sync-waits");
        let host = lab.host("a", "192.0.2.1/24");
        let text =
            format!("global_defs {{\n lvs_sync_daemon eth7 id 7\n}}\n{}", service("192.0.2.51"));
        let mut daemon = start(&host, &text);
        let refused = "IPVS cmd IP_VS_SO_SET_STARTDAEMON(1163) error: No such device(19)";
        daemon.wait_for_log_times(refused, 2, LIMIT);
        // Two further attempts are made in this time.
        std::thread::sleep(std::time::Duration::from_secs(11));
        assert_eq!(daemon.log().count(refused), 2, "{}", lab.logs());
        host.add_link("eth7", "198.51.100.1/24");
        lab.wait_until("both daemons", LIMIT, || both_say(&host, &["mcast=eth7", "syncid=7"]));
        assert!(daemon.stop().success());
        assert_eq!(daemons(&host), [""; 0]);
    });
}

#[test]
fn the_table_is_emptied_at_the_start_when_that_is_asked_for() {
    guest::run(|| {
        let lab = Lab::new("flush-start");
        let host = lab.host("a", "192.0.2.1/24");
        host.ipvsadm("-A -t 192.0.2.99:80 -s rr");
        let mut daemon = start(&host, &service("192.0.2.51"));
        assert_eq!(host.ipvs().services.len(), 2, "what others made is left alone");
        assert!(daemon.stop().success());
        let text = format!("global_defs {{\n lvs_flush\n}}\n{}", service("192.0.2.51"));
        let mut daemon = start(&host, &text);
        let names: Vec<_> = host.ipvs().services.into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["TCP 192.0.2.51:80"]);
        // A reload empties nothing.
        host.ipvsadm("-A -t 192.0.2.99:80 -s rr");
        daemon.reload(&text.replace("weight 1", "weight 2"));
        lab.wait_until("the reload", LIMIT, || {
            host.ipvs()
                .server("TCP 192.0.2.51:80", "192.0.2.11:80")
                .is_some_and(|one| one.weight == 2)
        });
        assert!(host.ipvs().service("TCP 192.0.2.99:80").is_some());
        assert!(daemon.stop().success());
    });
}

#[test]
fn the_table_is_emptied_at_the_stop_when_that_is_asked_for() {
    guest::run(|| {
        let lab = Lab::new("flush-stop");
        let host = lab.host("a", "192.0.2.1/24");
        for (wish, left) in [("lvs_flush_on_stop VS", 1), ("lvs_flush_on_stop", 0)] {
            if host.ipvs().service("TCP 192.0.2.99:80").is_none() {
                host.ipvsadm("-A -t 192.0.2.99:80 -s rr");
            }
            let text = format!("global_defs {{\n {wish}\n}}\n{}", service("192.0.2.51"));
            let mut daemon = start(&host, &text);
            assert_eq!(host.ipvs().services.len(), 2);
            assert!(daemon.stop().success());
            assert_eq!(host.ipvs().services.len(), left, "{wish}");
            assert_eq!(daemon.log().count("Shutting down service"), 0, "{wish}");
        }
    });
}
