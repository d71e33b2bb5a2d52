//! Moments as keepalived's dumps write them: seconds since 1970, and what the clock on the wall
//! shows there.

use std::time::{Duration, UNIX_EPOCH};

use chrono::{DateTime, Local};

/// `SECONDS.MICROSECONDS (Sat Nov 28 10:48:03.378621 2026)`.
pub(super) fn moment(since_1970: Duration) -> String {
    let (seconds, micros) = (since_1970.as_secs(), since_1970.subsec_micros());
    let local: DateTime<Local> = (UNIX_EPOCH + since_1970).into();
    format!(
        "{seconds}.{micros:06} ({}.{micros:06} {})",
        local.format("%a %b %e %H:%M:%S"),
        local.format("%Y")
    )
}
