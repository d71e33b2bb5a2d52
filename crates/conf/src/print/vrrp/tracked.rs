//! What is tracked: links, files, processes, BFD sessions, and the lists that name them.

use std::collections::BTreeSet;

use ::vrrp::config::{
    Factor, LinkSettings, ParameterMatch, Polling, TrackFile, TrackProcess, Tracked, Watched,
};
use ::vrrp::{Name, Weight};
use bfd::config::{Session, Told};
use lvs::config::CheckKind;
use net::LinkName;

use crate::Config;
use crate::print::{Writer, seconds};

/// A list of tracked objects, if there are any.
pub(super) fn list<T, W: Copy>(
    keyword: &str,
    entries: &[Tracked<T, W>],
    name: fn(&T) -> &str,
    weight: fn(W) -> i16,
    out: &mut Writer,
) {
    if entries.is_empty() {
        return;
    }
    out.block(keyword, &[], |out| {
        for entry in entries {
            let number = weight(entry.weight).to_string();
            let mut words = vec![name(&entry.object), "weight", &number];
            // Only links have nothing that could be reversed before (compat 10).
            match entry.reverse {
                true => words.push("reverse"),
                false if keyword == "track_interface" => {}
                false => words.push("noreverse"),
            }
            out.line(&words);
        }
    });
}

pub(super) fn scripts(entries: &[Tracked<Name>], out: &mut Writer) {
    list("track_script", entries, Name::as_str, Weight::number, out);
}

pub(super) fn watched(watched: &Watched, out: &mut Writer) {
    list("track_file", &watched.files, Name::as_str, Factor::number, out);
    list("track_process", &watched.processes, Name::as_str, Factor::number, out);
    list("track_bfd", &watched.sessions, Name::as_str, Weight::number, out);
}

/// A weight line.
fn weight(weight: i16, reverse: bool, out: &mut Writer) {
    let number = weight.to_string();
    let words: &[&str] = if reverse { &[&number, "reverse"] } else { &[&number] };
    out.statement("weight", words);
}

pub(super) fn file(file: &TrackFile, out: &mut Writer) {
    out.block("track_file", &[file.name.as_str()], |out| {
        out.statement("file", &[&file.path]);
        weight(file.weight.number(), file.reverse, out);
        if let Some(initial) = file.initial {
            let value = initial.value.to_string();
            let words: &[&str] = if initial.overwrite { &[&value, "overwrite"] } else { &[&value] };
            out.statement("init_file", words);
        }
    });
}

pub(super) fn process(process: &TrackProcess, out: &mut Writer) {
    out.block("vrrp_track_process", &[process.name.as_str()], |out| {
        let words: Vec<&str> = process.command.iter().map(String::as_str).collect();
        out.statement("process", &words);
        match process.parameters {
            ParameterMatch::Ignored => {}
            ParameterMatch::Exact => out.statement("param_match", &[]),
            ParameterMatch::Partial => out.statement("param_match", &["partial"]),
            ParameterMatch::Initial => out.statement("param_match", &["initial"]),
        }
        if process.full_command {
            out.statement("full_command", &[]);
        }
        weight(process.weight.number(), process.reverse, out);
        if process.quorum > 0 {
            out.statement("quorum", &[&process.quorum.to_string()]);
        } else {
            // Nothing else makes it zero; another maximum may follow.
            out.statement("quorum_max", &["0"]);
        }
        if let Some(most) = process.most.filter(|most| (*most, process.quorum) != (0, 0)) {
            out.statement("quorum_max", &[&most.to_string()]);
        }
        for (keyword, delay) in
            [("terminate_delay", process.end_delay), ("fork_delay", process.start_delay)]
        {
            if !delay.is_zero() {
                out.statement(keyword, &[&seconds(delay)]);
            }
        }
    });
}

/// Milliseconds as the language writes them.
fn milliseconds(time: std::time::Duration) -> String {
    let micros = time.as_micros();
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

pub(super) fn session(session: &Session, out: &mut Writer) {
    out.block("bfd_instance", &[&session.name], |out| {
        out.statement("neighbor_ip", &[&session.neighbor.to_string()]);
        if let Some(source) = session.source {
            out.statement("source_ip", &[&source.to_string()]);
        }
        out.statement("min_rx", &[&milliseconds(session.min_rx)]);
        out.statement("min_tx", &[&milliseconds(session.min_tx)]);
        out.statement("idle_tx", &[&milliseconds(session.idle_tx)]);
        out.statement("multiplier", &[&session.multiplier.to_string()]);
        if session.passive {
            out.statement("passive", &[]);
        }
        out.statement("ttl", &[&session.ttl.to_string()]);
        let hops = session.max_hops.map_or("-1".to_owned(), |hops| hops.to_string());
        out.statement("max_hops", &[&hops]);
        if session.multihop {
            out.statement("multihop", &["on"]);
        }
        weight(session.weight, session.reverse, out);
        match session.told {
            Told::Both => {}
            Told::Vrrp => out.statement("vrrp", &[]),
            Told::Checkers => out.statement("checker", &[]),
        }
    });
}

/// The names that checks follow although there is no session of that name: what was wrong with it is
/// not kept, but the check may only name what is declared.
pub(super) fn disabled_sessions(config: &Config, out: &mut Writer) {
    let exists = |name: &str| config.bfd.sessions.iter().any(|session| *session.name == *name);
    let servers = config.lvs.virtual_servers.iter().flat_map(|service| &service.real_servers);
    let followed = servers.flat_map(|server| &server.checks).filter_map(|check| {
        let CheckKind::Bfd(session) = &check.kind else { return None };
        Some(&**session)
    });
    let disabled: BTreeSet<&str> = followed.filter(|name| !exists(name)).collect();
    for name in disabled {
        out.block("bfd_instance", &[name], |out| out.comment("disabled, but a check follows it"));
    }
}

/// `linkbeat_interfaces`, `interface_up_down_delays` and `garp_group`.
pub(super) fn links(links: &LinkSettings, out: &mut Writer) {
    if !links.polled.is_empty() {
        out.block("linkbeat_interfaces", &[], |out| {
            for (link, polling) in &links.polled {
                let kind = match polling {
                    Polling::Any => None,
                    Polling::Mii => Some("MII"),
                    Polling::Ethtool => Some("ETHTOOL"),
                    Polling::Ioctl => Some("IOCTL"),
                };
                let words: Vec<&str> = [Some(link.as_str()), kind].into_iter().flatten().collect();
                out.line(&words);
            }
        });
    }
    if !links.delays.is_empty() {
        out.block("interface_up_down_delays", &[], |out| {
            for delay in &links.delays {
                out.line(&[delay.link.as_str(), &seconds(delay.down), &seconds(delay.up)]);
            }
        });
    }
    for pace in &links.paces {
        out.block("garp_group", &[], |out| {
            if let Some(interval) = pace.arp {
                out.statement("garp_interval", &[&seconds(interval)]);
            }
            if let Some(interval) = pace.neighbor {
                out.statement("gna_interval", &[&seconds(interval)]);
            }
            if !pace.links.is_empty() {
                out.block("interfaces", &[], |out| {
                    pace.links.iter().for_each(|link: &LinkName| out.line(&[link.as_str()]));
                });
            }
        });
    }
}
