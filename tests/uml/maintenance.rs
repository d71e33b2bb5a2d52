//! Two directors of one site: a file takes the better one out of service for maintenance, and a
//! sorry server answers while no real server does. The configuration is what operators write.

use testkit::guest;
use testkit::lab::{Daemon, WebServer};
use testkit::site::Site;

use crate::support::{LIMIT, holds_all, holds_none, under_test};

const VIP: &str = "192.0.2.51";
const URL: &str = "http://192.0.2.51/test.html";
const SERVICE: &str = "TCP 192.0.2.51:80";
const PAGE: &str = "the page\n";

fn instance(state: &str, priority: u8, more: &str) -> String {
    format!(
        "global_defs {{\n script_user root\n}}\n\
         vrrp_script chk_mt {{\n \
         script \"/bin/sh -c '[ -f /etc/keepalived/down ] && exit 1 || exit 0'\"\n \
         interval 1\n weight -2\n}}\n\
         vrrp_instance VI_1 {{\n state {state}\n interface eth0\n virtual_router_id 51\n \
         priority {priority}\n advert_int 1\n \
         authentication {{\n auth_type PASS\n auth_pass 1111\n }}\n \
         virtual_ipaddress {{\n {VIP}/24 dev eth0 label eth0:0\n }}\n {more}\n}}\n"
    )
}

/// Two real servers, each checked with these words, and a sorry server.
fn service(sorry: &str, words: &str) -> String {
    let real = |last: u8| {
        format!(
            " real_server 192.0.2.{last} 80 {{\n weight 1\n HTTP_GET {{\n \
             url {{\n path /test.html\n {words}\n }}\n \
             connect_timeout 1\n retry 1\n delay_before_retry 1\n }}\n }}\n"
        )
    };
    format!(
        "virtual_server {VIP} 80 {{\n delay_loop 1\n lb_algo rr\n lb_kind DR\n protocol TCP\n \
         sorry_server {sorry} 80\n{}{}}}\n",
        real(11),
        real(12)
    )
}

/// Both directors, running, and the two real servers.
struct Pair {
    site: Site,
    web: Vec<WebServer>,
    a: Daemon,
    b: Daemon,
}

impl Pair {
    /// Each daemon has an `/etc/keepalived` of its own.
    fn start(site: Site, service: &str) -> Self {
        let web = site.servers[..2].iter().map(|server| server.web_server(80, PAGE)).collect();
        let track = "track_script {\n chk_mt\n }";
        let start = |host: &testkit::lab::Host, text: String| {
            host.daemon(&under_test()).with_own_files().start(&(text + service))
        };
        let a = start(&site.a, instance("MASTER", 100, track));
        let b = start(&site.b, instance("BACKUP", 99, track));
        let pair = Self { site, web, a, b };
        pair.wait_until_on_a();
        pair.wait_for_servers(&["192.0.2.11:80", "192.0.2.12:80"]);
        pair
    }

    fn wait_until_on_a(&self) {
        self.site.lab.wait_until("the address on a only", LIMIT, || {
            holds_all(&self.site.a, &[VIP]) && holds_none(&self.site.b, &[VIP])
        });
    }

    fn wait_until_on_b(&self) {
        self.site.lab.wait_until("the address on b only", LIMIT, || {
            holds_all(&self.site.b, &[VIP]) && holds_none(&self.site.a, &[VIP])
        });
    }

    /// Waits until both tables have these servers.
    fn wait_for_servers(&self, wanted: &[&str]) {
        self.site.lab.wait_until(&format!("{wanted:?} in both tables"), LIMIT, || {
            [&self.site.a, &self.site.b].into_iter().all(|host| {
                let table = host.ipvs();
                let Some(service) = table.service(SERVICE) else {
                    return false;
                };
                let servers: Vec<&str> = service.weights().iter().map(|(name, _)| *name).collect();
                service.scheduler == "rr" && servers == wanted
            })
        });
    }

    fn answer(&self) -> String {
        self.site.client.get(URL).unwrap_or_else(|why| self.site.lab.fail(&why))
    }

