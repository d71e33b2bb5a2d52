//! The BFD part of a dump: every session with its state (compat 22 §10). keepalived's descriptors
//! and pointers mean nothing here and are left out.

use std::fmt::Write as _;
use std::time::Duration;

use bfd::View;
use bfd::config::{Session, Told};

use super::time::moment;
use crate::bfd_task::Shown;

/// The text of the file.
pub(super) fn text(shown: &Shown) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = write(&mut text, shown);
    text
}

fn write(text: &mut String, shown: &Shown) -> std::fmt::Result {
    writeln!(text, "------< BFD Data >------")?;
    writeln!(text, "------< BFD Topology >------")?;
    for view in &shown.sessions {
        configuration(text, &view.config)?;
        state(text, view)?;
        intervals(text, view)?;
        let heard = view.last_heard.map(|at| moment(shown.since_1970(at)));
        match heard {
            Some(heard) => writeln!(text, "   last seen = {heard}")?,
            None => writeln!(text, "   last_seen = [never]")?,
        }
    }
    Ok(())
}

fn configuration(text: &mut String, session: &Session) -> std::fmt::Result {
    writeln!(text, " BFD Instance = {}", session.name)?;
    writeln!(text, "   Neighbor IP = {}", session.neighbor)?;
    if let Some(source) = session.source {
        writeln!(text, "   Source IP = {source}")?;
    }
    writeln!(text, "   Required min RX interval = {} us", session.min_rx.as_micros())?;
    writeln!(text, "   Desired min TX interval = {} us", session.min_tx.as_micros())?;
    writeln!(text, "   Desired idle TX interval = {} us", session.idle_tx.as_micros())?;
    writeln!(text, "   Detection multiplier = {}", session.multiplier)?;
    let hops = if session.neighbor.is_ipv4() { "TTL" } else { "hoplimit" };
    writeln!(text, "   {hops} = {}", session.ttl)?;
    let most = session.max_hops.map_or(-1, i16::from);
    writeln!(text, "   max_hops = {most}")?;
    writeln!(text, "   multihop = {}", session.multihop)?;
    writeln!(text, "   passive = {}", session.passive)?;
    let yes = |told: bool| if told { "Yes" } else { "No" };
    let (vrrp, checkers) = match session.told {
        Told::Both => (true, true),
        Told::Vrrp => (true, false),
        Told::Checkers => (false, true),
    };
    writeln!(text, "   send event to VRRP process = {}", yes(vrrp))?;
    writeln!(text, "   send event to checker process = {}", yes(checkers))
}

fn state(text: &mut String, view: &View) -> std::fmt::Result {
    writeln!(text, "   send error = {}", view.mute)?;
    writeln!(text, "   local state = {}", view.state)?;
    writeln!(text, "   remote state = {}", view.remote_state)?;
    writeln!(text, "   local discriminator = 0x{:x}", view.discriminator.number())?;
    let remote = view.remote_discriminator.map_or(0, bfd::Discriminator::number);
    writeln!(text, "   remote discriminator = 0x{remote:x}")?;
    writeln!(text, "   local diag = {}", view.diagnostic)?;
    writeln!(text, "   remote diag = {}", view.remote_diagnostic)
}

fn intervals(text: &mut String, view: &View) -> std::fmt::Result {
    writeln!(text, "   remote min tx intv = {} us", view.remote_min_tx.micros())?;
    writeln!(text, "   remote min rx intv = {} us", view.remote_min_rx.micros())?;
    writeln!(text, "   local demand = 0")?;
    writeln!(text, "   remote demand = {}", u8::from(view.remote_demand))?;
    writeln!(text, "   remote detect multiplier = {}", view.remote_multiplier)?;
    writeln!(text, "   {}, !final", if view.polling { "poll" } else { "!poll" })?;
    let micros = |time: Duration| time.as_micros();
    let multiplier = u32::from(view.remote_multiplier);
    // Both are what the other end does as far as it was heard.
    let (remote, remote_detection) = match view.detection.checked_div(multiplier) {
        Some(remote) => (remote, view.interval * u32::from(view.config.multiplier)),
        None => (Duration::ZERO, Duration::ZERO),
    };
    writeln!(text, "   local tx intv = {} us", micros(view.interval))?;
    writeln!(text, "   remote tx intv = {} us", micros(remote))?;
    writeln!(text, "   local detection time = {} us", micros(view.detection))?;
    writeln!(text, "   remote detection time = {} us", micros(remote_detection))?;
    let stats = view.stats;
    writeln!(text, "   packets sent = {}, received = {}", stats.sent, stats.received)?;
    writeln!(text, "   packets discarded = {}", stats.discarded)?;
    writeln!(text, "   went up = {}, went down = {}", stats.went_up, stats.went_down)
}
