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
    misspell,
    forget,
    renumber,
    define,
    condition,
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
fn misspell(lines: &mut Vec<String>, at: usize, random: &mut Rng) {
    let length = lines[at].split_whitespace().next().map_or(0, str::len);
    if length > 1 && lines[at].is_ascii() && !lines[at].starts_with(' ') {
        lines[at].remove(random.usize(..length));
    }
}

/// The last word is missing.
fn forget(lines: &mut Vec<String>, at: usize, _: &mut Rng) {
    let open = lines[at].ends_with('{');
    let mut words: Vec<&str> = lines[at].trim_end_matches('{').split_whitespace().collect();
    words.pop();
    lines[at] = words.join(" ") + if open { " {" } else { "" };
}

/// The last word is another number.
fn renumber(lines: &mut Vec<String>, at: usize, random: &mut Rng) {
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
    let number = NUMBERS[random.usize(..NUMBERS.len())];
    if let Some((before, last)) = lines[at].rsplit_once(' ') {
        if last.parse::<f64>().is_ok() {
            lines[at] = format!("{before} {number}");
        }
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
fn condition(lines: &mut Vec<String>, at: usize, random: &mut Rng) {
    const CONDITIONS: [&str; 4] = ["@lb1", "@^lb1", "@other", "@^other"];
    lines[at] = format!("{} {}", CONDITIONS[random.usize(..4)], lines[at]);
}