    /// Ten requests in a row: five for each server, in turn.
    fn expect_turns(&self) {
        let before = self.web.iter().map(WebServer::requests).collect::<Vec<_>>();
        let mine =
            |requests: &[String]| requests.iter().filter(|one| one.ends_with(" lab")).count();
        for _ in 0..10 {
            assert_eq!(self.answer(), PAGE);
        }
        for (web, before) in self.web.iter().zip(&before) {
            let what = format!("five requests at {}", web.host().name());
            self.site.lab.wait_until(&what, LIMIT, || mine(&web.requests()) == mine(before) + 5);
        }
    }

    /// One server after the other goes; the sorry page; one comes back.
    fn lose_all_servers(&mut self, sorry: &str) {
        self.web[0].remove("test.html");
        self.wait_for_servers(&["192.0.2.12:80"]);
        assert_eq!(self.answer(), PAGE);
        self.web[1].stop();
        self.wait_for_servers(&[&format!("{sorry}:80")]);
        assert_eq!(self.answer(), "sorry");
        self.a.log().expect_in_order(&[
            "Removing service [192.0.2.12]:tcp:80 from VS [192.0.2.51]:tcp:80",
            "Lost quorum 1-0=1 > 0 for VS [192.0.2.51]:tcp:80",
            &format!("Adding sorry server [{sorry}]:tcp:80 to VS [192.0.2.51]:tcp:80"),
        ]);
        self.web[1].start();
        self.wait_for_servers(&["192.0.2.12:80"]);
        assert_eq!(self.answer(), PAGE);
        self.web[0].put("test.html", PAGE);
        self.wait_for_servers(&["192.0.2.11:80", "192.0.2.12:80"]);
        self.expect_turns();
    }
}

#[test]
fn a_file_moves_the_address_and_a_sorry_server_answers_for_two_that_are_down() {
    guest::run(|| {
        let site = Site::direct_routing("s5", &[VIP]);
        let sorry = site.servers[2].web_server(80, "sorry");
        let mut pair = Pair::start(site, &service("192.0.2.13", "status_code 200"));
        let addresses = pair.site.a.ok(["ip", "addr", "show", "dev", "eth0"]);
        assert!(
            addresses.contains("inet 192.0.2.51/24 scope global secondary eth0:0"),
            "{addresses}"
        );
        pair.expect_turns();

        pair.site.a.write("etc/down", "");
        pair.wait_until_on_b();
        pair.expect_turns();
        std::fs::remove_file(pair.site.a.file("etc/down")).expect("it was just there");
        pair.wait_until_on_a();
        pair.expect_turns();

        pair.lose_all_servers("192.0.2.13");
        assert!(sorry.requests().iter().any(|request| request.ends_with(" 200 lab")));
        assert!(pair.a.stop().success() && pair.b.stop().success());
        assert_eq!((pair.site.a.ipvs().services, pair.site.b.ipvs().services), (vec![], vec![]));
    });
}

/// What `genhash` says of the page that a server shows, as an operator asks for it.
fn digest_of_page(site: &Site) -> String {
    let _web = site.servers[0].web_server(80, PAGE);
    let genhash = site.a.file("genhash");
    std::os::unix::fs::symlink(under_test().path(), &genhash).expect("a link");
    let genhash = genhash.display().to_string();
    let words = [&genhash, "-s", "192.0.2.11", "-p", "80", "-u", "/test.html"];
    site.a.ok(words).trim().to_owned()
}

#[test]
fn a_digest_decides_and_the_director_itself_answers_for_two_that_are_down() {
    guest::run(|| {
        let site = Site::direct_routing("s5-digest", &[VIP]);
        let _sorry = [&site.a, &site.b].map(|host| host.web_server(80, "sorry"));
        let words = format!("digest {}", digest_of_page(&site));
        let mut pair = Pair::start(site, &service("127.0.0.1", &words));
        pair.expect_turns();
        // The same status, and another page.
        pair.web[1].put("test.html", "another page");
        pair.wait_for_servers(&["192.0.2.11:80"]);
        assert_eq!([pair.answer(), pair.answer()], [PAGE, PAGE]);
        pair.web[1].put("test.html", PAGE);
        pair.wait_for_servers(&["192.0.2.11:80", "192.0.2.12:80"]);
        pair.lose_all_servers("127.0.0.1");
    });
}
