//! The splitter beside the original, and what holds for any words.

use proptest::prelude::*;

use super::*;

/// The arguments as a program printed them: `[a][b c]`, bytes that cannot be seen as `<0a>`.
fn shown(arguments: &[String]) -> String {
    let byte = |byte: u8| match byte {
        b' '..=b'~' => char::from(byte).to_string(),
        other => format!("<{other:02x}>"),
    };
    let word = |word: &String| word.bytes().map(byte).collect::<String>();
    arguments.iter().map(|argument| format!("[{}]", word(argument))).collect()
}

/// The arguments behind the program of a keyword's line, or what is wrong.
fn arguments(line: &str, first: fn(&str) -> Result<Vec<String>, Broken>) -> String {
    let words = first(&format!("script {line}"));
    match words.and_then(|words| split_command(&words[1])) {
        Ok(argv) => shown(argv.get(1..).unwrap_or_default()),
        Err(Broken::Unbalanced(quote)) => format!("missing {quote}"),
        Err(Broken::TrailingEscape) => "trailing \\".to_owned(),
        Err(Broken::Nul) => "NUL".to_owned(),
        Err(Broken::NotText) => "no text".to_owned(),
    }
}

/// The line, what 2.2.7 gave, what it gives now.
const ROWS: [(&str, &str, &str); 79] = [
    (r#""p a	b   c""#, "[a][b][c]", "[a][b][c]"),
    ("p root", "", ""),
    ("p root root", "", ""),
    (r#""p a" root root"#, "[a]", "[a]"),
    (r#"p" a b""#, "[a][b]", "[a][b]"),
    (r#""p a"" b""#, "[a][b]", "[a][b]"),
    (r#""p a"' b'"#, "[a][b]", "[a][b]"),
    (r#"'p a'" b""#, "[a][b]", "[a][b]"),
    (r#""p a 'b "c""#, r#"missing ""#, r#"missing ""#),
    (r#""p ''""#, "[]", "[]"),
    (r#"'p ""'"#, "[]", "[]"),
    (r#"'p "" x'"#, "[][x]", "[][x]"),
    (r#""p a'b c'd""#, "[ab cd]", "[ab cd]"),
    (r#"'p a"b c"d'"#, "[ab cd]", "[ab cd]"),
    (r#""p 'a'b'c d'e""#, "[abc de]", "[abc de]"),
    (r#"'p "a b"c"d e"'"#, "[a bcd e]", "[a bcd e]"),
    (r#""p a\ b""#, "[a][b]", "[a b]"),
    (r#""p a\\ b""#, "[a b]", r"[a\][b]"),
    (r#""p a\\\ b""#, "[a b]", r"[a\ b]"),
    (r#""p \"a b\"""#, "[a b]", r#"["a][b"]"#),
    (r#""p \\\"a b\\\"""#, r#"["a][b"]"#, r#"[\"a][b\"]"#),
    (r#""p \'a b\'""#, "[a b]", "['a][b']"),
    (r"'p \'a b\''", "[a b]", "['a][b']"),
    (r#"'p \"a b\"'"#, "[a b]", r#"["a][b"]"#),
    (r#""p 'a\\'b'""#, "[a'b]", "missing '"),
    (r#""p a\tb""#, "[a][b]", "[a<09>b]"),
    (r#""p a\\tb""#, "[a<09>b]", r"[a\tb]"),
    (r#""p a\nb""#, "[a][b]", "[a<0a>b]"),
    (r#""p 'a\nb'""#, "[a<0a>b]", "[a<0a>b]"),
    (r#""p 'a\\nb'""#, "[a<0a>b]", r"[a\nb]"),
    (
        r#""p '\a\b\E\f\n\r\t\v'""#,
        "[<07><08><1b><0c><0a><0d><09><0b>]",
        "[<07><08><1b><0c><0a><0d><09><0b>]",
    ),
    (
        r#""p '\\a\\b\\E\\f\\n\\r\\t\\v'""#,
        "[<07><08><1b><0c><0a><0d><09><0b>]",
        r"[\a\b\E\f\n\r\t\v]",
    ),
    (r#""p '\e\d\q\z'""#, "[edqz]", "[edqz]"),
    (r#""p '\\e\\d\\q\\z'""#, "[edqz]", r"[\e\d\q\z]"),
    (r#""p \x41""#, "[A]", "[A]"),
    (r#""p \\x41""#, "[A]", r"[\x41]"),
    (r#""p \\x4""#, "[<04>]", r"[\x4]"),
    (r#""p \\x4g""#, "[<04>g]", r"[\x4g]"),
    (r#""p \\x""#, "[x]", r"[\x]"),
    (r#""p \\xg""#, "[xg]", r"[\xg]"),
    (r#""p \\x20""#, "[ ]", r"[\x20]"),
    (r#""p \101""#, "[A]", "[A]"),
    (r#""p \\101""#, "[A]", r"[\101]"),
    (r#""p \\1019""#, "[A9]", r"[\1019]"),
    (r#""p \\1011""#, "[A1]", r"[\1011]"),
    (r#""p \\7""#, "[<07>]", r"[\7]"),
    (r#""p \\78""#, "[<07>8]", r"[\78]"),
    (r#""p \\8""#, "[8]", r"[\8]"),
    (r#""p \\cA""#, "[<01>]", r"[\cA]"),
    (r#""p \\ca""#, "[<01>]", r"[\ca]"),
    (r#""p \\c[""#, "[<1b>]", r"[\c[]"),
    (r#""p \\c?x""#, "[<1f>x]", r"[\c?x]"),
    (r#""p \\c""#, "[c]", r"[\c]"),
    (r#""p a\\\\""#, r"[a\]", r"[a\\]"),
    (r"p \", r"trailing \", r"trailing \"),
    (r"p\ a", "[a]", ""),
    (r#""p \\\\x41""#, r"[\x41]", r"[\\x41]"),
    (r#""p $HOME `id` $(id)""#, "[$HOME][`id`][$(id)]", "[$HOME][`id`][$(id)]"),
    (r#""p a;b|c&d>e<f*?""#, "[a;b|c&d>e<f*?]", "[a;b|c&d>e<f*?]"),
    (r#""p a#b !c""#, "[a#b][!c]", "[a#b][!c]"),
    (r#""p {a} }""#, "[{a}][}]", "[{a}][}]"),
    (r#""p"#, r#"missing ""#, r#"missing ""#),
    ("'p", "missing '", "missing '"),
    (r#""p 'a""#, "missing '", "missing '"),
    (r#"'p "a'"#, r#"missing ""#, r#"missing ""#),
    (r#""p é \\xc3\\xa9""#, "[<c3><a9>][<c3><a9>]", r"[<c3><a9>][\xc3\xa9]"),
    (r#""p a\\"#, r#"missing ""#, r#"missing ""#),
    (r#""p a	'b	c'""#, "[a][b<09>c]", "[a][b<09>c]"),
    (r#""p a\\	b""#, "[a<09>b]", r"[a\][b]"),
    (r#""p \#x \!y""#, "[#x][!y]", "[#x][!y]"),
    (r"p\tx", "[x]", ""),
    (r#""p '\\\\'""#, r"[\]", r"[\\]"),
    (r#""p '\\\\\\\\'""#, r"[\\]", r"[\\\\]"),
    (r#""p -c 'echo \"x y\"'""#, r#"[-c][echo "x y"]"#, r#"[-c][echo "x y"]"#),
    (r#""p -c \"echo 'x y'\"""#, "[-c][echo 'x y']", r#"[-c]["echo][x y"]"#),
    (r#""p -c \\\"echo 'x y'\\\"""#, r#"[-c]["echo][x y"]"#, r#"[-c][\"echo][x y\"]"#),
    (r#""p ~ * ?""#, "[~][*][?]", "[~][*][?]"),
    (r#""p a" 'root' "root""#, "[a]", "[a]"),
    (r#""  p   a  ""#, "[a]", "[a]"),
];

/// Each line as `startup_script` of 2.2.7, which was given a program that prints its arguments.
/// 2.2.7 decodes escapes in both passes, newer ones and ours in the second one only: what is seen
/// there is what two of our second passes give.
#[test]
fn arguments_are_those_of_the_original() {
    for (line, seen, expected) in ROWS {
        assert_eq!(arguments(line, split_command), seen, "twice: {line}");
        assert_eq!(arguments(line, split_quoted), expected, "{line}");
    }
}

/// 2.2.7 takes any number of digits behind `\\x`, keeps the last eight bits, and ends an argument
/// at a NUL. These are rules of 2.4, and refusals.
#[test]
fn escapes_are_as_long_as_they_are_since_2_4() {
    let rows: [(&str, &str); 22] = [
        (r#""p \x414""#, "[A4]"),
        (r#""p a\x20b""#, "[a b]"),
        (r#""p 'a\x27b c'""#, "[a'b c]"),
        (r#""p a\x22b c""#, r#"[a"b][c]"#),
        (r#""p \xc3\xa9""#, "[<c3><a9>]"),
        (r#""p \1019""#, "[A9]"),
        (r#""p \78""#, "[<07>8]"),
        (r#""p \8""#, "[8]"),
        (r#""p \x4""#, "[<04>]"),
        (r#""p \x""#, "[x]"),
        (r#""p \xg""#, "[xg]"),
        (r#""p \cA\ca\c[""#, "[<01><01><1b>]"),
        (r#""p \c""#, "[c]"),
        (r#""p a\\tb""#, r"[a\tb]"),
        (r"p\ q", ""),
        (r"p\tq", ""),
        (r#""p \1011""#, "[A1]"),
        (r#""p \0x""#, "NUL"),
        (r#""p x\400""#, "NUL"),
        (r#""p \c@""#, "NUL"),
        (r#""p \777""#, "no text"),
        (r#""p \xc3""#, "no text"),
    ];
    for (line, expected) in rows {
        assert_eq!(arguments(line, split_quoted), expected, "{line}");
    }
}

/// A word of a command, written in one of the ways there are.
fn written(word: &str, way: u8) -> String {
    let escape_if = |special: fn(char) -> bool| -> String {
        let plain = |c| if special(c) { format!("\\{c}") } else { String::from(c) };
        word.chars().map(plain).collect()
    };
    match way {
        0 => format!("'{}'", escape_if(|c| matches!(c, '\'' | '"' | '\\'))),
        1 => word.bytes().map(|byte| format!("\\x{byte:02x}")).collect::<String>() + "''",
        2 => word.bytes().map(|byte| format!("\\{byte:03o}")).collect::<String>() + "''",
        _ => {
            let escaped = escape_if(|c| matches!(c, '\'' | '"' | '\\') || c.is_whitespace());
            // A newline or tab behind a backslash stands for itself, too.
            escaped + "''"
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_split_or_refused(text in "[ -~\\\\\"'\\t\\n\u{0}é]{0,40}") {
        let _ = split_quoted(&text);
        let _ = split_command(&text);
    }

    #[test]
    fn words_that_are_written_are_read_again(
        words in prop::collection::vec(("[ -~\\t\\né€]{0,12}", 0..4_u8), 1..6),
    ) {
        let inner: Vec<String> =
            words.iter().map(|(word, way)| written(word, *way)).collect();
        let line = format!("script \"{}\" root", inner.join(" "));
        let outer = split_quoted(&line).unwrap();
        prop_assert_eq!(outer.len(), 3);
        let argv = split_command(&outer[1]).unwrap();
        let expected: Vec<&str> = words.iter().map(|(word, _)| word.as_str()).collect();
        prop_assert_eq!(argv, expected);
    }
}
