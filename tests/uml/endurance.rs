//! What has to hold however often and however badly it goes: reloads in the middle of every kind
//! of attempt, and a kernel whose answers are lost.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use testkit::guest::Guest;
use testkit::lab::{Daemon, Host, Lab, Manner};

use crate::support::{LIMIT, under_test};

const RELOADS: usize = 40;
const SERVER: &str = "192.0.2.11";

/// Services of servers that nobody checks, whose scheduler no kernel of guests has, and one that
/// can be made.
fn refused(services: u16, servers: u16) -> String {
    let mut text = String::from("global_defs {\n lvs_netlink_cmd_rcv_bufs 1\n}\n");
    for port in 0..=services {
        let scheduler = if port == services { "rr" } else { "twos" };
        let _ = writeln!(
            text,
            "virtual_server 192.0.2.51 {} {{\n lvs_sched {scheduler}\n lvs_method NAT\n protocol TCP",
            8000 + port
        );
        for server in 1..=servers {
            let _ = writeln!(text, " real_server {SERVER} {server} {{\n }}");
        }
        text.push_str("}\n");
    }
    text
}

/// The smallest buffer that there is has room for few of the refusals, and the answer to all of
/// them is lost with the others.
#[test]
fn lost_answers_of_the_kernel_keep_nothing_back() {
    if !under_test().is_ours() {
        eprintln!("2.2.7 waits for the answer to each request");
        return;
    }
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let lab = Lab::new("lost");
        let host = lab.host("a", "192.0.2.1/24");
        let mut daemon = host.daemon(&under_test()).start(&refused(3, 100));
        daemon.wait_for_log("Startup complete", LIMIT);
        let good = "TCP 192.0.2.51:8003";
        let complete = |count: usize| {
            let table = host.ipvs();
            let services = table.services.len();
            services == 1 && table.service(good).is_some_and(|one| one.servers.len() == count)
        };
        lab.wait_until("the service that can be made", LIMIT, || complete(100));
        daemon.reload(&refused(3, 120));
        lab.wait_until("more of its servers", LIMIT, || complete(120));
        daemon.reload(&refused(3, 20));
        lab.wait_until("fewer of its servers", LIMIT, || complete(20));
        assert!(daemon.stop().success(), "{}", lab.logs());
        assert_eq!(host.ipvs().services, []);
    });
}

/// What the daemon has at the moment: descriptors, threads, programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Holdings {
    descriptors: usize,
    threads: usize,
    programs: usize,
}

fn holdings(daemon: &Daemon) -> Holdings {
    let pid = fs::read_to_string(&daemon.pid_files()[0]).expect("its number");
    let all = |what: &str| fs::read_dir(format!("/proc/{}/{what}", pid.trim())).expect("it runs");
    let children = |thread: fs::DirEntry| {
        let text = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        text.split_whitespace().count()
    };
    Holdings {
        descriptors: all("fd").count(),
        threads: all("task").count(),
        programs: all("task").flatten().map(children).sum(),
    }
}

/// Checks of every kind whose attempts take long, and are others with another timeout.
fn busy(host: &Host, timeout: u32) -> String {
    let url = "url {\n path /\n }";
    let kinds = [
        ("TCP_CHECK", "connect_ip 192.0.2.99"),
        ("HTTP_GET", url),
        ("SSL_GET", url),
        ("SMTP_CHECK", ""),
        ("DNS_CHECK", "type A\n name example.com"),
        ("UDP_CHECK", "require_reply"),
        ("PING_CHECK", "connect_ip 192.0.2.99"),
    ];
    let mut text = format!(
        "global_defs {{\n script_user root\n}}\ntrack_file f {{\n file {}\n}}\n",
        host.file(&format!("f{timeout}")).display()
    );
    let server = |port: u16, check: String| {
        format!(" real_server {SERVER} {port} {{\n  delay_loop 1\n  warmup 0\n  {check}\n }}\n")
    };
    let mut servers = String::new();
    for ((kind, words), port) in kinds.into_iter().zip(8001..) {
        let check =
            format!("{kind} {{\n connect_timeout {timeout}\n connect_port 80\n {words}\n }}");
        servers += &server(port, check);
    }
    let program = host.file("sleeps").display().to_string();
    let program = format!("misc_path \"{program} {timeout}\"\n misc_timeout 99");
    servers += &server(9001, format!("MISC_CHECK {{\n {program}\n }}"));
    servers += &server(9002, "FILE_CHECK {\n track_file f\n }".to_owned());
    for (port, more) in [(80, ""), (81, "ha_suspend")] {
        let _ = writeln!(
            text,
            "virtual_server 192.0.2.51 {port} {{\n lvs_sched rr\n lvs_method NAT\n protocol TCP\n \
             {more}\n{servers}}}"
        );
    }
    text
}

#[test]
fn reloads_in_the_middle_of_attempts_leave_nothing_behind() {
    if !under_test().is_ours() {
        eprintln!("2.2.7 has a process for each of its parts");
        return;
    }
    Guest::new().limit(Duration::from_secs(240)).run(|| {
        let lab = Lab::new("leaks");
        let host = lab.host("a", "192.0.2.1/24");
        let server = lab.host("server", &format!("{SERVER}/24"));
        let _ = server.mannered(80, Manner::Silent);
        let _ = server.mannered_udp(80, |_| None);
        host.script("sleeps", "sleep 77\n");
        let quiet = format!(
            "virtual_server 192.0.2.51 80 {{\n lvs_sched rr\n lvs_method NAT\n protocol TCP\n \
             real_server {SERVER} 80 {{\n }}\n}}\n"
        );
        let mut daemon = host.daemon(&under_test()).start(&busy(&host, 60));
        daemon.wait_for_log("Startup complete", LIMIT);
        let mut times = 0;
        let mut reload = |text: &str| {
            daemon.reload(text);
            times += 1;
            daemon.wait_for_log_times("Reload complete", times, LIMIT);
        };
        reload(&quiet);
        lab.wait_until("the programs to end", LIMIT, || holdings(&daemon).programs == 0);
        let before = holdings(&daemon);
        let mut most = before;
        for number in 0..RELOADS {
            reload(&busy(&host, 61 + u32::try_from(number).expect("few")));
            // Some in the first second, in which nothing is tried, others later.
            std::thread::sleep(Duration::from_millis(if number % 4 == 0 { 1_500 } else { 50 }));
            let now = holdings(&daemon);
            most.descriptors = most.descriptors.max(now.descriptors);
            most.programs = most.programs.max(now.programs);
        }
        assert!(most.descriptors > before.descriptors + 7 && most.programs > 0, "{most:?}");
        reload(&quiet);
        // What is done once at the start may not be over when it is counted first.
        let no_more = |now: Holdings| {
            now.descriptors <= before.descriptors
                && now.threads <= before.threads
                && now.programs == 0
        };
        let what = format!("{before:?} again, not {:?}", holdings(&daemon));
        lab.wait_until(&what, LIMIT, || no_more(holdings(&daemon)));
        assert!(daemon.stop().success());
    });
}
