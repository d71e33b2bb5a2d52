//! The checks of a real server, with everything that they inherited.

use std::time::Duration;

use lvs::config::{
    Check, CheckKind, DnsCheck, FileCheck, HttpCheck, MiscCheck, Reply, Schedule, SmtpCheck,
    UdpCheck,
};
use lvs::{Connect, HttpVersion, Pattern, Request};

use super::super::seconds;
use super::Writer;

pub(super) fn print(check: &Check, out: &mut Writer) {
    let name = match &check.kind {
        CheckKind::Tcp(_) => "TCP_CHECK",
        CheckKind::Http(_) => "HTTP_GET",
        CheckKind::Ssl(_) => "SSL_GET",
        CheckKind::Smtp(_) => "SMTP_CHECK",
        CheckKind::Dns(_) => "DNS_CHECK",
        CheckKind::Udp(_) => "UDP_CHECK",
        CheckKind::Ping(_) => "PING_CHECK",
        CheckKind::Misc(_) => "MISC_CHECK",
        CheckKind::File(_) => "FILE_CHECK",
        CheckKind::Bfd(_) => "BFD_CHECK",
    };
    out.block(name, &[], |out| body(check, out));
}

fn body(check: &Check, out: &mut Writer) {
    match &check.kind {
        CheckKind::File(file) => return follow(file, out),
        CheckKind::Bfd(session) => {
            out.statement("name", &[session]);
            return out.statement("alpha", &[&check.schedule.alpha.to_string()]);
        }
        CheckKind::Tcp(to) => connect(to, out),
        CheckKind::Http(web) | CheckKind::Ssl(web) => urls(web, out),
        CheckKind::Smtp(smtp) => mail(smtp, out),
        CheckKind::Dns(dns) => query(dns, out),
        CheckKind::Udp(udp) => datagram(udp, out),
        CheckKind::Ping(to) => connect(to, out),
        CheckKind::Misc(misc) => program(misc, out),
    }
    schedule(&check.schedule, out);
}

fn schedule(schedule: &Schedule, out: &mut Writer) {
    out.statement("delay_loop", &[&seconds(schedule.delay_loop)]);
    out.statement("retry", &[&schedule.retry.to_string()]);
    out.statement("delay_before_retry", &[&seconds(schedule.delay_before_retry)]);
    out.statement("warmup", &[&seconds(schedule.warmup)]);
    out.statement("alpha", &[&schedule.alpha.to_string()]);
    out.statement("log_all_failures", &[&schedule.log_all_failures.to_string()]);
}

fn connect(to: &Connect, out: &mut Writer) {
    out.statement("connect_ip", &[&to.to.ip().to_string()]);
    if to.to.port() != 0 {
        out.statement("connect_port", &[&to.to.port().to_string()]);
    }
    if let Some(from) = to.from {
        out.statement("bindto", &[&from.ip().to_string()]);
        if from.port() != 0 {
            out.statement("bind_port", &[&from.port().to_string()]);
        }
    }
    if let Some(link) = &to.link {
        out.statement("bind_if", &[link.as_str()]);
    }
    if to.mark != 0 {
        out.statement("fwmark", &[&to.mark.to_string()]);
    }
    out.statement("connect_timeout", &[&seconds(to.timeout)]);
}

fn requests(web: &HttpCheck) -> impl Iterator<Item = &Request> {
    web.urls.iter().map(|request| &**request)
}

fn urls(web: &HttpCheck, out: &mut Writer) {
    let Some(first) = requests(web).next() else { return };
    connect(&first.connect, out);
    let version = match first.version {
        HttpVersion::V1_0 => "1.0",
        HttpVersion::V1_0Close => "1.0C",
        HttpVersion::V1_1 => "1.1",
    };
    out.statement("http_protocol", &[version]);
    out.statement("fast_recovery", &[&web.fast_recovery.to_string()]);
    handshake(web, out);
    if first.tls.as_ref().is_some_and(|tls| tls.verify) {
        out.statement("tls_verify", &[]);
    }
    let differ = names_differ(web);
    for request in requests(web) {
        let same = request.tls.as_ref().is_none_or(|tls| tls.name == request.virtual_host);
        out.block("url", &[], |out| url(request, same || !differ, out));
    }
}

/// Hosts that the real and the virtual server must say: the handshake of a url has another name
/// than its request, so that neither stands in the check.
pub(super) fn handed_down(check: &Check) -> Option<(&String, Option<&String>)> {
    let CheckKind::Ssl(web) = &check.kind else { return None };
    if !names_differ(web) {
        return None;
    }
    requests(web).find_map(|request| {
        let name = request.tls.as_ref()?.name.as_ref();
        let host = request.virtual_host.as_ref()?;
        (name != Some(host)).then_some((host, name))
    })
}

