//! The names that have a value without a definition (compat 01 §6.4).
//!
//! It knows their parameters and words the complaints about them; that a definition of the same
//! name comes first is decided in `reference`.

use super::Surroundings;

/// The numbers below this one stand for predefined names.
pub(super) const IDS: u32 = 16;

/// A predefined name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Pwd,
    Instance,
    Random,
    Env,
    Hash,
    Bang,
}

impl Name {
    pub(super) fn of(text: &str) -> Option<Self> {
        Some(match text {
            "_PWD" => Self::Pwd,
            "_INSTANCE" => Self::Instance,
            "_RANDOM" => Self::Random,
            "_ENV" => Self::Env,
            "_HASH" => Self::Hash,
            "_BANG" => Self::Bang,
            _ => return None,
        })
    }

    /// Its number among the definitions.
    pub(super) fn id(self) -> u32 {
        self as u32
    }

    fn parameters(self) -> (usize, usize) {
        match self {
            Self::Random => (0, 2),
            Self::Env => (1, 1),
            Self::Pwd | Self::Instance | Self::Hash | Self::Bang => (0, 0),
        }
    }
}

/// What a predefined name stands for here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: String,
    /// What is wrong with its parameters, though it has a value.
    pub(super) complaint: Option<String>,
}

/// The value, or the complaint that there is none.
pub(super) fn value(
    name: Name,
    written: &str,
    parameters: &[String],
    surroundings: &mut Surroundings<'_>,
) -> Result<Value, String> {
    let (least, most) = name.parameters();
    if !(least..=most).contains(&parameters.len()) {
        return Err(format!(
            "Definition {written} requires between {least} and {most} parameters, {} specified.",
            parameters.len()
        ));
    }
    let text = match name {
        Name::Pwd => surroundings.directory(),
        Name::Instance => surroundings.config_id.to_owned(),
        Name::Hash => "#".to_owned(),
        Name::Bang => "!".to_owned(),
        Name::Env => {
            let variable = parameters.first().and_then(|name| surroundings.variables.get(name));
            variable.cloned().unwrap_or_default()
        }
        Name::Random => return random(written, parameters, surroundings.random),
    };
    Ok(Value { text, complaint: None })
}

fn random(written: &str, parameters: &[String], random: &mut Random) -> Result<Value, String> {
    let mut bounds = [0, 32_767];
    for (bound, parameter) in bounds.iter_mut().zip(parameters) {
        let digits = parameter.bytes().all(|byte| byte.is_ascii_digit());
        *bound = parameter
            .parse::<u64>()
            .ok()
            .filter(|_| digits)
            .ok_or_else(|| format!("Definition {written} requires numeric parameters only."))?;
    }
    let [min, max] = bounds;
    let complaint =
        (min > max).then(|| format!("${{{written}}}: min {min} exceeds max {max}, using {min}"));
    let text = random.between(min, max.max(min)).to_string();
    Ok(Value { text, complaint })
}

/// A source of numbers that are not secret, and the same again for the same seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number between these two or one of them.
    fn between(&mut self, min: u64, max: u64) -> u64 {
        match (max - min).checked_add(1) {
            Some(count) => min + self.next() % count,
            None => self.next(),
        }
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(parameters: &[&str]) -> Result<Value, String> {
        let parameters: Vec<String> = parameters.iter().map(|&text| text.to_owned()).collect();
        random("_RANDOM", &parameters, &mut Random::new(7))
    }

    #[test]
    fn random_numbers_keep_their_bounds() {
        let mut random = Random::new(1);
        assert!((0..1_000).all(|_| (5..=7).contains(&random.between(5, 7))));
        assert_eq!(random.between(u64::MAX, u64::MAX), u64::MAX);
        random.between(0, u64::MAX);
        assert_eq!(drawn(&["5", "5"]).map(|value| value.text), Ok("5".to_owned()));
        assert_eq!(drawn(&[]), drawn(&["0", "32767"]));
    }

    #[test]
    fn bad_bounds_are_complained_about() {
        let numeric = Err("Definition _RANDOM requires numeric parameters only.".to_owned());
        assert_eq!(drawn(&["a"]), numeric);
        assert_eq!(drawn(&["99999999999999999999"]), numeric);
        let inverted = drawn(&["5", "4"]).unwrap();
        assert_eq!(inverted.text, "5");
        let expected = "${_RANDOM}: min 5 exceeds max 4, using 5";
        assert_eq!(inverted.complaint.as_deref(), Some(expected));
    }
}
