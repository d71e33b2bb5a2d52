//! Every scheduler that a configuration can name: that the kernel is asked for it by its name and
//! with its flags, and what is said of the ones that cannot be had.

use testkit::guest;
use testkit::lab::{Host, Lab};

use crate::support::{LIMIT, under_test};

/// Scheduler, flags in the configuration, and what `ipvsadm` shows in the place of flags. A
/// service of each is on the port of its place here, counted from 8000.
const ALL: [(&str, &str, &str); 18] = [
    ("rr", "", ""),
    ("wrr", "", ""),
    ("lc", "", ""),
    ("wlc", "", ""),
    ("lblc", "", ""),
    ("lblcr", "", ""),
    ("dh", "", ""),
    ("sh", "", ""),
    ("sed", "", ""),
    ("nq", "", ""),
    ("fo", "", ""),
    ("ovf", "", ""),
    ("mh", "", ""),
    ("sh", "sh-port", "(sh-port)"),
    ("sh", "sh-fallback\n sh-port", "(sh-fallback,sh-port)"),
    ("mh", "mh-port", "(mh-port)"),
    ("mh", "mh-fallback\n mh-port", "(mh-fallback,mh-port)"),
    ("rr", "flag-1\n flag-2\n flag-3", "(flag-1,flag-2,flag-3)"),
];
const FIRST_PORT: u16 = 8000;
const VIP: &str = "192.0.2.51";

/// A service on direct routing with a server of weight 3 and one of weight 1.
fn service(port: u16, scheduler: &str, flags: &str) -> String {
    format!(
        "virtual_server {VIP} {port} {{\n lvs_sched {scheduler}\n {flags}\n lvs_method DR\n \
         protocol TCP\n real_server 192.0.2.11 {port} {{\n weight 3\n }}\n \
         real_server 192.0.2.12 {port} {{\n weight 1\n }}\n}}\n"
    )
}

fn ports() -> impl Iterator<Item = u16> {
    (0_u16..).map(|place| FIRST_PORT + place)
}

#[test]
fn every_scheduler_is_in_the_table_with_its_name_and_flags() {
    guest::run(|| {
        let lab = Lab::new("schedulers");
        let director = lab.host("a", "192.0.2.1/24");
        // This kernel does not have it; the services around it have to come all the same.
        let mut configuration = service(7000, "twos", "");
        for ((scheduler, flags, _), port) in ALL.into_iter().zip(ports()) {
            configuration += &service(port, scheduler, flags);
        }
        configuration += &full_nat(7001);
        refuses_full_nat(&director, &configuration);
        let mut daemon = director.daemon(&under_test()).start(&configuration);
        daemon.wait_for_log("Startup complete", LIMIT);
        lab.wait_until("the last service", LIMIT, || {
            director.ipvs().service(&named(7001)).is_some_and(|last| last.servers.len() == 2)
        });

        let table = director.ipvs();
        assert_eq!(table.services.len(), ALL.len() + 1, "{table:?}");
        for ((scheduler, flags, shown), port) in ALL.into_iter().zip(ports()) {
            let found = table.service(&named(port)).unwrap_or_else(|| lab.fail(scheduler));
            assert_eq!((&*found.scheduler, &*found.options), (scheduler, shown), "{flags}");
            let server = |last: u8| format!("192.0.2.{last}:{port}");
            assert_eq!(found.weights(), [(&*server(11), 3), (&*server(12), 1)]);
        }
        let refused = "IPVS cmd IP_VS_SO_SET_ADD(1154) error: Scheduler or persistence engine not \
                       found(2) (192.0.2.51:tcp:7000)";
        assert_eq!(daemon.log().count(refused), 1);
        assert!(daemon.stop().success());
        assert_eq!(director.ipvs().services, []);
    });
}

/// A service with a method that no mainline kernel has.
fn full_nat(port: u16) -> String {
    service(port, "wlc", "").replace("lvs_method DR", "lb_kind FULLNAT")
}

/// The configuration test says what is wrong and what to write instead.
fn refuses_full_nat(director: &Host, configuration: &str) {
    let program = under_test();
    let file = director.write("tested.conf", configuration);
    let words = [program.path().as_os_str(), "-t".as_ref(), "-f".as_ref(), file.as_os_str()];
    let tested = director.run(words);
    assert_eq!(tested.code, Some(5), "{}", tested.text());
    let refused = "PARSER : unknown [FULLNAT] routing method for virtual server.";
    let advice = " (full NAT is in no mainline kernel; use NAT, DR or TUN)";
    let advice = if program.is_ours() { advice } else { "" };
    assert!(tested.text().contains(&format!("{refused}{advice}")), "{}", tested.text());
}

/// The name that `ipvsadm` gives a service.
fn named(port: u16) -> String {
    format!("TCP {VIP}:{port}")
}