/// No `sni_name` says all of them.
fn names_differ(web: &HttpCheck) -> bool {
    let mut names = requests(web).filter_map(|request| request.tls.as_ref()).map(|tls| &tls.name);
    names.next().is_some_and(|first| names.any(|name| name != first))
}

/// One name for all urls, or the one of each.
fn handshake(web: &HttpCheck, out: &mut Writer) {
    let names: Vec<Option<&String>> = requests(web)
        .filter_map(|request| request.tls.as_ref())
        .map(|tls| tls.name.as_ref())
        .collect();
    match names.first() {
        Some(Some(first)) if names.iter().all(|name| *name == Some(*first)) => {
            out.statement("sni_name", &[first]);
        }
        Some(_) if names.iter().any(Option::is_some) => out.statement("enable_sni", &[]),
        Some(_) | None => {}
    }
}

fn url(request: &Request, own_host: bool, out: &mut Writer) {
    out.statement("path", &[&request.path]);
    if let Some(host) = request.virtual_host.as_ref().filter(|_| own_host) {
        out.statement("virtualhost", &[host]);
    }
    let code = |(from, to): &(u16, u16)| {
        if from == to { from.to_string() } else { format!("{from}-{to}") }
    };
    let codes: Vec<String> = request.statuses.iter().map(code).collect();
    out.statement("status_code", &codes.iter().map(String::as_str).collect::<Vec<_>>());
    if let Some(digest) = &request.digest {
        out.statement("digest", &[&hex(digest)]);
    }
    if let Some(found) = &request.pattern {
        pattern(found, out);
    }
    if request.tls.as_ref().is_some_and(|tls| tls.compliant) {
        out.statement("tls_compliant", &[]);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn pattern(pattern: &Pattern, out: &mut Writer) {
    out.decoded("regex", &pattern.text);
    if pattern.unwanted {
        out.statement("regex_no_match", &[]);
    }
    let options: Vec<&str> = pattern.options.names().collect();
    if !options.is_empty() {
        out.statement("regex_options", &options);
    }
    if pattern.min_offset != 0 {
        out.statement("regex_min_offset", &[&pattern.min_offset.to_string()]);
    }
    if let Some(offset) = pattern.max_offset {
        out.statement("regex_max_offset", &[&offset.to_string()]);
    }
    if let Some((start, max)) = pattern.stack {
        out.statement("regex_stack", &[&start.to_string(), &max.to_string()]);
    }
}

fn mail(smtp: &SmtpCheck, out: &mut Writer) {
    connect(&smtp.connect, out);
    out.statement("helo_name", &[&smtp.helo]);
}

fn query(dns: &DnsCheck, out: &mut Writer) {
    connect(&dns.connect, out);
    out.statement("type", &[dns.query.name()]);
    if !dns.name.as_str().is_empty() {
        out.statement("name", &[dns.name.as_str()]);
    }
}

fn datagram(udp: &UdpCheck, out: &mut Writer) {
    connect(&udp.connect, out);
    if let Some(payload) = &udp.payload {
        out.statement("payload", &[&hex(payload)]);
    }
    match &udp.reply {
        Reply::Optional => {}
        Reply::Any => out.statement("require_reply", &[]),
        Reply::Like(bytes) => {
            let digit = |value: u8, mask: u8| match mask & 0xf {
                0 => 'x',
                _ => char::from_digit(u32::from(value & 0xf), 16).unwrap_or('0'),
            };
            let digits = bytes
                .iter()
                .flat_map(|b| [digit(b.value >> 4, b.mask >> 4), digit(b.value, b.mask)]);
            out.statement("require_reply", &[&digits.collect::<String>()]);
        }
    }
    out.statement("min_reply_length", &[&udp.min_length.to_string()]);
    out.statement("max_reply_length", &[&udp.max_length.to_string()]);
}

/// The whole seconds that `misc_timeout` can say.
pub(super) fn misc_timeout(time: Duration) -> Option<u64> {
    let seconds = time.as_secs();
    (time.subsec_nanos() == 0 && (1..=4294).contains(&seconds)).then_some(seconds)
}

fn program(misc: &MiscCheck, out: &mut Writer) {
    let lvs::config::Command { argv, uid, gid } = &misc.command;
    out.script_of("misc_path", argv, *uid, *gid);
    if let Some(seconds) = misc_timeout(misc.timeout) {
        out.statement("misc_timeout", &[&seconds.to_string()]);
    }
    if misc.dynamic {
        out.statement("misc_dynamic", &[]);
    }
}

fn follow(file: &FileCheck, out: &mut Writer) {
    out.statement("track_file", &[&file.file]);
    let factor = file.weight.factor.to_string();
    let reverse = file.weight.reverse.then_some("reverse");
    out.statement("weight", &[factor.as_str()].into_iter().chain(reverse).collect::<Vec<_>>());
}
