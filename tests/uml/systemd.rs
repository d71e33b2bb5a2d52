//! The unit that `make install` installs, under the systemd that will run it, watched from outside:
//! by `systemctl`, by the journal and by the addresses of the machine.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use testkit::guest::Guest;
use testkit::lab::Program;

const LIMIT: Duration = Duration::from_secs(30);
const VIP: &str = "192.0.2.51";
const CONFIGURATION: &str = "/etc/keepalived/keepalived.conf";

/// Runs a program of the guest to its end; status and standard output.
fn run(words: &str) -> (Option<i32>, String) {
    let (program, arguments) = words.split_once(' ').expect("a program and its arguments");
    let output = Command::new(program).args(arguments.split(' ')).output().expect("it runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn ok(words: &str) -> String {
    let (status, text) = run(words);
    assert_eq!(status, Some(0), "{words}: {text}\n{}", journal());
    text
}

fn journal() -> String {
    run("journalctl --no-pager --output=cat --unit=keepalived").1
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LIMIT, "waited for {what}\n{}", journal());
        thread::sleep(Duration::from_millis(50));
    }
}

fn is_on_the_machine(vip: &str) -> bool {
    ok("ip -o addr show dev lan0").contains(&format!(" {vip}/"))
}

/// One property of the unit, `MainPID`.
fn unit(property: &str) -> String {
    ok(&format!("systemctl show --value --property={property} keepalived")).trim().to_owned()
}

fn configure(vip: &str) {
    let text = format!(
        "vrrp_instance VI_1 {{\n  state MASTER\n  interface lan0\n  virtual_router_id 51\n  \
         priority 150\n  advert_int 1\n  virtual_ipaddress {{\n    {vip}\n  }}\n}}\n"
    );
    fs::write(CONFIGURATION, text).expect("the guest's files can be written");
}

/// What `make install` does, with a link for the copy of the daemon.
fn install() {
    let program = Program::ours(env!("CARGO_BIN_EXE_keepalived"));
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let unit = fs::read_to_string(project.join("systemd/keepalived.service")).expect("our unit");
    fs::create_dir_all("/usr/local/sbin").expect("a place for the daemon");
    fs::create_dir_all("/etc/keepalived").expect("a place for the configuration");
    symlink(program.path(), "/usr/local/sbin/keepalived").expect("the daemon is installed");
    let unit = unit.replace("@SBINDIR@", "/usr/local/sbin");
    fs::write("/etc/systemd/system/keepalived.service", unit).expect("the unit is installed");
    ok("systemctl daemon-reload");
}

/// `examples/realserver`, installed as its README says.
#[test]
fn systemd_sets_a_real_server_up_and_takes_it_down() {
    Guest::new().with_systemd().run(|| {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/realserver");
        let example = example.display();
        ok(&format!("install -m 0755 -D -t /usr/local/sbin {example}/lvs-realserver"));
        ok(&format!("install -m 0644 -t /etc/systemd/system {example}/lvs-realserver@.service"));
        ok(&format!("install -m 0644 -D -t /etc/keepalived/realserver {example}/web.conf"));
        ok("systemctl daemon-reload");
        let has_vip = || ok("ip -o addr show dev lo").contains(&format!(" {VIP}/32"));

        ok("systemctl start lvs-realserver@web");
        assert!(has_vip());
        assert_eq!(ok("cat /proc/sys/net/ipv4/conf/all/arp_ignore"), "1\n");
        ok("systemctl stop lvs-realserver@web");
        assert!(!has_vip());
        assert_eq!(ok("cat /proc/sys/net/ipv4/conf/all/arp_ignore"), "0\n");
    });
}

/// Two guests would only wait for each other, so one goes through the whole life of a service.
#[test]
fn systemd_starts_reloads_restarts_revives_and_stops_the_daemon() {
    Guest::new().with_systemd().run(|| {
        // A dummy link carries no multicast.
        ok("ip link add lan0 type veth peer name lan1");
        ok("ip link set lan1 up");
        ok("ip link set lan0 up");
        ok("ip addr add 192.0.2.1/24 dev lan0");
        install();
        configure(VIP);

        ok("systemctl start keepalived");
        assert_eq!(unit("ActiveState"), "active");
        assert_eq!(unit("Type"), "notify");
        wait_until("the address", || is_on_the_machine(VIP));
        wait_until("the state in the journal", || {
            journal().contains("(VI_1) Entering MASTER STATE")
        });

        reload();
        restart();
        revive();

        ok("systemctl stop keepalived");
        assert_eq!(unit("ActiveState"), "inactive");
        assert_eq!(unit("Result"), "success");
        assert!(!is_on_the_machine(VIP));
    });
}

/// A reload that succeeds changes the addresses and keeps the process.
fn reload() {
    let pid = unit("MainPID");
    configure("192.0.2.52");
    ok("systemctl reload keepalived");
    wait_until("the reload in the journal", || journal().contains("Reload"));
    wait_until("the other address", || is_on_the_machine("192.0.2.52") && !is_on_the_machine(VIP));
    assert_eq!((unit("ActiveState"), unit("MainPID")), ("active".to_owned(), pid));
    configure(VIP);
    ok("systemctl reload keepalived");
    wait_until("the first address", || is_on_the_machine(VIP) && !is_on_the_machine("192.0.2.52"));
}

fn restart() {
    let pid = unit("MainPID");
    ok("systemctl restart keepalived");
    assert_eq!(unit("ActiveState"), "active");
    assert_ne!(unit("MainPID"), pid);
    wait_until("the address again", || is_on_the_machine(VIP));
}

/// A killed daemon is started again, takes over what is left, and systemd counts it.
fn revive() {
    let pid = unit("MainPID");
    ok(&format!("kill -KILL {pid}"));
    wait_until("another process", || {
        unit("ActiveState") == "active" && unit("MainPID") != pid && unit("NRestarts") == "1"
    });
    wait_until("the address still", || is_on_the_machine(VIP));
}
