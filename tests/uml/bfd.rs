//! `BFD_CHECK`: servers are in the table while a BFD session is up.

use testkit::guest;
use testkit::site::Site;

use crate::director::{Director, real, service};
use crate::support::{LIMIT, under_test};

fn session(own: &str, neighbor: &str) -> String {
    format!(
        "bfd_instance b1 {{\n neighbor_ip {neighbor}\n source_ip {own}\n min_rx 200\n \
         min_tx 200\n multiplier 5\n}}\n"
    )
}

#[test]
fn a_server_follows_a_bfd_session() {
    guest::run(|| {
        let site = Site::direct_routing("bfd-check", &["192.0.2.51"]);
        let check = "BFD_CHECK {\n name b1\n }";
        let servers = real("192.0.2.11 80", check) + &real("192.0.2.12 80", "");
        let configuration = session("192.0.2.1", "192.0.2.2") + &service(80, "", &servers);
        let director = Director::start(site, &configuration);
        director.wait_for_table(80, "192.0.2.12:80=1");
        let (program, site) = (under_test(), &director.site);
        let on_b = session("192.0.2.2", "192.0.2.1");
        let mut neighbor = site.b.daemon(&program).start(&on_b);
        director.wait_for_table(80, "192.0.2.11:80=1 192.0.2.12:80=1");
        if program.is_ours() {
            // The original begins all its checks anew.
            director.daemon.hup();
            let again = "Received BFD event: instance b1 is in state Up";
            director.daemon.wait_for_log_times(again, 2, LIMIT);
        }
        neighbor.kill_9();
        director.wait_for_table(80, "192.0.2.12:80=1");
        let _neighbor = site.b.daemon(&program).start(&on_b);
        director.wait_for_table(80, "192.0.2.11:80=1 192.0.2.12:80=1");
        let (down, up) = (
            "BFD check of [b1] RS([192.0.2.11]:tcp:80) is DOWN",
            "BFD check of [b1] RS([192.0.2.11]:tcp:80) is UP",
        );
        let (removed, added) = (
            "Removing service [192.0.2.11]:tcp:80 from VS [192.0.2.51]:tcp:80",
            "Adding service [192.0.2.11]:tcp:80 to VS [192.0.2.51]:tcp:80",
        );
        let wanted = [down, removed, up, added, down, removed, up, added];
        director.expect_lines("[192.0.2.11]:tcp:80", &wanted);
    });
}

/// With `alpha` a server is not in the table before its session has been up.
#[test]
fn with_alpha_a_server_waits_for_its_session() {
    guest::run(|| {
        let site = Site::direct_routing("bfd-alpha", &["192.0.2.51"]);
        let check = "BFD_CHECK {\n name b1\n alpha\n }";
        let servers = real("192.0.2.11 80", check) + &real("192.0.2.12 80", "");
        let configuration = session("192.0.2.1", "192.0.2.2") + &service(80, "", &servers);
        let director = Director::start(site, &configuration);
        director.wait_for_table(80, "192.0.2.12:80=1");
        let on_b = session("192.0.2.2", "192.0.2.1");
        let _neighbor = director.site.b.daemon(&under_test()).start(&on_b);
        director.wait_for_table(80, "192.0.2.11:80=1 192.0.2.12:80=1");
        let changes = director.changes();
        let added = ["add 192.0.2.11:80=1", "add 192.0.2.12:80=1", "add service 192.0.2.51:80"];
        assert_eq!(changes, added);
    });
}

/// The original puts it in first, and takes it out when BFD has told once more.
#[test]
fn a_server_that_a_reload_adds_knows_that_its_session_is_down() {
    guest::run(|| {
        let site = Site::direct_routing("bfd-added", &["192.0.2.51"]);
        let head = session("192.0.2.1", "192.0.2.2");
        let plain = real("192.0.2.11 80", "");
        let more = plain.clone() + &real("192.0.2.12 80", "BFD_CHECK {\n name b1\n }");
        let director = Director::start(site, &format!("{head}{}", service(80, "", &plain)));
        director.wait_for_table(80, "192.0.2.11:80=1");
        director.changes();
        director.daemon.reload(&format!("{head}{}", service(80, "", &more)));
        let removed = "Removing service [192.0.2.12]:tcp:80 from VS [192.0.2.51]:tcp:80";
        let down = "BFD check of [b1] RS([192.0.2.12]:tcp:80) is DOWN";
        director.expect_lines("[192.0.2.12]:tcp:80", &[down, removed]);
        director.wait_for_table(80, "192.0.2.11:80=1");
        let changes = director.changes();
        let moment = ["add 192.0.2.12:80=1", "remove 192.0.2.12:80"];
        let wanted = if under_test().is_ours() { &[][..] } else { &moment };
        assert_eq!(changes, wanted);
    });
}
