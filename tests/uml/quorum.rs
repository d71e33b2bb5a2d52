//! Quorum, sorry servers and what scripts are told of them, step by step.

use testkit::guest;
use testkit::lab::WebServer;
use testkit::site::Site;

use crate::director::{Director, QUICK, real, service};
use crate::support::{LIMIT, under_test};

const VIP: &str = "192.0.2.51";
const CHECK: &str = "TCP_CHECK {\n retry 0\n }";
/// The file in which scripts write what they were told and what they saw.
const TOLD: &str = "told";

/// Writes its words, and the servers and weights that are in the kernel's table at that moment.
fn witness(site: &Site) -> String {
    let body = format!(
        "table=$(ipvsadm -Ln | awk '$2 ~ /^192.0.2.1[1-3]:/ {{ print \" \" $2 \"=\" $4 }}' | sort)\n\
         echo \"$*:\" $table >> {}",
        site.a.file(TOLD).display()
    );
    site.a.script("witness", &body).display().to_string()
}

impl Director {
    /// Waits for so many lines of the witness since the last call, and gives them sorted: scripts
    /// about several things run side by side.
    fn told(&self, seen: &mut usize, count: usize) -> Vec<String> {
        let lines = || -> Vec<String> {
            self.site.a.read(TOLD).lines().skip(*seen).map(str::to_owned).collect()
        };
        self.site.lab.wait_until(&format!("{count} scripts"), LIMIT, || lines().len() >= count);
        let mut told = lines();
        *seen += told.len();
        told.sort();
        told
    }

    /// Insists on what scripts were told. What they saw counts for ours only: keepalived does
    /// not wait between a change and the next one, so that its scripts may see either.
    fn expect_told(&self, seen: &mut usize, wanted: &[&str]) {
        let told = self.told(seen, wanted.len());
        if under_test().is_ours() {
            assert_eq!(told, wanted, "{}", self.site.lab.logs());
            return;
        }
        let word = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
        let words = |lines: &[&str]| lines.iter().map(|line| word(line)).collect::<Vec<_>>();
        let told: Vec<&str> = told.iter().map(String::as_str).collect();
        assert_eq!(words(&told), words(wanted), "{}", self.site.lab.logs());
    }

    fn answer(&self, port: u16) -> String {
        let url = format!("http://{VIP}:{port}/");
        self.site.client.get(&url).unwrap_or_else(|why| self.site.lab.fail(&why))
    }
}

fn hysteresis(script: &str) -> String {
    let told = |server: u8| {
        format!(
            "weight 2\n notify_up \"{script} real{server} up\"\n notify_down \"{script} real{server} down\"\n {CHECK}"
        )
    };
    let servers = [1, 2].map(|n| real(&format!("192.0.2.1{n} 80"), &told(n))).concat();
    let more = format!(
        "{QUICK}\n delay_loop 1\n quorum 3\n hysteresis 1\n omega\n sorry_server 192.0.2.13 80\n \
         quorum_up \"{script} VS up\"\n quorum_down \"{script} VS down\""
    );

    format!("global_defs {{\n script_user root\n}}\n{}", service(80, &more, &servers))
}

