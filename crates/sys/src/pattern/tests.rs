use super::*;

fn compiled(text: &str, options: &[&str]) -> Compiled {
    Compiled::new(text, options.iter().copied(), None).unwrap()
}

fn found_in(pattern: &Compiled, text: &[u8], size: usize, range: (u64, Option<u64>)) -> bool {
    let mut search = Search::new(pattern, range.0, range.1);
    text.chunks(size).for_each(|piece| search.feed(piece));
    search.finish()
}

/// The same in pieces of every size.
fn found(text: &str, options: &[&str], subject: &str) -> bool {
    let pattern = compiled(text, options);
    let whole = found_in(&pattern, subject.as_bytes(), usize::MAX, (0, None));
    for size in 1..12 {
        let cut = found_in(&pattern, subject.as_bytes(), size, (0, None));
        assert_eq!(cut, whole, "{text} in {subject} by {size}");
    }
    whole
}

#[test]
fn a_match_may_lie_across_pieces() {
    for (text, options, subject, expected) in [
        ("needle", &[][..], "hay needle hay", true),
        ("needle", &[], "hay needl", false),
        ("NEEDLE", &["caseless"], "hay needle", true),
        ("^hay", &[], "hay needle", true),
        ("^needle", &[], "hay\nneedle", false),
        (r"\Aneedle", &[], "hay\nneedle", false),
        ("^needle", &["multiline"], "hay\nneedle", true),
        ("needle$", &[], "hay needle", true),
        ("needle$", &[], "needle hay", false),
        (r"(?<=hay )needle", &[], "more hay needle", true),
        (r"(?<=hay )needle", &[], "more straw needle", false),
        (r"\bneedle\b", &[], "hay needles", false),
        (r"\bneedle\b", &[], "hay needle s", true),
        (r"(\w+) \1", &[], "one two two three", true),
        ("a.*z", &[], "a b c\nz", false),
        ("a.*z", &["dotall"], "a b c\nz", true),
        ("größe", &["utf", "caseless"], "die GRÖSSE, die Größe", true),
        ("^$", &[], "", true),
        ("x*", &[], "", true),
    ] {
        assert_eq!(found(text, options, subject), expected, "{text} in {subject}");
    }
}

#[test]
fn bytes_that_are_no_text_do_not_hide_what_is() {
    let pattern = compiled("größe", &["utf"]);
    let subject = [b"\xff\xfe\xc3", "größe".as_bytes(), b"\xf0\x9f"].concat();
    for size in [1, 2, 3, 5, 100] {
        assert!(found_in(&pattern, &subject, size, (0, None)));
    }
}

#[test]
fn offsets_say_where_a_match_begins() {
    let pattern = compiled("a", &[]);
    for (range, expected) in [
        ((0, None), true),
        ((3, None), true),
        ((4, None), true),
        ((5, None), false),
        ((100, None), false),
        ((0, Some(1)), false),
        ((0, Some(2)), true),
        ((3, Some(3)), false),
        ((3, Some(4)), true),
    ] {
        for size in [1, 2, 3, 100] {
            let result = found_in(&pattern, b"bbabab", size, range);
            assert_eq!(result, expected, "{range:?} by {size}");
        }
    }
}

#[test]
fn a_match_that_never_ends_costs_bounded_memory() {
    let pattern = compiled("a.*z", &["dotall"]);
    let mut search = Search::new(&pattern, 0, None);
    for _ in 0..100 {
        search.feed(&[b'a'; 4096]);
        assert!(search.window.len() <= WINDOW + 4096, "{}", search.window.len());
    }
    search.feed(b"a tail z");
    assert!(search.finish(), "one that begins later is found");
}

#[test]
fn a_pattern_that_is_none_is_explained() {
    let error = Compiled::new("a(b", [], None).unwrap_err();
    assert_eq!(error.to_string(), "missing closing parenthesis at offset 3");
}

#[test]
fn a_pattern_that_cannot_make_up_its_mind_is_given_up() {
    let pattern = Compiled::new("(a+)+$", [], Some((4096, 65_536))).unwrap();
    let subject = [&[b'a'; 5000][..], b"b"].concat();
    assert!(!found_in(&pattern, &subject, 4096, (0, None)));
}
