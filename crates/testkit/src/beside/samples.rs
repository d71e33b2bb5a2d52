//! Measured values, and the few numbers that are told about them.

use std::time::Duration;

/// Values in ascending order; there is at least one.
#[derive(Clone, Debug)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// Sorts them.
    ///
    /// # Panics
    /// When there are none: then a run could not be made.
    pub fn new(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        assert!(!values.is_empty(), "nothing was measured");
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// Takes times as milliseconds.
    pub fn of(times: impl IntoIterator<Item = Duration>) -> Self {
        Self::new(times.into_iter().map(milliseconds))
    }

    /// The value that so many thousandths of all do not exceed.
    pub fn permille(&self, thousandths: usize) -> f64 {
        let rank = (self.0.len() * thousandths).div_ceil(1_000);
        self.0[rank.clamp(1, self.0.len()) - 1]
    }

    /// The value in the middle.
    pub fn median(&self) -> f64 {
        self.permille(500)
    }

    /// The least, the middle and the greatest value.
    pub fn range(&self) -> String {
        let [least, middle, greatest] = [1, 500, 1_000].map(|rank| self.permille(rank));
        format!("{least:.1} / {middle:.1} / {greatest:.1}")
    }
}

/// A time as milliseconds.
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