#[test]
fn a_sorry_server_serves_between_losing_and_gaining_the_quorum() {
    guest::run(|| {
        let site = Site::direct_routing("quorum", &[VIP]);
        let mut web = site.web_servers(80);
        web[2].put("index.html", "sorry");
        let configuration = hysteresis(&witness(&site));
        let mut director = Director::start(site, &configuration);
        let seen = &mut 0;
        let both = "192.0.2.11:80=2 192.0.2.12:80=2";
        director.wait_for_table(80, both);
        director.expect_told(seen, &["VS up: 192.0.2.11:80=2 192.0.2.12:80=2"]);
        let mut lines = vec!["Gained quorum 3+1=4 <= 4 for VS $V"];
        director.expect_lines_of(80, &lines);
        director.daemon.wait_for_log_times("success.", 2, LIMIT);
        director.changes();

        // One is enough to go on.
        web[0].stop();
        director.wait_for_table(80, "192.0.2.12:80=2");
        director.expect_told(seen, &["real1 down: 192.0.2.12:80=2"]);
        lines.push("Removing service $1 from VS $V");
        director.expect_lines_of(80, &lines);
        assert_eq!(director.changes(), ["remove 192.0.2.11:80"]);

        // None is not.
        web[1].stop();
        director.wait_for_table(80, "192.0.2.13:80=1");
        director.expect_told(seen, &["VS down: 192.0.2.13:80=1", "real2 down: 192.0.2.13:80=1"]);
        lines.extend([
            "Removing service $2 from VS $V",
            "Lost quorum 3-1=2 > 0 for VS $V",
            "Adding sorry server $3 to VS $V",
            "Removing alive servers from the pool for VS $V",
        ]);
        director.expect_lines_of(80, &lines);
        assert_eq!(director.changes(), ["add 192.0.2.13:80=1", "remove 192.0.2.12:80"]);
        assert_eq!(director.answer(80), "sorry");

        come_back(&mut director, &mut web, seen, &mut lines);
        leave(director, seen, &mut lines);
    });
}

/// One is not enough to begin again, two are.
fn come_back(
    director: &mut Director,
    web: &mut [WebServer],
    seen: &mut usize,
    lines: &mut Vec<&str>,
) {
    web[0].start();
    lines.push("Adding service $1 to VS $V");
    director.expect_lines_of(80, lines);
    director.expect_told(seen, &["real1 up: 192.0.2.13:80=1"]);
    assert_eq!((director.table(80).as_str(), director.changes()), ("192.0.2.13:80=1", vec![]));
    assert_eq!(director.answer(80), "sorry");

    web[1].start();
    let both = "192.0.2.11:80=2 192.0.2.12:80=2";
    director.wait_for_table(80, both);
    let told = [format!("VS up: {both}"), format!("real2 up: {both}")];
    director.expect_told(seen, &told.each_ref().map(String::as_str));
    lines.extend([
        "Adding service $2 to VS $V",
        "Gained quorum 3+1=4 <= 4 for VS $V",
        "Removing sorry server $3 from VS $V",
        "Adding alive servers to the pool for VS $V",
    ]);
    director.expect_lines_of(80, lines);
    let changes = ["add 192.0.2.11:80=2", "add 192.0.2.12:80=2", "remove 192.0.2.13:80"];
    assert_eq!(director.changes(), changes);
    let mut answers = [director.answer(80), director.answer(80)];
    answers.sort();
    assert_eq!(answers, ["real1", "real2"]);
}

/// With `omega` the end is told like a failure.
fn leave(mut director: Director, seen: &mut usize, lines: &mut Vec<&str>) {
    assert!(director.daemon.stop().success());
    lines.extend(["Shutting down service $1 from VS $V", "Shutting down service $2 from VS $V"]);
    director.expect_lines_of(80, lines);
    director.expect_told(seen, &["VS down:", "real1 down:", "real2 down:"]);
    assert_eq!(director.table(80), "no service");
}

impl Director {
    /// All lines about a service; `$1` to `$3` are the servers, `$V` the service.
    fn expect_lines_of(&self, port: u16, lines: &[&str]) {
        let named = |last: u8| format!("[192.0.2.{last}]:tcp:{port}");
        let name = |line: &&str| {
            let line = line.replace("$V", &named(51));
            (1..=3).fold(line, |line, n| line.replace(&format!("${n}"), &named(10 + n)))
        };
        let lines: Vec<String> = lines.iter().map(name).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        self.expect_lines(&format!("VS {}", named(51)), &lines);
    }
}

