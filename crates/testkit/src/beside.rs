//! Measuring ours beside Debian's keepalived in the same run, turn by turn.
//! Decides who goes first, which numbers are told about a series of runs and how the table of a
//! benchmark looks; what is measured, and what is good enough, is for the benchmarks.

mod programs;
mod report;
mod samples;

pub use programs::{Both, Programs, name};
pub use report::{Report, say};
pub use samples::{Samples, milliseconds};

use std::env;
use std::fmt::Display;
use std::str::FromStr;

/// A number that the environment may change.
///
/// # Panics
/// When the variable is there and is no number above 0.
pub fn from_environment<T>(name: &str, otherwise: T) -> T
where
    T: FromStr + PartialOrd + Default + Display,
{
    let Ok(text) = env::var(name) else {
        return otherwise;
    };
    match text.parse() {
        Ok(value) if value > T::default() => value,
        Ok(_) | Err(_) => panic!("{name}={text}: it is a number above 0, usually {otherwise}"),
    }
}
