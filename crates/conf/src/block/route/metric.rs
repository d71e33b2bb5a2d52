//! What a route says about its path: `[lock] N` and its like.

use net::{Family, Metric, RouterPreference};

use super::RouteDraft;
use crate::block::words::{WordRow, Words};
use crate::reader::Word;

type Row = WordRow<RouteDraft>;

/// The options about the path.
pub(super) static OPTIONS: &[Row] = &[
    WordRow::of(
        &["metric", "priority", "preference"],
        "N",
        "preference of the route; the lowest counts",
        |draft, words, _| {
            draft.route.metric = Some(plain(words, u32::MAX, "metric")?);
            Some(())
        },
    ),
    WordRow::of(&["expires"], "SECS", "lifetime (IPv6)", |draft, words, word| {
        draft.needs(words, Family::V6, (word, "expires is only valid for IPv6"))?;
        draft.route.expires = Some(plain(words, u32::MAX, "expires time")?);
        Some(())
    }),
    WordRow::of(&["mtu"], "[lock] BYTES", "largest packet of the path", |draft, words, _| {
        draft.route.metrics.mtu = Some(lockable(words, "MTU")?);
        Some(())
    }),
    WordRow::of(&["advmss"], "[lock] BYTES", "segment size told to peers", |draft, words, _| {
        draft.route.metrics.advertised_mss = Some(lockable(words, "advmss")?);
        Some(())
    }),
    WordRow::of(
        &["reordering"],
        "[lock] N",
        "reordering that TCP takes for none",
        |draft, words, _| {
            draft.route.metrics.reordering = Some(lockable(words, "reordering value")?);
            Some(())
        },
    ),
    WordRow::of(&["cwnd"], "[lock] N", "congestion window", |draft, words, _| {
        draft.route.metrics.congestion_window = Some(lockable(words, "cwnd value")?);
        Some(())
    }),
    WordRow::of(&["ssthresh"], "[lock] N", "threshold of the slow start", |draft, words, _| {
        draft.route.metrics.slow_start_threshold = Some(lockable(words, "ssthresh value")?);
        Some(())
    }),
    WordRow::of(&["rtt"], "[lock] TIME[s|ms]", "round trip time", |draft, words, word| {
        draft.route.metrics.rtt = Some(time(words, word, 8)?);
        Some(())
    }),
    WordRow::of(&["rttvar"], "[lock] TIME[s|ms]", "its variance", |draft, words, word| {
        draft.route.metrics.rtt_variance = Some(time(words, word, 4)?);
        Some(())
    }),
    WordRow::of(
        &["rto_min"],
        "[lock] TIME[s|ms]",
        "least time before TCP sends again",
        |draft, words, word| {
            draft.route.metrics.least_rto = Some(time(words, word, 1)?);
            Some(())
        },
    ),
    WordRow::of(&["window"], "BYTES", "largest window told to peers", |draft, words, _| {
        draft.route.metrics.window = Some(plain(words, u32::MAX, "window value")?);
        Some(())
    }),
    WordRow::of(&["hoplimit"], "0-255", "hop limit or TTL of packets", |draft, words, _| {
        draft.route.metrics.hop_limit = Some(plain(words, 255, "hoplimit")?);
        Some(())
    }),
    WordRow::of(&["initcwnd"], "N", "first congestion window", |draft, words, _| {
        let window = plain(words, u32::MAX, "initcwnd value")?;
        draft.route.metrics.initial_congestion_window = Some(window);
        Some(())
    }),
    WordRow::of(&["initrwnd"], "N", "first receive window", |draft, words, _| {
        let window = plain(words, u32::MAX, "initrwnd value")?;
        draft.route.metrics.initial_receive_window = Some(window);
        Some(())
    }),
    WordRow::of(
        &["features"],
        "ecn",
        "uses explicit congestion notification",
        |draft, words, _| {
            let word = words.value()?;
            match word.text.as_str() {
                "ecn" => draft.route.metrics.ecn = true,
                other => words.line.error_at(&word, format!("feature {other} not supported")),
            }
            Some(())
        },
    ),
    WordRow::of(&["quickack"], "0|1", "acknowledges at once", |draft, words, _| {
        let flag: u8 = plain(words, 1, "quickack value")?;
        draft.route.metrics.quick_ack = Some(flag == 1);
        Some(())
    }),
    WordRow::of(
        &["fastopen_no_cookie"],
        "0|1",
        "TCP fast open without a cookie",
        |draft, words, _| {
            let flag: u8 = plain(words, 1, "fastopen_no_cookie value")?;
            draft.route.metrics.fast_open_without_cookie = Some(flag == 1);
            Some(())
        },
    ),
    WordRow::of(&["congctl"], "[lock] NAME", "congestion control", |draft, words, _| {
        let locked = words.take("lock");
        let word = words.value()?;
        draft.route.metrics.congestion_control = Some((word.text.into(), locked));
        Some(())
    }),
    WordRow::of(&["pref"], "low|medium|high", "router preference (IPv6)", preference),
    WordRow::of(
        &["ttl-propagate"],
        "enabled|disabled",
        "MPLS takes over the TTL",
        |draft, words, _| {
            let word = words.value()?;
            if !matches!(word.text.as_str(), "enabled" | "disabled") {
                let message = format!("ttl-propagate value {} not recognised", word.text);
                words.advise::<()>(&word, message, "write enabled or disabled");
            }
            draft.route.ttl_propagate = Some(word.text == "enabled");
            Some(())
        },
    ),
];

