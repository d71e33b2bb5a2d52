//! Alerts: what somebody wants a mail about, and what not (compat 21 §5.4).

use std::sync::Arc;

use crate::Input;
use crate::alert::{Alert, Cause};
use crate::config::{CheckKind, Config, MiscCheck, RealServer, VirtualServer};
use crate::event::{Finding, Happening};
use crate::tests::site::{
    Site, VS, alpha, command, config, real, rs, secs, simple, vs, with_checks_of, with_schedule,
};

fn mailed(server: RealServer) -> RealServer {
    RealServer { mail: true, ..with_schedule(server, |schedule| schedule.retry = 0) }
}

/// One virtual server with `smtp_alert`, of one server without.
fn watched(change: impl FnOnce(&mut VirtualServer)) -> Config {
    let mut server = vs(1, vec![with_schedule(real(1), |schedule| schedule.retry = 0)]);
    server.mail = true;
    change(&mut server);
    config(vec![server])
}

/// Who is how, as pipes say it, and whether that is news.
fn heads(alerts: &[Alert]) -> Vec<String> {
    let head = |alert: &Alert| {
        let (up, news) =
            (if alert.up { "UP" } else { "DOWN" }, if alert.turned { "" } else { " still" });
        format!("{}{news} {up}", alert.subject)
    };
    alerts.iter().map(head).collect()
}

fn server(news: &str) -> String {
    format!("RS {} {VS}{news}", rs(1))
}

#[test]
fn a_server_is_told_of_when_a_check_turns() {
    let mut site = Site::new(simple(vec![mailed(real(1)), real(2)]));
    site.run_to(3);
    assert_eq!(site.take_alerts(), [], "that it works is what was assumed");
    site.set(1, false);
    site.set(2, false);
    site.run_to(30);
    let alerts = site.take_alerts();
    assert_eq!(heads(&alerts), [server(" DOWN")], "nobody wants to hear of the other one");
    assert!(matches!(alerts[0].cause, Cause::Check(Some(Finding::Bad { .. }))), "{alerts:?}");
    site.set(1, true);
    site.run_to(60);
    let alerts = site.take_alerts();
    assert_eq!(heads(&alerts), [server(" UP")]);
    assert!(matches!(alerts[0].cause, Cause::Check(Some(Finding::Good(_)))), "{alerts:?}");
}

#[test]
fn each_of_several_checks_is_told_of() {
    let mut site = Site::new(simple(vec![with_checks_of(&mailed(real(2)), mailed(real(1)))]));
    site.run_to(3);
    site.set(1, false);
    site.run_to(30);
    site.set(2, false);
    site.run_to(60);
    site.set(1, true);
    site.run_to(90);
    let told = [server(" DOWN"), server(" still DOWN"), server(" still DOWN")];
    assert_eq!(heads(&site.take_alerts()), told);
}

#[test]
fn a_server_that_begins_as_failed_is_told_of_when_it_works() {
    let mut site = Site::new(simple(vec![alpha(mailed(real(1)))]));
    site.run_to(3);
    assert_eq!(heads(&site.take_alerts()), [server(" UP")]);
}

#[test]
fn a_program_is_told_of_each_time_it_says_something() {
    let command = command("/bin/check").expect("a command").as_ref().clone();
    let check = MiscCheck { command, timeout: secs(5), dynamic: false };
    let mut program = mailed(real(1));
    program.checks[0].kind = CheckKind::Misc(Arc::new(check));
    let mut site = Site::new(simple(vec![program]));
    site.run_to(3);
    let alerts = site.take_alerts();
    assert_eq!(heads(&alerts), [server(" still UP")]);
    assert!(matches!(alerts[0].cause, Cause::Check(Some(Finding::ProgramGood(_)))));
    site.run_to(60);
    assert_eq!(site.take_alerts(), [], "nothing is said of what goes on");
}

#[test]
fn the_quorum_is_told_of_from_the_start() {
    let mut site = Site::new(watched(|_| {}));
    let service = |news: &str| format!("VS {VS} {news}");
    let alerts = site.take_alerts();
    assert_eq!(heads(&alerts), [service("UP")]);
    assert!(matches!(alerts[0].cause, Cause::Quorum(Happening::QuorumGained { .. })));
    site.set(1, false);
    site.run_to(30);
    let alerts = site.take_alerts();
    assert_eq!(heads(&alerts), [service("DOWN")]);
    assert!(matches!(alerts[0].cause, Cause::Quorum(Happening::QuorumLost { .. })));
    // A reload may want no mail any more.
    site.reload(watched(|vs| vs.mail = false));
    site.set(1, true);
    site.run_to(60);
    assert_eq!(site.take_alerts(), []);
}

#[test]
fn an_end_is_told_of_as_scripts_hear_of_it() {
    let ends = |omega: bool, input: fn() -> Input| {
        let mut site = Site::new(watched(|vs| {
            vs.omega = omega;
            vs.real_servers[0].mail = true;
        }));
        site.run_to(3);
        site.take_alerts();
        site.input(input());
        let alerts = site.take_alerts();
        let causes: Vec<Cause> = alerts.iter().map(|alert| alert.cause.clone()).collect();
        (heads(&alerts), causes)
    };
    let both = vec![server(" DOWN"), format!("VS {VS} DOWN")];
    let gone = || Input::Reconfigure(Config::default().into());
    assert_eq!(ends(true, || Input::Stop), (both.clone(), vec![Cause::ShutDown, Cause::ShutDown]));
    assert_eq!(
        ends(false, || Input::Stop),
        (vec![], vec![]),
        "without omega nobody hears of the stop"
    );
    assert_eq!(ends(false, gone), (both, vec![Cause::Removed, Cause::Removed]));
}
