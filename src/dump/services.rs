//! The load balancing part of what `-d` shows: virtual servers, their servers, their checks.
//!
//! The headings are keepalived's (compat 21 §13); which keys follow them is our choice, since its
//! text is for people only.

mod material;
mod moment;

use std::collections::BTreeMap;
use std::fmt::{Result, Write};

use lvs::config::{
    Check, CheckKind, Command, Config, HttpCheck, Identity, RealServer, VirtualServer,
};
use lvs::{Connect, Request};
use net::{Forwarding, Service, ServiceKey};

pub(super) use moment::Balanced;
use moment::Place;

/// Everything of the load balancing, and what is so at this moment if that is known.
pub(super) fn text(config: &conf::Config, now: Option<&Balanced>) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = write(&mut text, &config.lvs, now);
    text
}

fn write(text: &mut String, config: &Config, now: Option<&Balanced>) -> Result {
    if let Some(tls) = &config.tls {
        material::write(text, tls)?;
    }
    if config.virtual_servers.is_empty() {
        return Ok(());
    }
    writeln!(text, "------< LVS Topology >------")?;
    config.groups.iter().try_for_each(|group| material::write_group(text, group))?;
    placed(config).try_for_each(|(place, vs)| write_virtual(text, vs, now.zip(Some(place))))?;
    write_checks(text, config, now)?;
    material::write_followed(text, config)
}

fn write_checks(text: &mut String, config: &Config, now: Option<&Balanced>) -> Result {
    writeln!(text, "------< Health checkers >------")?;
    for (of, vs) in placed(config) {
        for rs in &vs.real_servers {
            for (place, check) in rs.checks.iter().enumerate() {
                write_check(text, vs, rs, check)?;
                if let Some(now) = now {
                    now.write_check(text, (of, rs.key), place)?;
                }
            }
        }
    }
    Ok(())
}

/// The virtual servers with their places among those that are the same.
fn placed(config: &Config) -> impl Iterator<Item = (Place<'_>, &VirtualServer)> {
    let mut seen: BTreeMap<&Identity, usize> = BTreeMap::new();
    config.virtual_servers.iter().map(move |vs| {
        let before = seen.entry(&vs.identity).or_default();
        let place = (&vs.identity, *before);
        *before += 1;
        (place, vs)
    })
}

