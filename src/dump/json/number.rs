//! Numbers as C's `printf` writes them: programs compare them as text.

use std::time::Duration;

use serde_json::value::RawValue;

/// Seconds as `%g` writes them: six digits that count, no zeros behind them.
pub(super) fn seconds(time: Duration) -> Box<RawValue> {
    let value = time.as_secs_f64();
    // How many digits stand before the point decides how many may stand behind it.
    let whole = if value < 1.0 { 0 } else { time.as_secs().ilog10() as usize + 1 };
    let text = format!("{value:.*}", 6_usize.saturating_sub(whole));
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    raw(text.to_owned())
}

/// Seconds as `%f` writes them: six digits behind the point.
pub(super) fn exact_seconds(time: Duration) -> Box<RawValue> {
    raw(format!("{}.{:06}", time.as_secs(), time.subsec_micros()))
}

fn raw(number: String) -> Box<RawValue> {
    RawValue::from_string(number).expect("digits are a JSON number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_no_zeros_that_say_nothing() {
        let texts = [0, 10, 500, 1_000, 1_500, 40_950, 255_000, 1_000_000]
            .map(|millis| seconds(Duration::from_millis(millis)).get().to_owned());
        assert_eq!(texts, ["0", "0.01", "0.5", "1", "1.5", "40.95", "255", "1000"]);
    }

    #[test]
    fn moments_have_all_six_digits() {
        let moment = Duration::new(1_795_862_883, 378_620_999);
        assert_eq!(exact_seconds(moment).get(), "1795862883.378620");
    }
}
