//! Rows of `global_defs`: how a master announces its addresses unless its instance says more.

use std::time::Duration;

use super::Row;
use super::value as read;
use crate::block::RootDraft;
use crate::block::instance_options::extra_links_of;
use crate::diagnostic::{Class, Diagnostic};
use crate::globals::VrrpDefaults;
use crate::line::Line;
use crate::value::Decimal;

/// Announcements.
pub(super) static ANNOUNCEMENT: &[Row] = &[
    Row::now("vrrp_garp_master_delay", "seconds to a new master's second burst", |root, line| {
        root.globals.vrrp.garp_delay = seconds(line, 0..=4294)?;
        Some(())
    })
    .takes("SECS", "0-4294; 0 for no second burst", "5"),
    Row::now("vrrp_garp_master_repeat", "announcements of a burst", |root, line| {
        root.globals.vrrp.garp_repeat = repeat(line)?;
        Some(())
    })
    .takes("COUNT", "1-4294967295", "5"),
    Row::now(
        "vrrp_garp_master_refresh",
        "seconds between a master's announcements",
        |root, line| {
            let word = line.required(1)?;
            let refresh = read::checked(line, &word, 0..=4_294_967_295, |keyword, value| {
                format!("Invalid {keyword} '{value}' - ignoring")
            });
            // A bad value is 0, which is never.
            root.globals.vrrp.garp_refresh = Duration::from_secs(refresh.unwrap_or(0));
            Some(())
        },
    )
    .takes("SECS", "0-4294967295; 0 for never", "0"),
    Row::now("vrrp_garp_master_refresh_repeat", "announcements of a refresh", |root, line| {
        root.globals.vrrp.garp_refresh_repeat = repeat(line)?;
        Some(())
    })
    .takes("COUNT", "1-4294967295", "1"),
    Row::now("vrrp_garp_lower_prio_delay", "second burst after a lower advert", |root, line| {
        root.globals.vrrp.garp_lower_priority_delay = Some(seconds(line, 0..=4294)?);
        Some(())
    })
    .takes("SECS", "0-4294", "vrrp_garp_master_delay"),
    Row::now("vrrp_garp_lower_prio_repeat", "announcements after a lower advert", |root, line| {
        let repeat = read::number(line, 0..=2_147_483_647, |keyword, value| {
            format!("Invalid {keyword} '{value}'")
        })?;
        root.globals.vrrp.garp_lower_priority_repeat = Some(repeat);
        Some(())
    })
    .takes("COUNT", "0-2147483647", "vrrp_garp_master_repeat"),
    Row::now("vrrp_garp_interval", "pause between gratuitous ARPs", |root, line| {
        root.globals.vrrp.garp_interval = Some(pause(line)?);
        Some(())
    })
    .takes("SECS", "0.000001-4294.967295", "no pause"),
    Row::now("vrrp_gna_interval", "pause between neighbour adverts", |root, line| {
        root.globals.vrrp.gna_interval = Some(pause(line)?);
        Some(())
    })
    .takes("SECS", "0.000001-4294.967295", "no pause"),
    Row::now("vrrp_min_garp", "announces once only", min_garp).takes("[on|off]", "", "off"),
    Row::now("vrrp_garp_extra_if", "announces on other interfaces from time to time", extra).takes(
        "[all] SECS",
        "1-86400",
        "off",
    ),
    Row::now("vrrp_vmac_garp_intvl", "old spelling of vrrp_garp_extra_if", |root, line| {
        let message = "Keyword \"vrrp_vmac_garp_intvl\" is deprecated - please use \
                       \"vrrp_garp_extra_if\"";
        let found = Diagnostic::new(Class::Deprecated, message).at(line.span());
        line.add(found.hint("it is called vrrp_garp_extra_if").replace_by(Some(EXTRA)));
        extra(root, line)
    })
    .takes("[all] SECS", "1-86400", "off"),
];

const EXTRA: &str = "vrrp_garp_extra_if";

fn seconds(line: &mut Line<'_, '_>, range: std::ops::RangeInclusive<i64>) -> Option<Duration> {
    read::number(line, range, read::ignored).map(Duration::from_secs)
}

/// A repeat count: 0 becomes 1.
fn repeat(line: &mut Line<'_, '_>) -> Option<u32> {
    let count: u32 = read::number(line, 0..=4_294_967_295, read::ignored)?;
    if count == 0 {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        line.error(format!("{keyword} must be greater than 0, setting to 1"));
    }
    Some(count.max(1))
}

/// The pause between two announcements.
fn pause(line: &mut Line<'_, '_>) -> Option<Duration> {
    let word = line.required(1)?;
    let pause = read::timer(line, &word, Decimal::micros(1, 4_294_967_295))?;
    if pause >= Duration::from_secs(1) {
        let keyword = line.text(0).unwrap_or_default().to_owned();
        line.notice(format!("The {keyword} is very large - {} seconds", word.text));
    }
    Some(pause)
}

/// Sets to the minimum what still has its default (compat 02, `vrrp_min_garp`).
fn min_garp(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    if !read::boolean(line)? {
        return Some(());
    }
    let default = VrrpDefaults::default();
    let vrrp = &mut root.globals.vrrp;
    if vrrp.garp_repeat == default.garp_repeat {
        vrrp.garp_repeat = 1;
    }
    if vrrp.garp_refresh_repeat == default.garp_refresh_repeat {
        vrrp.garp_refresh_repeat = 0;
    }
    if vrrp.garp_delay == default.garp_delay {
        vrrp.garp_delay = Duration::ZERO;
    }
    Some(())
}

fn extra(root: &mut RootDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let refused = |keyword: &str, text: &str| format!("{keyword} '{text}' invalid - ignoring");
    let without = |keyword: &str| format!("{keyword} specified without time - ignoring");
    root.globals.vrrp.extra_links = Some(extra_links_of(line, 1..=86_400, refused, without)?);
    Some(())
}