#[test]
fn servers_that_stay_in_the_table_and_servers_that_have_to_prove_themselves() {
    guest::run(|| {
        let site = Site::direct_routing("inhibit", &[VIP]);
        let mut plain = site.web_servers(80);
        let mut kept = site.web_servers(81);
        [&plain[2], &kept[2]].iter().for_each(|web| web.put("index.html", "sorry"));
        plain[..2].iter_mut().for_each(WebServer::stop);
        let servers = |port: u16, more: &str| {
            [11, 12]
                .map(|last| real(&format!("192.0.2.{last} {port}"), &format!("{more}\n {CHECK}")))
        };
        let quick = format!("{QUICK}\n delay_loop 1");
        let alpha = format!("{quick}\n alpha\n sorry_server 192.0.2.13 80");
        let inhibit = format!(
            "{quick}\n inhibit_on_failure\n sorry_server 192.0.2.13 81\n sorry_server_inhibit"
        );
        let text = [
            service(80, &alpha, &servers(80, "").concat()),
            service(81, &inhibit, &servers(81, "weight 3").concat()),
        ];
        let mut director = Director::start(site, &text.concat());
        alpha_with_a_sorry_server(&director, &mut plain);
        inhibited(&director, &mut kept);
        assert!(director.daemon.stop().success());
        assert_eq!(director.site.a.ipvs().services, []);
        let last = "Shutting down service [192.0.2.11]:tcp:81 from VS [192.0.2.51]:tcp:81";
        let inhibited = "Shutting down (inhibited) service [192.0.2.12]:tcp:81 from VS";
        assert!(director.daemon.log().has(last) && director.daemon.log().has(inhibited));
    });
}

fn alpha_with_a_sorry_server(director: &Director, web: &mut [WebServer]) {
    director.wait_for_table(80, "192.0.2.13:80=1");
    let mut lines = vec![
        "Starting with quorum down 1-0=1 > 0 for VS $V",
        "Adding sorry server $3 to VS $V",
        "Removing alive servers from the pool for VS $V",
    ];
    director.daemon.wait_for_log_times("]:tcp:80 failed.", 2, LIMIT);
    director.expect_lines_of(80, &lines);
    assert_eq!(director.answer(80), "sorry");
    web[1].start();
    director.wait_for_table(80, "192.0.2.12:80=1");
    lines.extend([
        "Adding service $2 to VS $V",
        "Gained quorum 1+0=1 <= 1 for VS $V",
        "Removing sorry server $3 from VS $V",
        "Adding alive servers to the pool for VS $V",
    ]);
    director.expect_lines_of(80, &lines);
    assert_eq!(director.answer(80), "real2");
}

/// Who fails stays with weight 0, and so does the sorry server while it is not needed.
fn inhibited(director: &Director, web: &mut [WebServer]) {
    director.wait_for_table(81, "192.0.2.11:81=3 192.0.2.12:81=3 192.0.2.13:81=0");
    director.changes();
    web[0].stop();
    director.wait_for_table(81, "192.0.2.11:81=0 192.0.2.12:81=3 192.0.2.13:81=0");
    assert_eq!(director.changes(), ["edit 192.0.2.11:81=0"]);
    web[1].stop();
    director.wait_for_table(81, "192.0.2.11:81=0 192.0.2.12:81=0 192.0.2.13:81=1");
    assert_eq!(director.changes(), ["edit 192.0.2.12:81=0", "edit 192.0.2.13:81=1"]);
    assert_eq!(director.answer(81), "sorry");
    web[0].start();
    director.wait_for_table(81, "192.0.2.11:81=3 192.0.2.12:81=0 192.0.2.13:81=0");
    assert_eq!(director.changes(), ["edit 192.0.2.11:81=3", "edit 192.0.2.13:81=0"]);
    assert_eq!(director.answer(81), "real1");
    director.expect_lines_of(
        81,
        &[
            "Gained quorum 1+0=1 <= 6 for VS $V",
            "Disabling service $1 of VS $V",
            "Disabling service $2 of VS $V",
            "Lost quorum 1-0=1 > 0 for VS $V",
            "Enabling sorry server $3 to VS $V",
            "Removing alive servers from the pool for VS $V",
            "Enabling service $1 of VS $V",
            "Gained quorum 1+0=1 <= 3 for VS $V",
            "Disabling sorry server $3 from VS $V",
            "Adding alive servers to the pool for VS $V",
        ],
    );
}
