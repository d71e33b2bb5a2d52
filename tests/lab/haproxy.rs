//! HAProxy made highly available: one address, two directors, a check that moves it when haproxy
//! dies. Both forms that people use: a script that stops keepalived, and a tracked script.

use testkit::lab::{Host, answering};

use crate::support::{LIMIT, Pair, beside_others, under_test};

const VIP: &str = "192.0.2.100";
const SITE: &str = "http://192.0.2.100:8080/";

fn director(priority: u8, state: &str, script: &str) -> String {
    format!(
        "global_defs {{\n  script_user root\n}}\n\
         vrrp_script chk_haproxy {{\n  script \"{script}\"\n  interval 1\n}}\n\
         vrrp_instance VI_1 {{\n  state {state}\n  interface eth0\n  virtual_router_id 51\n  \
         priority {priority}\n  advert_int 1\n  \
         authentication {{\n    auth_type PASS\n    auth_pass 1111\n  }}\n  \
         track_script {{\n    chk_haproxy\n  }}\n  virtual_ipaddress {{\n    {VIP}\n  }}\n}}\n"
    )
}

/// Restarts haproxy when it is gone; stops keepalived when that does not help.
fn restart_or_stop(host: &Host) -> String {
    let dir = host.directory().display();
    let alive = format!("kill -0 $(cat {dir}/haproxy.pid) 2>/dev/null");
    let restart = format!("haproxy -D -f {dir}/haproxy.cfg -p {dir}/haproxy.pid >/dev/null 2>&1");
    let stop = format!("kill $(cat {dir}/keepalived-keepalived.pid)");
    let body = format!("{alive} && exit 0\n{restart}\n{alive} || {stop}\nexit 0");
    host.script("check_haproxy", &body).display().to_string()
}

fn alive(host: &Host) -> String {
    let pid = host.file("haproxy.pid");
    let body = format!("kill -0 $(cat {}) 2>/dev/null", pid.display());
    host.script("haproxy_alive", &body).display().to_string()
}

fn serve(host: &Host) -> testkit::lab::Process {
    host.haproxy(&answering(8080, host.name()))
}

/// Waits until a client gets its answer from this host.
fn wait_until_served(pair: &Pair, client: &Host, by: &Host) {
    pair.lab.wait_until(&format!("an answer from {}", by.name()), LIMIT, || {
        client.fetch(SITE).as_deref() == Some(by.name())
    });
}

#[test]
fn a_script_that_stops_keepalived_when_haproxy_cannot_be_restarted_moves_the_address() {
    let _machine = beside_others();
    let pair = Pair::new("haproxy-stop");
    let client = pair.lab.host("client", "192.0.2.9/24");
    let (mut web_a, _web_b) = (serve(&pair.a), serve(&pair.b));
    let (on_a, on_b) = (restart_or_stop(&pair.a), restart_or_stop(&pair.b));
    let (mut first, second) = pair.start(
        (&under_test(), &director(100, "MASTER", &on_a)),
        (&under_test(), &director(99, "BACKUP", &on_b)),
    );
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    wait_until_served(&pair, &client, &pair.a);
    let shown = pair.a.ok(["ip", "addr", "show", "dev", "eth0"]);
    assert!(shown.contains("inet 192.0.2.100/32 scope global eth0"), "{shown}");

    web_a.kill_9();
    wait_until_served(&pair, &client, &pair.a);
    assert!(holds_since_start(&second), "haproxy was restarted, nothing else happened");

    std::fs::remove_file(pair.a.file("haproxy.cfg")).unwrap();
    pair.a.ok(["sh", "-c", &format!("kill -9 $(cat {})", pair.a.file("haproxy.pid").display())]);
    assert!(first.wait_exit().success(), "the script has stopped it");
    pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
    wait_until_served(&pair, &client, &pair.b);

    let _web_a = serve(&pair.a);
    let first = pair.a.daemon(&under_test()).start(&director(100, "MASTER", &on_a));
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    wait_until_served(&pair, &client, &pair.a);
    first.log().expect_in_order(&[
        "(VI_1) Entering MASTER STATE",
        "Sending gratuitous ARP on eth0 for 192.0.2.100",
    ]);
    second.log().expect_in_order(&[
        "(VI_1) Entering MASTER STATE",
        "Sending gratuitous ARP on eth0 for 192.0.2.100",
        "(VI_1) Entering BACKUP STATE",
    ]);
}

fn holds_since_start(backup: &testkit::lab::Daemon) -> bool {
    !backup.log().has("Entering MASTER STATE")
}

#[test]
fn a_tracked_script_moves_the_address_when_haproxy_dies_and_back_when_it_returns() {
    let _machine = beside_others();
    let pair = Pair::new("haproxy-track");
    let client = pair.lab.host("client", "192.0.2.9/24");
    let (mut web_a, _web_b) = (serve(&pair.a), serve(&pair.b));
    let (on_a, on_b) = (alive(&pair.a), alive(&pair.b));
    let (first, second) = pair.start(
        (&under_test(), &director(100, "MASTER", &on_a)),
        (&under_test(), &director(99, "BACKUP", &on_b)),
    );
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    wait_until_served(&pair, &client, &pair.a);

    web_a.kill_9();
    pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
    wait_until_served(&pair, &client, &pair.b);

    let _web_a = serve(&pair.a);
    pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    wait_until_served(&pair, &client, &pair.a);
    first.log().expect_in_order(&[
        "(VI_1) Entering MASTER STATE",
        "VRRP_Script(chk_haproxy) failed (exited with status 1)",
        "(VI_1) Entering FAULT STATE",
        "VRRP_Script(chk_haproxy) succeeded",
        "(VI_1) Entering BACKUP STATE",
        "(VI_1) Entering MASTER STATE",
    ]);
    second.log().expect_in_order(&["(VI_1) Entering MASTER STATE", "(VI_1) Entering BACKUP STATE"]);
}
