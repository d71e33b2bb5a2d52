//! A virtual server with its servers.

use std::time::Duration;

use lvs::config::{CheckKind, Identity, RealServer, SorryServer, VirtualServer};
use net::{Checksum, Encapsulation, Forwarding, Granularity, Service, ServiceFlags, ServiceKey};

use super::super::seconds;
use super::{Writer, check, family_word, script};

pub(super) fn print(server: &VirtualServer, out: &mut Writer) {
    let words: Vec<String> = match &server.identity {
        Identity::Service(ServiceKey::Address { ip, port, .. }) => {
            vec![ip.to_string(), port.to_string()]
        }
        Identity::Service(ServiceKey::Mark { mark, .. }) => {
            vec!["fwmark".to_owned(), mark.to_string()]
        }
        Identity::Group { name, .. } => vec!["group".to_owned(), name.to_string()],
    };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    out.block("virtual_server", &words, |out| {
        service(server, out);
        rules(server, out);
        let mut checks = server.real_servers.iter().flat_map(|real| &real.checks);
        if let Some((_, Some(name))) = checks.find_map(check::handed_down) {
            out.statement("virtualhost", &[name]);
        }
        if let Some(sorry) = &server.sorry_server {
            sorry_server(sorry, out);
        }
        for real in &server.real_servers {
            let (ip, port) = (real.key.ip.to_string(), real.key.port.to_string());
            out.block("real_server", &[&ip, &port], |out| real_server(real, out));
        }
    });
}

/// What the kernel knows of it. Several services differ in their keys only.
fn service(server: &VirtualServer, out: &mut Writer) {
    let Some(service) = server.services.first() else { return };
    let family = service.key.family();
    let said = matches!(server.identity, Identity::Service(ServiceKey::Address { .. }));
    // A group of both families has none.
    if !said && server.services.iter().all(|other| other.key.family() == family) {
        out.statement("ip_family", &[family_word(family)]);
    }
    if let Some(protocol) = server.identity.protocol() {
        out.statement("protocol", &[protocol.name()]);
    }
    out.statement("lvs_sched", &[service.scheduler.as_str()]);
    let flags = [
        ("flag-1", ServiceFlags::SCHEDULER_1),
        ("flag-2", ServiceFlags::SCHEDULER_2),
        ("flag-3", ServiceFlags::SCHEDULER_3),
        ("ops", ServiceFlags::ONE_PACKET),
    ];
    for (keyword, _) in flags.iter().filter(|(_, flag)| service.flags.has(*flag)) {
        out.statement(keyword, &[]);
    }
    persistence(service, out);
    if let Some(pause) = program_pause(server) {
        out.statement("delay_loop", &[&seconds(pause)]);
    }
}

fn persistence(service: &Service, out: &mut Writer) {
    let Some(persistence) = &service.persistence else { return };
    out.statement("persistence_timeout", &[&persistence.timeout.to_string()]);
    if persistence.granularity != Granularity::whole(service.key.family()) {
        let granularity = match persistence.granularity {
            Granularity::Mask(mask) => mask.to_string(),
            Granularity::Prefix(bits) => bits.to_string(),
        };
        out.statement("persistence_granularity", &[&granularity]);
    }
    if let Some(engine) = &persistence.engine {
        out.statement("persistence_engine", &[engine.as_str()]);
    }
}

/// How long programs may run that have no `misc_timeout` which says so in whole seconds.
fn program_pause(server: &VirtualServer) -> Option<Duration> {
    let checks = server.real_servers.iter().flat_map(|real| &real.checks);
    let pauses = checks.filter_map(|check| match &check.kind {
        CheckKind::Misc(misc) => Some(misc.timeout),
        CheckKind::Tcp(_) | CheckKind::Http(_) | CheckKind::Ssl(_) | CheckKind::Smtp(_) => None,
        CheckKind::Dns(_) | CheckKind::Udp(_) | CheckKind::Ping(_) => None,
        CheckKind::File(_) | CheckKind::Bfd(_) => None,
    });
    let mut pauses = pauses;
    pauses.find(|pause| check::misc_timeout(*pause).is_none())
}

fn rules(server: &VirtualServer, out: &mut Writer) {
    for (keyword, set) in [("omega", server.omega), ("ha_suspend", server.ha_suspend)] {
        if set {
            out.statement(keyword, &[]);
        }
    }
    out.statement("smtp_alert", &[&server.mail.to_string()]);
    if let Some(name) = &server.snmp_name {
        out.statement("snmp_name", &[name]);
    }
    // A quorum of 0 comes from servers without weight, and comes from them again.
    if server.quorum.needed > 0 {
        out.statement("quorum", &[&server.quorum.needed.to_string()]);
        out.statement("hysteresis", &[&server.quorum.hysteresis.to_string()]);
    }
    script("quorum_up", server.quorum_up.as_deref(), out);
    script("quorum_down", server.quorum_down.as_deref(), out);
}

fn sorry_server(sorry: &SorryServer, out: &mut Writer) {
    let (ip, port) = (sorry.key.ip.to_string(), sorry.key.port.to_string());
    out.statement("sorry_server", &[&ip, &port]);
    method("sorry_server_lvs_method", sorry.forwarding, out);
    if sorry.inhibit {
        out.statement("sorry_server_inhibit", &[]);
    }
}

fn real_server(real: &RealServer, out: &mut Writer) {
    out.statement("weight", &[&real.weight.to_string()]);
    method("lvs_method", real.forwarding, out);
    out.statement("uthreshold", &[&real.upper_threshold.to_string()]);
    out.statement("lthreshold", &[&real.lower_threshold.to_string()]);
    out.statement("inhibit_on_failure", &[&real.inhibit_on_failure.to_string()]);
    out.statement("smtp_alert", &[&real.mail.to_string()]);
    if let Some(name) = real.rare.as_ref().and_then(|rare| rare.snmp_name.as_ref()) {
        out.statement("snmp_name", &[name]);
    }
    script("notify_up", real.notify(true).map(AsRef::as_ref), out);
    script("notify_down", real.notify(false).map(AsRef::as_ref), out);
    if let Some((host, _)) = real.checks.iter().find_map(check::handed_down) {
        out.statement("virtualhost", &[host]);
    }
    for one in &real.checks {
        check::print(one, out);
    }
}

fn method(keyword: &str, forwarding: Forwarding, out: &mut Writer) {
    let port;
    let words: Vec<&str> = match forwarding {
        Forwarding::Nat => vec!["NAT"],
        Forwarding::Direct => vec!["DR"],
        Forwarding::Tunnel(Encapsulation::Ipip) => vec!["TUN"],
        Forwarding::Tunnel(Encapsulation::Gue { port: number, checksum }) => {
            port = number.to_string();
            vec!["TUN", "type", "gue", "port", &port, checksum_word(checksum)]
        }
        Forwarding::Tunnel(Encapsulation::Gre { checksum }) => {
            vec!["TUN", "type", "gre", checksum_word(checksum)]
        }
    };
    out.statement(keyword, &words);
}

const fn checksum_word(checksum: Checksum) -> &'static str {
    match checksum {
        Checksum::None => "nocsum",
        Checksum::Full => "csum",
        Checksum::Remote => "remcsum",
    }
}
