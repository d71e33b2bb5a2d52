//! What two routers make of a file that changes or a process that dies: the addresses move.

use std::process::{Child, Command};

use testkit::lab::{Daemon, Host, Program};

use crate::support::{LIMIT, Pair, SETTLED, with_each_pairing};

const VIP: &str = "192.0.2.50";

fn director(priority: u8, tracked: &str, more: &str) -> String {
    format!(
        "{tracked}\nvrrp_instance VI_1 {{\n  state BACKUP\n  interface eth0\n  \
         virtual_router_id 51\n  priority {priority}\n  version 3\n  advert_int 0.1\n  {more}\n  \
         virtual_ipaddress {{\n    {VIP}\n  }}\n}}\n"
    )
}

/// Maintenance by file: `echo -100 >file` moves everything, `echo 0 >file` brings it back.
#[test]
fn a_value_in_a_file_moves_the_address_and_another_brings_it_back() {
    with_each_pairing(|master, backup| {
        let pair = Pair::new("by-file");
        let file = pair.a.write("maintenance", "0\n");
        let tracked = format!("track_file maintenance {{\n  file {}\n}}", file.display());
        let better = director(150, &tracked, "track_file {\n    maintenance\n  }");
        let (_a, _b) = pair.start((master, &better), (backup, &director(100, "", "")));
        pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
        pair.a.write("maintenance", "-100\n");
        pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
        pair.insist_on(&pair.b, &pair.a, &[VIP], SETTLED);
        pair.a.write("maintenance", "0\n");
        pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
        // A fault: nobody waits for silence.
        pair.a.write("maintenance", "-254\n");
        pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
    });
}

/// A process that is killed with its test.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn service(host: &Host, name: &str) -> Service {
    let program = host.file(name);
    if !program.exists() {
        std::fs::copy("/bin/sleep", &program).expect("a program can be copied");
    }
    Service(Command::new(program).arg("600").spawn().expect("it is a program"))
}

fn start(host: &Host, program: &Program, configuration: &str) -> Daemon {
    let daemon = host.daemon(program).from_outside().start(configuration);
    daemon.wait_for_log("STATE", LIMIT);
    daemon
}

#[test]
fn the_address_leaves_a_router_whose_service_dies_and_returns_with_it() {
    with_each_pairing(|master, backup| {
        let pair = Pair::new("by-process");
        let lab = pair.a.namespace().rsplit('-').nth(1).unwrap_or_default().to_owned();
        let name = format!("svc{}-{lab}", std::process::id());
        let tracked = format!("vrrp_track_process service {{\n  process {name}\n}}");
        let better = director(150, &tracked, "track_process {\n    service\n  }");
        let running = service(&pair.a, &name);
        let _a = start(&pair.a, master, &better);
        let _b = start(&pair.b, backup, &director(100, "", ""));
        pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
        drop(running);
        pair.wait_until_on(&pair.b, &pair.a, &[VIP]);
        pair.insist_on(&pair.b, &pair.a, &[VIP], SETTLED);
        let _again = service(&pair.a, &name);
        pair.wait_until_on(&pair.a, &pair.b, &[VIP]);
    });
}
