//! The first line of a `reload_time_file`: which forms it may have, and which moment it means.
//!
//! Local time comes from a [`Zone`], so that the days on which clocks are changed can be tested.

use chrono::{
    DateTime, Days, Local, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc,
};

/// A moment.
pub(super) type Moment = DateTime<Utc>;

/// A place's clock.
pub(super) trait Zone {
    /// The moments at which the clock shows this: none where it is put forward, two where back.
    fn moments(&self, shown: NaiveDateTime) -> LocalResult<Moment>;
    /// What the clock shows.
    fn shown(&self, moment: Moment) -> NaiveDateTime;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here;

impl Zone for Here {
    fn moments(&self, shown: NaiveDateTime) -> LocalResult<Moment> {
        Local.from_local_datetime(&shown).map(|moment| moment.to_utc())
    }

    fn shown(&self, moment: Moment) -> NaiveDateTime {
        moment.with_timezone(&Local).naive_local()
    }
}

/// What a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A time of each day.
    Daily {
        /// The time.
        time: NaiveTime,
        /// Of Greenwich, not of this place.
        utc: bool,
    },
    /// One moment.
    Once {
        /// What the clock shows then.
        shown: NaiveDateTime,
        /// The clock of Greenwich, not of this place.
        utc: bool,
    },
}

/// Why a line is none of the forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Letters for digits, or a number that no clock and no calendar has.
    Invalid,
    /// Too few digits, or something before or after it.
    Format,
    /// A day that this month does not have, or a leap second.
    NoSuchDay,
}

/// Reads `HH:MM:SS`, `YY-MM-DD HH:MM:SS` or `YYYY-MM-DD HH:MM:SS`, each perhaps with a `Z`.
pub(super) fn read(line: &str) -> Result<Wanted, Unreadable> {
    let (text, utc) = line.strip_suffix('Z').map_or((line, false), |text| (text, true));
    let (date, time) = match text.split_once(' ') {
        // A time, and more behind it.
        Some((time, _)) if time.contains(':') => {
            numbers(time.trim_end_matches('Z'), ':', [2, 2, 2])?;
            return Err(Unreadable::Format);
        }
        Some((date, time)) => (Some(date), time),
        None => (None, text),
    };
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 60 {
        return Err(Unreadable::Invalid);
    }
    let date = date.map(day).transpose()?;
    let time = NaiveTime::from_hms_opt(hour, minute, second).ok_or(Unreadable::NoSuchDay)?;
    Ok(match date {
        None => Wanted::Daily { time, utc },
        Some(date) => Wanted::Once { shown: date.and_time(time), utc },
    })
}

fn day(text: &str) -> Result<NaiveDate, Unreadable> {
    // The century is this one: who schedules a reload means a day that is near.
    let long = text.split_once('-').is_some_and(|(year, _)| year.len() == 4);
    let [year, month, day] = numbers(text, '-', [if long { 4 } else { 2 }, 2, 2])?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return Err(Unreadable::Invalid);
    }
    let year = if long { year } else { 2000 + year };
    let year = i32::try_from(year).map_err(|_| Unreadable::Invalid)?;
    NaiveDate::from_ymd_opt(year, month, day).ok_or(Unreadable::NoSuchDay)
}

/// Three numbers of exactly so many digits.
fn numbers(text: &str, between: char, digits: [usize; 3]) -> Result<[u32; 3], Unreadable> {
    let mut parts = text.split(between);
    let mut read = [0; 3];
    for (number, digits) in read.iter_mut().zip(digits) {
        let part = parts.next().ok_or(Unreadable::Invalid)?;
        let plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !plain {
            let padded = part.trim().bytes().all(|byte| byte.is_ascii_digit());
            return Err(if padded { Unreadable::Format } else { Unreadable::Invalid });
        }
        if part.len() != digits {
            return Err(Unreadable::Format);
        }
        *number = part.parse().map_err(|_| Unreadable::Invalid)?;
    }
    if parts.next().is_some() { Err(Unreadable::Format) } else { Ok(read) }
}

impl Wanted {
    /// The next moment after `now` that is meant; `None` when it has passed.
    ///
    /// A time that a clock put forward leaves out is the moment at which it is put forward; of a
    /// time that it shows twice, the first that is to come.
    pub(super) fn next(self, now: Moment, zone: &dyn Zone) -> Option<Moment> {
        match self {
            Self::Once { shown, utc: true } => Some(shown.and_utc()).filter(|due| *due > now),
            Self::Once { shown, utc: false } => after(zone, shown, now),
            Self::Daily { time, utc: true } => daily(now.naive_utc().date(), |day| {
                Some(day.and_time(time).and_utc()).filter(|due| *due > now)
            }),
            Self::Daily { time, utc: false } => {
                daily(zone.shown(now).date(), |day| after(zone, day.and_time(time), now))
            }
        }
    }

    /// Whether it comes again the day after.
    pub(super) const fn is_daily(self) -> bool {
        matches!(self, Self::Daily { .. })
    }
}

/// The first of this day and the next ones that gives a moment. Two are enough, three where a
/// place has changed its calendar day.
fn daily(today: NaiveDate, moment: impl Fn(NaiveDate) -> Option<Moment>) -> Option<Moment> {
    (0..3).filter_map(|days| today.checked_add_days(Days::new(days))).find_map(moment)
}

/// The first moment after `now` at which the clock shows this.
fn after(zone: &dyn Zone, shown: NaiveDateTime, now: Moment) -> Option<Moment> {
    match zone.moments(shown) {
        LocalResult::Single(moment) => Some(moment).filter(|moment| *moment > now),
        LocalResult::Ambiguous(first, second) => {
            [first.min(second), first.max(second)].into_iter().find(|moment| *moment > now)
        }
        LocalResult::None => put_forward(zone, shown).filter(|moment| *moment > now),
    }
}

/// The moment at which the clock was put forward over this time.
fn put_forward(zone: &dyn Zone, shown: NaiveDateTime) -> Option<Moment> {
    // Where the clock jumps, it shows less than that one second and more in the next: between a
    // day before and a day after there is one such second, whatever the offset of the place.
    let guess = shown.and_utc().timestamp();
    let day = 86_400;
    let before = |second: &i64| {
        Utc.timestamp_opt(*second, 0).single().is_some_and(|moment| zone.shown(moment) < shown)
    };
    let (mut low, mut high) = (guess - day, guess + day);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(&middle) { low = middle + 1 } else { high = middle }
    }
    Utc.timestamp_opt(low, 0).single()
}

/// As the log shows a moment: local time.
pub(super) fn shown(zone: &dyn Zone, moment: Moment) -> String {
    zone.shown(moment).format("%Y-%m-%d %H:%M:%S").to_string()
}