fn write_virtual(
    text: &mut String,
    vs: &VirtualServer,
    now: Option<(&Balanced, Place<'_>)>,
) -> Result {
    writeln!(text, " ------< Virtual server >------")?;
    match &vs.identity {
        Identity::Service(ServiceKey::Address { ip, port, .. }) => {
            writeln!(text, "   VS VIP = {ip}, VPORT = {port}")?;
        }
        Identity::Service(ServiceKey::Mark { mark, .. }) => {
            writeln!(text, "   VS FWMARK = {mark}")?;
        }
        Identity::Group { name, place, .. } => writeln!(text, "   VS GROUP = [{name}]:{place}")?,
    }
    if let Some(protocol) = vs.identity.protocol() {
        writeln!(text, "   protocol = {}", protocol.name().to_uppercase())?;
    }
    if let Some(service) = vs.services.first() {
        write_service(text, service)?;
    }
    writeln!(text, "   omega = {}", vs.omega)?;
    writeln!(text, "   quorum = {}, hysteresis = {}", vs.quorum.needed, vs.quorum.hysteresis)?;
    write_command(text, "Quorum up", vs.quorum_up.as_deref())?;
    write_command(text, "Quorum down", vs.quorum_down.as_deref())?;
    if let Some(sorry) = &vs.sorry_server {
        writeln!(text, "   Sorry server = [{}]:{}", sorry.key.ip, sorry.key.port)?;
        writeln!(text, "     forwarding method = {}", method(sorry.forwarding))?;
        writeln!(text, "     inhibit = {}", sorry.inhibit)?;
    }
    if let Some((now, place)) = now {
        now.write_virtual(text, place)?;
    }
    for rs in &vs.real_servers {
        write_real(text, rs)?;
        if let Some((now, place)) = now {
            now.write_real(text, place, rs.key)?;
        }
    }
    Ok(())
}

fn write_service(text: &mut String, service: &Service) -> Result {
    writeln!(text, "   lvs_sched = {}", service.scheduler)?;
    writeln!(text, "   scheduler flags = {:#x}", service.flags.bits())?;
    if let Some(persistence) = &service.persistence {
        writeln!(text, "   persistence timeout = {}", persistence.timeout)?;
        writeln!(text, "   persistence granularity = {:?}", persistence.granularity)?;
        if let Some(engine) = &persistence.engine {
            writeln!(text, "   persistence engine = {engine}")?;
        }
    }
    Ok(())
}

fn write_real(text: &mut String, rs: &RealServer) -> Result {
    writeln!(text, "   ------< Real server >------")?;
    writeln!(text, "     RIP = {}, RPORT = {}, WEIGHT = {}", rs.key.ip, rs.key.port, rs.weight)?;
    writeln!(text, "     forwarding method = {}", method(rs.forwarding))?;
    let (lower, upper) = (rs.lower_threshold, rs.upper_threshold);
    writeln!(text, "     Connection limit range = {lower} -> {upper}")?;
    writeln!(text, "     Inhibit on failure = {}", rs.inhibit_on_failure)?;
    write_command(text, "  RS up", rs.notify_up.as_deref())?;
    write_command(text, "  RS down", rs.notify_down.as_deref())
}

fn write_check(text: &mut String, vs: &VirtualServer, rs: &RealServer, check: &Check) -> Result {
    let server = lvs::ServerName { key: rs.key, protocol: vs.identity.protocol() };
    writeln!(text, " {} -> {server}", vs.identity)?;
    let schedule = &check.schedule;
    writeln!(text, "   Alpha = {}", schedule.alpha)?;
    writeln!(text, "   Delay loop = {} us", schedule.delay_loop.as_micros())?;
    writeln!(text, "   Warmup = {} us", schedule.warmup.as_micros())?;
    writeln!(text, "   Retries = {}", schedule.retry)?;
    let delay = schedule.delay_before_retry.as_micros();
    writeln!(text, "   Delay before retry = {delay} us")?;
    writeln!(text, "   Log all failures = {}", schedule.log_all_failures)?;
    write_kind(text, &check.kind)
}

fn write_kind(text: &mut String, kind: &CheckKind) -> Result {
    let mut method = |name: &str| writeln!(text, "   Keepalive method = {name}");
    match kind {
        CheckKind::Tcp(to) => {
            method("TCP_CHECK")?;
            write_connect(text, to)
        }
        CheckKind::Http(http) => {
            method("HTTP_GET")?;
            write_web(text, http)
        }
        CheckKind::Ssl(http) => {
            method("SSL_GET")?;
            write_web(text, http)
        }
        CheckKind::Smtp(smtp) => {
            method("SMTP_CHECK")?;
            write_connect(text, &smtp.connect)?;
            writeln!(text, "   Helo = {}", smtp.helo)
        }
        CheckKind::Dns(dns) => {
            method("DNS_CHECK")?;
            write_connect(text, &dns.connect)?;
            writeln!(text, "   Type = {}", dns.query.name())?;
            writeln!(text, "   Name = {}.", dns.name.as_str())
        }
        CheckKind::Udp(udp) => {
            method("UDP_CHECK")?;
            write_connect(text, &udp.connect)?;
            writeln!(text, "   Reply = {:?}", udp.reply)?;
            writeln!(text, "   Reply length = {} -> {}", udp.min_length, udp.max_length)
        }
        CheckKind::Ping(to) => {
            method("PING_CHECK")?;
            write_connect(text, to)
        }
        CheckKind::Misc(misc) => {
            method("MISC_CHECK")?;
            write_command(text, "Check", Some(&misc.command))?;
            writeln!(text, "   Timeout = {}", misc.timeout.as_secs_f64())?;
            writeln!(text, "   Dynamic = {}", misc.dynamic)
        }
        CheckKind::File(file) => {
            method("FILE_CHECK")?;
            writeln!(text, "   Track file = {}, weight = {:?}", file.file, file.weight)
        }
        CheckKind::Bfd(session) => {
            method("BFD_CHECK")?;
            writeln!(text, "   BFD instance = {session}")
        }
    }
}

fn write_web(text: &mut String, http: &HttpCheck) -> Result {
    writeln!(text, "   Fast recovery = {}", http.fast_recovery)?;
    http.urls.iter().try_for_each(|url| write_url(text, url))
}

fn write_url(text: &mut String, request: &Request) -> Result {
    write_connect(text, &request.connect)?;
    writeln!(text, "   Checked url = {}", request.path)?;
    writeln!(text, "     Host = {}", request.host)?;
    let codes: Vec<String> =
        request.statuses.iter().map(|(from, to)| format!("{from}-{to}")).collect();
    writeln!(text, "     HTTP Status Code = {}", codes.join(" "))?;
    if let Some(digest) = &request.digest {
        let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(text, "     digest = {digits}")?;
    }
    if let Some(pattern) = &request.pattern {
        let kind = if pattern.unwanted { "Unwanted regex" } else { "Regex" };
        writeln!(text, "     {kind} = {}", pattern.text)?;
    }
    let Some(tls) = &request.tls else { return Ok(()) };
    writeln!(text, "     SNI = {}", tls.name.as_deref().unwrap_or("none"))?;
    writeln!(text, "     TLS compliant = {}, verify = {}", tls.compliant, tls.verify)
}

fn write_connect(text: &mut String, connect: &Connect) -> Result {
    writeln!(text, "   Dest = [{}]:{}", connect.to.ip(), connect.to.port())?;
    if let Some(from) = connect.from {
        writeln!(text, "   Bind to = [{}]:{}", from.ip(), from.port())?;
    }
    if let Some(link) = &connect.link {
        writeln!(text, "   Bind i/f = {link}")?;
    }
    if connect.mark != 0 {
        writeln!(text, "   Mark = {}", connect.mark)?;
    }
    writeln!(text, "   Timeout = {}", connect.timeout.as_secs_f64())
}

fn write_command(text: &mut String, what: &str, command: Option<&Command>) -> Result {
    let Some(Command { argv, uid, gid }) = command else { return Ok(()) };
    writeln!(text, "   {what} notify script = '{}', uid:gid {uid}:{gid}", argv.join("' '"))
}

fn method(forwarding: Forwarding) -> String {
    match forwarding {
        Forwarding::Nat => "NAT".to_owned(),
        Forwarding::Direct => "DR".to_owned(),
        Forwarding::Tunnel(encapsulation) => format!("TUN, {encapsulation:?}"),
    }
}

#[cfg(test)]
mod tests;
