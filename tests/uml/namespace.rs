//! A table in another network namespace than the daemon's: services are there, checks leave from
//! here. Each also passes on the original.

use testkit::guest;
use testkit::lab::Lab;

use crate::support::{LIMIT, under_test};

/// Two servers, of which only the first one listens where the daemon is.
fn text(namespace: &str) -> String {
    let server = |last: u8| {
        format!(
            " real_server 192.0.2.{last} 80 {{\n  TCP_CHECK {{\n   connect_timeout 1\n   \
             retry 0\n  }}\n }}\n"
        )
    };
    format!(
        "net_namespace_ipvs {namespace}\nvirtual_server 192.0.2.51 80 {{\n delay_loop 1\n \
         warmup 0\n lb_algo rr\n lb_kind DR\n protocol TCP\n{}{}}}\n",
        server(11),
        server(12)
    )
}

#[test]
fn services_are_in_the_other_namespace_and_checks_leave_from_the_daemons() {
    guest::run(|| {
        let lab = Lab::new("netns-ipvs");
        let [daemon, table] = ["a", "b"].map(|name| (name, if name == "a" { 1 } else { 2 }));
        let [here, there] =
            [daemon, table].map(|(name, last)| lab.host(name, &format!("192.0.2.{last}/24")));
        // Seen from the table's namespace nobody listens there.
        here.add_address("lo", "192.0.2.11/32");
        let _web = here.web_server(80, "here");
        let mut running = here.daemon(&under_test()).start(&text(there.namespace()));
        running.wait_for_log("Startup complete", LIMIT);
        lab.wait_until("the server that works, in the other namespace", LIMIT, || {
            let table = there.ipvs();
            let service = table.service("TCP 192.0.2.51:80");
            service.is_some_and(|one| one.weights() == [("192.0.2.11:80", 1)])
        });
        assert_eq!(here.ipvs().services, [], "nothing in the daemon's own");
        assert!(running.stop().success());
        assert_eq!(there.ipvs().services, []);
    });
}

#[test]
fn a_namespace_that_is_missing_ends_the_start_with_a_word() {
    guest::run(|| {
        let lab = Lab::new("netns-missing");
        let host = lab.host("a", "192.0.2.1/24");
        let mut daemon = host.daemon(&under_test()).start(&text("nowhere"));
        assert!(!daemon.wait_exit().success() || !under_test().is_ours());
        assert!(host.ipvs().services.is_empty());
        if under_test().is_ours() {
            assert_eq!(daemon.log().count("cannot open /run/netns/nowhere"), 1, "{}", lab.logs());
        }
    });
}
