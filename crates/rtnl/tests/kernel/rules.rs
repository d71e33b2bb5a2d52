//! Adding and removing rules: what `ip rule` shows is what was asked for.

use net::{Family, Mark, Network, Realms, Rule, RuleAction, Selector};
use rtnl::{Change, Failure, Socket};

use crate::laboratory::{Namespace, name};

fn apply(namespace: &Namespace, changes: &[Change]) -> Vec<Failure> {
    namespace.run(|| Socket::open().unwrap().apply(changes))
}

/// Adds the rule, finds the line in what `ip` shows, and removes it again.
fn check(rule: &Rule, line: &str) {
    let namespace = Namespace::new();
    let family = if rule.family == Family::V4 { "-4" } else { "-6" };
    let show = || {
        let all = namespace.ip(&format!("{family} rule show"));
        let ours = all.lines().filter(|line| line.contains("proto keepalived"));
        let words: Vec<&str> = ours.flat_map(str::split_whitespace).collect();
        words.join(" ")
    };
    assert_eq!(apply(&namespace, &[Change::AddRule(rule.clone())]), [], "{rule:?}");
    assert_eq!(show(), format!("{line} proto keepalived"));
    assert_eq!(apply(&namespace, &[Change::AddRule(rule.clone())]), [], "a second time");
    assert_eq!(show(), format!("{line} proto keepalived"), "there is one of it");
    assert_eq!(apply(&namespace, &[Change::RemoveRule(rule.clone())]), []);
    assert_eq!(show(), "");
    assert_eq!(apply(&namespace, &[Change::RemoveRule(rule.clone())]), [], "a second time");
}

fn from(text: &str, length: u8) -> Selector {
    let source = Some(Network { ip: text.parse().unwrap(), length });
    Selector { source, ..Selector::default() }
}

#[test]
fn a_rule_for_a_source() {
    let rule = Rule::new(Family::V4, 100, RuleAction::Table(100));
    let rule = Rule { selector: from("192.0.2.7", 32), ..rule };
    check(&rule, "100: from 192.0.2.7 lookup 100");
    let six = Rule::new(Family::V6, 101, RuleAction::Table(1_000));
    let six = Rule { selector: from("2001:db8::", 32), ..six };
    check(&six, "101: from 2001:db8::/32 lookup 1000");
}

#[test]
fn a_rule_with_every_selector() {
    let mut rule = Rule::new(Family::V4, 100, RuleAction::Table(100));
    rule.selector = Selector {
        inverted: true,
        destination: Some(Network { ip: "10.0.0.0".parse().unwrap(), length: 8 }),
        tos: 0x10,
        mark: Some(Mark { value: 5, mask: Some(255) }),
        input: Some(name("lo")),
        output: Some(name("elsewhere")),
        tunnel_id: Some(9),
        users: Some(10..=20),
        ip_protocol: Some(6),
        source_ports: Some(1..=2),
        destination_ports: Some(80..=80),
        ..from("192.0.2.0", 24)
    };
    rule.realms = Some(Realms { source: 1, destination: 2 });
    rule.suppress_prefix_length = Some(3);
    rule.suppress_group = Some(4);
    check(
        &rule,
        "100: not from 192.0.2.0/24 to 10.0.0.0/8 tos 0x10 fwmark 0x5/0xff iif lo oif elsewhere \
         [detached] uidrange 10-20 ipproto tcp sport 1-2 dport 80 tun_id 9 lookup 100 \
         suppress_prefixlength 3 suppress_ifgroup 4 realms 1/2",
    );
}

#[test]
fn a_rule_with_every_action() {
    for (action, words) in [
        (RuleAction::L3mdev, "lookup [l3mdev-table]"),
        (RuleAction::Goto(200), "goto 200 [unresolved]"),
        (RuleAction::Nop, "nop"),
        (RuleAction::Blackhole, "blackhole"),
        (RuleAction::Unreachable, "unreachable"),
        (RuleAction::Prohibit, "prohibit"),
    ] {
        check(&Rule::new(Family::V4, 7, action), &format!("7: from all {words}"));
        check(&Rule::new(Family::V6, 7, action), &format!("7: from all {words}"));
    }
}

#[test]
fn everything_is_an_address_of_no_length() {
    let rule = Rule::new(Family::V4, 7, RuleAction::Table(254));
    let rule = Rule { selector: from("0.0.0.0", 0), ..rule };
    check(&rule, "7: from all lookup main");
}

#[test]
fn many_objects_of_all_kinds_go_together() {
    let namespace = Namespace::new();
    let rule = |number: u32| Rule::new(Family::V4, 1_000 + number, RuleAction::Table(100));
    let adds: Vec<_> = (0..400).map(|number| Change::AddRule(rule(number))).collect();
    assert_eq!(apply(&namespace, &adds), []);
    assert_eq!(namespace.ip("rule show").lines().count(), 403);
    let removes: Vec<_> = (0..400).map(|number| Change::RemoveRule(rule(number))).collect();
    assert_eq!(apply(&namespace, &removes), []);
    assert_eq!(namespace.ip("rule show").lines().count(), 3);
}
