//! How the daemon goes and comes back: with a large table, in the middle of a check or of its
//! start, killed, or only held up for a while.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use testkit::guest;
use testkit::lab::Host;
use testkit::site::Site;

use crate::director::{Director, QUICK, real, service};
use crate::support::{LIMIT, under_test};

const SERVICES: u16 = 300;
const SERVERS: u16 = 16;
/// Everything that a large table consists of.
const OBJECTS: usize = SERVICES as usize * (1 + SERVERS as usize);

/// The file of a script.
const TOLD: &str = "told.txt";

/// Services on many ports, each with servers that nobody checks.
fn large() -> String {
    let one = |port: u16| {
        let servers = (1..=SERVERS).map(|server| real(&format!("10.0.0.{server} {port}"), ""));
        let text = service(port, "", &servers.collect::<String>());
        text.replace("lb_kind DR", "lb_kind NAT")
    };
    (1000..1000 + SERVICES).map(one).collect()
}

/// How many services and servers a host has.
fn objects(host: &Host) -> usize {
    host.ipvs().services.iter().map(|service| 1 + service.servers.len()).sum()
}

/// A server that is cut off, so that a check of it takes its whole time. A script that hears of
/// the service at the start writes down how often the server is in the table then.
fn hanging(site: &Site) -> String {
    let server = &site.servers[2];
    let mac = server.mac();
    let neighbour = ["ip", "neigh", "replace", "192.0.2.13", "lladdr", &mac, "nud", "permanent"];
    site.a.ok(neighbour.into_iter().chain(["dev", "eth0"]));
    server.isolate();
    let check = "TCP_CHECK {\n connect_timeout 60\n }";
    let told = site.a.file(TOLD).display().to_string();
    let script = site.a.script("told", &format!("ipvsadm -Ln | grep -c 192.0.2.13:80 >>{told}"));
    let more = format!("warmup 0\n delay_loop 60\n quorum_up {}", script.display());
    let service = service(80, &more, &real("192.0.2.13 80", check));
    format!("global_defs {{\n script_user root\n}}\n{service}")
}

#[test]
fn nothing_of_a_large_table_is_left_by_a_stop_and_all_of_it_by_a_kill() {
    guest::run(|| {
        let site = Site::direct_routing("large", &["192.0.2.51"]);
        let text = large() + &hanging(&site);
        let mut director = Director::start(site, &text);
        assert_eq!(objects(&director.site.a), OBJECTS + 2);

        // The last of all services is there, and then it is told.
        let told = || director.site.a.read(TOLD);
        director.site.lab.wait_until("the script", LIMIT, || !told().is_empty());
        assert_eq!(told(), "1\n", "{}", director.site.lab.logs());
        // The check of the last service began a second after the start and waits for an answer.
        thread::sleep(Duration::from_millis(1500));
        let asked = Instant::now();
        assert!(director.daemon.stop().success());
        let took = asked.elapsed();
        assert!(took < Duration::from_secs(5), "{took:?}");
        assert_eq!(director.site.a.ipvs().services, []);

        director.writes.take();
        let start = |text: &str| director.site.a.daemon(&under_test()).start(text);
        let mut first = start(&text);
        first.wait_for_log("Startup complete", LIMIT);
        assert!(director.writes.take().len() >= OBJECTS);
        first.kill_9();
        assert_eq!(objects(&director.site.a), OBJECTS + 2);
        let mut second = start(&text);
        second.wait_for_log("Startup complete", LIMIT);
        if under_test().is_ours() {
            // Keepalived asks for everything again and logs that it is there already.
            assert_eq!(director.writes.take(), [""; 0]);
        }
        assert_eq!(objects(&director.site.a), OBJECTS + 2);
        assert!(second.stop().success());
        assert_eq!(director.site.a.ipvs().services, []);
    });
}

#[test]
fn a_stop_during_the_start_leaves_nothing() {
    guest::run(|| {
        let site = Site::direct_routing("early", &["192.0.2.51"]);
        let text = large();
        let mut found_it_at_work = 0;
        // The last ones wait for the work to begin, however long the machine takes to get there.
        let delays = [20, 60, 100, 150, 200, 300, 400, 600].map(Some).into_iter();
        for delay in delays.chain([None; 3]) {
            let mut daemon = site.a.daemon(&under_test()).start(&text);
            match delay {
                Some(delay) => thread::sleep(Duration::from_millis(delay)),
                None => daemon.wait_for_log("Initializing ipvs", LIMIT),
            }
            daemon.term();
            daemon.wait_exit();
            assert_eq!(site.a.ipvs().services, [], "after {delay:?} ms\n{}", site.lab.logs());
            let (begun, done) = ("Initializing ipvs", "Startup complete");
            let log = daemon.log();
            found_it_at_work += usize::from(log.has(begun) && !log.has(done));
        }
        assert!(found_it_at_work > 0, "every stop came before or after the start");
    });
}

/// Answers after a while. Counts the requests that wait for their answers.
fn slow_server(host: &Host, waiting: &Arc<AtomicUsize>) {
    let listener = host.inside_thread(|| TcpListener::bind(("0.0.0.0", 80)));
    let listener = listener.expect("a free port");
    let waiting = Arc::clone(waiting);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let waiting = Arc::clone(&waiting);
            thread::spawn(move || {
                if !stream.read(&mut [0; 4096]).is_ok_and(|length| length > 0) {
                    return;
                }
                waiting.fetch_add(1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(700));
                // Whether somebody still wants the answer is seen by the daemon's log.
                let _ = stream.write_all(b"HTTP/1.0 200 OK\r\n\r\npage");
                waiting.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
}

#[test]
fn a_daemon_that_was_held_up_takes_no_server_for_failed() {
    guest::run(|| {
        let site = Site::direct_routing("paused", &["192.0.2.51"]);
        let waiting = Arc::new(AtomicUsize::new(0));
        site.servers.iter().for_each(|server| slow_server(server, &waiting));
        let web =
            "HTTP_GET {\n url {\n path /\n status_code 200\n }\n retry 0\n log_all_failures\n }";
        let tcp = "TCP_CHECK {\n retry 0\n log_all_failures\n }";
        let servers =
            [11, 12, 13].map(|last| real(&format!("192.0.2.{last} 80"), &format!("{web}\n {tcp}")));
        let more =
            format!("{QUICK}\n delay_loop 1").replace("connect_timeout 1", "connect_timeout 2");
        let director = Director::start(site, &service(80, &more, &servers.concat()));
        let all = "192.0.2.11:80=1 192.0.2.12:80=1 192.0.2.13:80=1";
        director.daemon.wait_for_log_times("succeed on service.", 3, LIMIT);
        director.changes();
        for seconds in [10, 3, 3] {
            // All three have been asked, and will have answered when the daemon looks again.
            let asked = || waiting.load(Ordering::SeqCst) == 3;
            director.site.lab.wait_until("three requests under way", LIMIT, asked);
            director.daemon.pause();
            thread::sleep(Duration::from_secs(seconds));
            director.daemon.resume();
        }
        thread::sleep(Duration::from_secs(3));
        assert_eq!(director.changes(), [""; 0], "{}", director.site.lab.logs());
        assert_eq!(director.table(80), all);
        for words in ["failed", "Timeout", "timeout", "error"] {
            assert!(!director.daemon.log().has(words), "{}", director.site.lab.logs());
        }
    });
}
