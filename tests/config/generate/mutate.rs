//! The mistakes that people make, and the forms that the preprocessor knows.

use fastrand::Rng;

/// One way of changing a file.
type Mutation = fn(&mut Vec<String>, usize, &mut Rng);

const ALL: [Mutation; 17] = [
    |lines, at, _| drop(lines.remove(at)),
    |lines, at, _| lines.insert(at, "}".to_owned()),
    |lines, at, _| lines.insert(at, "{".to_owned()),
    |lines, at, _| lines.insert(at, lines[at].clone()),
    |lines, at, _| lines.swap(at, at.saturating_sub(1)),
    |lines, at, _| lines[at] = lines[at].replace([' ', '{'], ""),
    |lines, at, _| lines[at] = lines[at].replacen('{', "\n\n {", 1),
    |lines, at, random| insert(&mut lines[at], '"', random),
    |lines, at, random| insert(&mut lines[at], '#', random),
    |lines, at, random| insert(&mut lines[at], '!', random),
    |lines, at, _| lines[at].push_str(" \\"),
    |lines, at, _| lines[at].push_str("\t # a comment\r"),
    |lines, at, random| misspell(&mut lines[at], random),
    |lines, at, _| forget(&mut lines[at]),
    |lines, at, random| renumber(&mut lines[at], random),
    |lines, at, random| define(lines, at, random),
    |lines, at, random| condition(&mut lines[at], random),
];

/// Changes a line, or the lines around it.
pub(super) fn once(lines: &mut Vec<String>, random: &mut Rng) {
    if lines.is_empty() {
        return;
    }
    let at = random.usize(..lines.len());
    ALL[random.usize(..ALL.len())](lines, at, random);
}

fn insert(line: &mut String, what: char, random: &mut Rng) {
    let places: Vec<usize> = line.char_indices().map(|(at, _)| at).collect();
    if let Some(at) = random.choice(places) {
        line.insert(at, what);
    }
}

/// The keyword loses a letter.
fn misspell(line: &mut String, random: &mut Rng) {
    let length = line.split_whitespace().next().map_or(0, str::len);
    if length > 1 && line.is_ascii() && !line.starts_with(' ') {
        line.remove(random.usize(..length));
    }
}

/// The last word is missing.
fn forget(line: &mut String) {
    let open = if line.ends_with('{') { " {" } else { "" };
    let mut words: Vec<&str> = line.trim_end_matches('{').split_whitespace().collect();
    words.pop();
    *line = words.join(" ") + open;
}

/// A number at the end is another one.
fn renumber(line: &mut String, random: &mut Rng) {
    const NUMBERS: [&str; 12] = [
        "0",
        "-1",
        "1x",
        "0x10",
        "1.5",
        "256",
        "65536",
        "4294967296",
        "99999999999999999999",
        "+5",
        "\"\"",
        "010",
    ];
    let Some((before, last)) = line.rsplit_once(' ') else { return };
    if last.parse::<f64>().is_ok() {
        *line = format!("{before} {}", NUMBERS[random.usize(..NUMBERS.len())]);
    }
}

/// The last word comes from a definition.
fn define(lines: &mut Vec<String>, at: usize, random: &mut Rng) {
    let Some((before, last)) = lines[at].rsplit_once(' ') else { return };
    if matches!(last, "{" | "") || last.contains('"') {
        return;
    }
    let reference = if random.bool() { "$V" } else { "${V}" };
    let definition = format!("$V={last}");
    lines[at] = format!("{before} {reference}");
    lines.insert(random.usize(..=at), definition);
}

/// The line counts for some machines only; `lb1` is this one.
fn condition(line: &mut String, random: &mut Rng) {
    const CONDITIONS: [&str; 4] = ["@lb1", "@^lb1", "@other", "@^other"];
    *line = format!("{} {line}", CONDITIONS[random.usize(..CONDITIONS.len())]);
}