fn plain<N: TryFrom<i64>>(words: &mut Words<'_, '_, '_>, most: u32, what: &str) -> Option<N> {
    words.number(most, |text| format!("Invalid {what} {text} specified for route"))
}

/// `[lock] N`.
fn lockable(words: &mut Words<'_, '_, '_>, what: &str) -> Option<Metric> {
    let locked = words.take("lock");
    Some(Metric { value: plain(words, u32::MAX, what)?, locked })
}

fn preference(draft: &mut RouteDraft, words: &mut Words<'_, '_, '_>, word: &Word) -> Option<()> {
    draft.needs(words, Family::V6, (word, "pref is only valid for IPv6"))?;
    let known = match words.peek() {
        Some("low") => Some(3),
        Some("medium") => Some(0),
        Some("high") => Some(1),
        Some(_) | None => None,
    };
    let number = match known {
        Some(number) => {
            words.next();
            number
        }
        None => plain(words, 255, "pref value")?,
    };
    draft.route.preference = Some(RouterPreference(number));
    Some(())
}

/// The least and the greatest time that makes sense, in milliseconds.
const TIMES: (u64, u64) = (200, 120_000);

/// `[lock] N[s|ms]`; a plain number counts units of which a millisecond has as many.
fn time(words: &mut Words<'_, '_, '_>, keyword: &Word, per_millisecond: u64) -> Option<Metric> {
    let locked = words.take("lock");
    let word = words.value()?;
    let Some(value) = units(&word.text, per_millisecond) else {
        let message = format!("Invalid {} value {} specified for route", keyword.text, word.text);
        return words.advise(&word, message, "write seconds as 1.5s or milliseconds as 1500ms");
    };
    let (least, most) = (TIMES.0 * per_millisecond, TIMES.1 * per_millisecond);
    let used = value.clamp(least, most);
    if used != value {
        let (name, text) = (&keyword.text, &word.text);
        let message = format!("{name} {text} is out of range for route - using the nearest value");
        words.advise::<()>(&word, message, "0.2s to 120s; without s or ms it is in kernel units");
    }
    Some(Metric { value: u32::try_from(used).ok()?, locked })
}

fn units(text: &str, per_millisecond: u64) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let thousandths: u64 = match unit {
        "s" | "sec" | "secs" => 1_000_000 * per_millisecond,
        "ms" | "msec" | "msecs" => 1_000 * per_millisecond,
        "" => 1_000,
        _ => return None,
    };
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let millionths = whole.checked_mul(1_000_000)?.checked_add(digits.parse().ok()?)?;
    Some(millionths.checked_mul(thousandths)? / 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::units;

    #[test]
    fn times_become_units_of_the_kernel() {
        assert_eq!((units("1.5s", 8), units("500ms", 4)), (Some(12_000), Some(2_000)));
        assert_eq!((units("300", 1), units("1e3", 1), units(".", 1)), (Some(300), None, None));
    }
}
