//! The steps together, as they are seen from outside: lines in, statements out.
//!
//! What the original made of each line was seen by running it (2.2.7), unless a row says
//! otherwise.

use std::time::Instant;

use proptest::prelude::*;

use crate::{Environment, load_text};

/// The words that a text brings to the keywords: none of them is one.
fn unknown(text: &str) -> String {
    let found = messages(text);
    let words = found.iter().filter_map(|message| message.strip_prefix("Unknown keyword '"));
    words.map(|word| word.trim_end_matches('\'')).collect::<Vec<_>>().join(" ")
}

fn messages(text: &str) -> Vec<String> {
    let report = load_text("t", text.as_bytes(), &environment()).report;
    report.diagnostics().iter().map(|found| found.message.clone()).collect()
}

fn environment() -> Environment {
    Environment {
        host_name: "lb1.example.com".to_owned(),
        variables: [("COLOUR".to_owned(), "blue".to_owned())].into(),
        generated_limit: Some(1 << 20),
        ..Environment::default()
    }
}

#[test]
fn conditions_choose_lines_and_pieces() {
    let rows = [
        ("@lb1 zz1\n@lb2 zz2\n@^lb1 zz3\n@^lb2 zz4\n @lb1\tzz5", "zz1 zz4 zz5"),
        ("@ zz1\n@^ zz2\n@lb1\n@LB1 zz3\n@!x y", "zz2"),
        ("@lb1 @lb1 zz8", "@lb1"),
        ("global_defs { @lb1 zz1 }\nzz2", "zz1 zz2"),
        ("global_defs { @lb1 $A=zz1\n$A }", "zz1"),
        ("@lb1 ~SEQ(i,2) zz$i", "zz1 zz2"),
    ];
    for (text, expected) in rows {
        assert_eq!(unknown(text), expected, "{text}");
    }
    // The rest of the line goes, its closing braces too.
    let dropped = messages("global_defs { @lb2 zz2 } zz3\n");
    assert_eq!(dropped, ["There are 1 missing '}'s or extra '{'s"]);
    let chosen = Environment { config_id: Some("a.b".to_owned()), ..environment() };
    let report = load_text("t", b"@a.b zz1\n@a zz2\n@lb1 zz3", &chosen).report;
    assert_eq!(report.diagnostics().len(), 1);
}

#[test]
fn definitions_are_looked_up_late() {
    let rows = [
        ("$A=zz1\n$B=${A}4\n$A=zz5\n${B}", "zz54"),
        ("$A=x\nzz$A,$A)$A.$A", "zzx,x)$A.x"),
        ("$A=x\n\"zz$A\" \n\"zy${A}\"\nzx\\$A", "zz$A zyx zx\\x"),
        ("$E=\nzz $E\n$E\nzz5$E", "zz zz5"),
        ("$A=  zz1  \n$A", "zz1"),
        ("$B = x\n$1=2\n$A-B=3\n$=2", "$B $1=2 $A-B=3 $=2"),
        ("$A=${B\n$B=qq\nzz${A}}", "zzqq"),
        ("$A=$B\n$B=qq\n$BC=rr\nzz${A}C", "zzrr"),
        ("global_defs { $R=foo\nzz_$R\n}", "zz_foo"),
        ("a } $A=x\nzz$A", "a } zzx"),
        ("$_PWD=xx\nzz$_PWD", "zzxx"),
        ("$A=x\n$B=\nzz$A$B", "zzx"),
        ("$A=x\n~$A", "~$A"),
        ("$A=x\nzz$A${_HASH}d\nzy${_HASH}d \\", "zzx zy\\"),
        ("a { ~${_HASH} x", "a ~"),
        ("$A=x y\nzz${A 1}", "zz$ A }"),
        // Names that are put together.
        ("$A=1\n$X${A}=${Y}\n$Y=7\nzz${X1}", "zz7"),
        ("$A=X\n$${A}=5\nzz${X}", "zz5"),
        ("$A=$B=5\n$A\nzz${B}", "zz5"),
        ("~LST({a,b}, {1,10},{2,20}) $X${a}=${b}\nzz${X1} ${X2}", "zz10"),
        ("$A=1\nglobal_defs {\n$X${A}=5 }\nzz${X1}\nzy", "zz5 zy"),
    ];
    for (text, expected) in rows {
        assert_eq!(unknown(text), expected, "{text}");
    }
}

#[test]
fn prefixes_may_come_from_values() {
    let rows = [
        // The manual's use, which the original has lost.
        ("$C=@lb1\n$C zz1\n$D=@lb2\n$D zz2\n@lb1 $C zz3", "zz1 zz3"),
        ("$S=~SEQ(i,2)\n$S zz${i}", "zz1 zz2"),
        ("$S=~SEQ(i,2) zz$i\n$S", "zz1 zz2"),
        ("$S=~x\nyy $S zz\n$i=1\n${S}$i", "yy ~x$i"),
        ("$D=$A=1\n$D\nzz$A", "zz1"),
    ];
    for (text, expected) in rows {
        assert_eq!(unknown(text), expected, "{text}");
    }
}

#[test]
fn values_of_several_lines_are_replayed() {
    let rows = [
        ("$M=zz1 \\\n\\\nzz2 \\\n\nzz3\n$M", "zz3 zz1 zz2"),
        ("$M=\\\nzz1 \\\nzz2\nyy$M\n${M}\nxx $M x\nxx${M}", "yyzz1 zz2 zz1 zz2 xx xxzz1 zz2"),
        ("$M=zz1${i}\\\nzz2${i}\n~SEQ(i,2) k${i} $M", "k1 zz21 k2 zz22"),
        ("$M=a\\\n@lb2 b\\\n@lb1 c\\\n~SEQ(i,2) d${i}\\\ne\n$M", "a c d1 d2 e"),
        ("$N=in\\\nout\n$M=a\\\n$N\\\nb\n$M\nend", "a in out b end"),
        ("$N=in\\\nout\n$M=a\\\nb $N\n$M\nend", "a b out end"),
        ("$D=\\\n$A=1 \\\n$B=2\n$D\nzz$A zz\nzz$B", "zz1 zz2"),
        ("$A= \\\nzz1\n$A", "zz1"),
        ("$A=zz1 # c \\\n# d \\\nzz2\n$A", "zz1 zz2"),
        ("@lb2 $M=a \\\nzzb \\\nzzc", "zzb\\ zzc"),
        ("$M=zz1\\\nzz2\nglobal_defs { $M\nzz3 }", "zz1 zz2 zz3"),
        ("$M=global_defs {\\\nzz2 }\n$M\nzz3", "zz2 zz3"),
        ("zz1 \\\nzz2", "zz1\\ zz2"),
    ];
    for (text, expected) in rows {
        assert_eq!(unknown(text), expected, "{text}");
    }
    assert_eq!(unknown("$A=x\n$B=${A}\\\nzz${A}\nzz$B"), "zzx zzx");
}

#[test]
fn predefined_names_have_values() {
    let rows = [
        ("zz$_INSTANCE\nzz$_INSTANCE.", "zzlb1 zz$_INSTANCE."),
        ("zz\"${_HASH}z\"\nzz${_BANG}y", "zz zz"),
        ("\"x${_HASH}y\"\n\"x${_BANG}\"", "x#y x!"),
        ("zz${_RANDOM 5 5}\nzz${_RANDOM 7 7}", "zz5 zz7"),
        ("zz${_RANDOM  5  5}", "zz5"),
        ("zz${_ENV COLOUR}\nzy${_ENV NO_SUCH_THING}", "zzblue zy"),
        ("${ _PWD}\n", "$ _PWD }"),
    ];
    for (text, expected) in rows {
        assert_eq!(unknown(text), expected, "{text}");
    }
    let complaint = |text: &str| messages(text).first().cloned().unwrap_or_default();
    let rows = [
        ("zz${_RANDOM a}", "Definition _RANDOM requires numeric parameters only."),
        (
            "zz${_RANDOM 1 2 3}",
            "Definition _RANDOM requires between 0 and 2 parameters, 3 specified.",
        ),
        ("zz${_ENV}", "Definition _ENV requires between 1 and 1 parameters, 0 specified."),
        ("zz${_PWD 1}", "Definition _PWD requires between 0 and 0 parameters, 1 specified."),
        ("zz${_RANDOM 5 4}", "${_RANDOM}: min 5 exceeds max 4, using 5"),
    ];
    for (text, expected) in rows {
        assert_eq!(complaint(text), expected, "{text}");
    }
}

#[test]
fn a_seed_makes_random_numbers_repeatable() {
    let drawn = |seed, text: &str| {
        let environment = Environment { seed, ..environment() };
        load_text("t", text.as_bytes(), &environment).config.globals.router_id
    };
    let free = "global_defs { router_id ${_RANDOM}\n}";
    assert_ne!(drawn(1, free), drawn(2, free));
    let seeded = "global_defs {\nrandom_seed 9\nrouter_id ${_RANDOM}\n}";
    assert_eq!(drawn(1, seeded), drawn(2, seeded));
}

#[test]
fn sequences_and_lists_repeat_lines() {
    let rows = [
        ("~SEQ(i,2) ~SEQ(j,2) zz${i}${j}", "zz11 zz12 zz21 zz22"),
        ("$N=2\n~SEQ(i,$N) zz$i\n~SEQ(i,${N}1,22) zy$i", "zz1 zz2 zy21 zy22"),
        ("~SEQ(i,2) zz$i # c\n~SEQ(i,2)\nzy$i", "zz1 zz2 zy2"),
        ("~SEQ(i,2) $A=x$i\nzz$A", "zzx2"),
        ("~SEQ(i,2) @lb$i zz$i\n~SEQ(i,2) @lb1 zy$i", "zy1 zy2"),
        ("~SEQx (i,9,11)zz$i", "zz9 zza zzb"),
        ("~SEQ(i,2) global_defs { zz${i} }\nzy", "zz1 zz2 zy"),
        ("~LST({A,B},{1,2},{3}) zz${A}_${B}", "zz1_2 zz3_"),
        ("$X=q\n~LST(A,$X) zz$A", "zzq"),
        ("~LST(A,a) ~LST(B,c,d) zz${A}${B}", "zzac zzad"),
        ("~seq(i,2) z\nx ~SEQ(i,2) y", "~seq(i,2) x"),
        // The original puts the old value of the variable there.
        ("~SEQ(i,2) zz$i\nglobal_defs { ~SEQ(i,2) yy${i}\n}", "zz1 zz2 yy1 yy2"),
    ];
    for (text, expected) in rows {
        assert_eq!(unknown(text), expected, "{text}");
    }
    assert_eq!(messages("~SEQ(i,1,0,3) x"), ["Invalid ~SEQ values '~SEQ(i,1,0,3)'"]);
    assert_eq!(messages("~SEQ"), ["Invalid ~SEQ specification '~SEQ'"]);
    assert_eq!(messages("~LST(A) x"), ["Invalid ~LST specification '~LST(A)'"]);
    assert_eq!(messages("~SEQ(i,3) zz"), ["Unknown keyword 'zz'"]);
}

#[test]
fn comments_and_quotes_are_looked_for_again() {
    let rows = [
        ("$S=x # y\nzz$S", "zzx"),
        ("$H=\"#\"\nzz $H zy", "zz"),
        ("zz\\#b", "zz#b"),
        ("$A=foo\nzz\\#b $A", "zz"),
        ("$H=\\#\n$H zz\nzy", "zy"),
    ];
    for (text, expected) in rows {
        assert_eq!(unknown(text), expected, "{text}");
    }
    let quotes = messages("$A=b\\\"\nzz ${A}x\nzy \"${A}");
    assert!(quotes.iter().any(|message| message.starts_with("Unterminated quote")), "{quotes:?}");
}

#[test]
fn what_never_ends_is_refused() {
    for text in ["$A=${A}x\nzz $A", "$A=$B\n$B=$A\nzz $A", "$M=a\\\n$M\n$M", "$A=$A\n$A"] {
        let found = messages(text);
        assert!(found.iter().any(|message| message.ends_with("refers to itself")), "{found:?}");
    }
    let doubling: String = (1..40).map(|n| format!("$A{n}=${{A{0}}}${{A{0}}}\n", n - 1)).collect();
    let started = Instant::now();
    for text in [
        format!("$A0=xxxxxxxx\n{doubling}$A39"),
        "~SEQ(i,1,9223372036854775807) zz".to_owned(),
        "~SEQ(i,1,9223372036854775807) ~SEQ(j,1,999999999) zz".to_owned(),
        "~SEQ(i,1,9223372036854775807)".to_owned(),
    ] {
        let report = load_text("t", text.as_bytes(), &environment()).report;
        let shown = report.log_lines().collect::<Vec<_>>();
        assert!(shown.iter().any(|line| line.contains("above 1048576 bytes")), "{shown:?}");
        assert_eq!((report.is_fatal(), report.test_exit_code()), (Some(2), 5));
    }
    assert!(started.elapsed().as_secs() < 60);
    let deep: String = (1..100).map(|n| format!("$A{n}=x${{A{}}}\n", n - 1)).collect();
    let found = messages(&format!("{deep}$A99"));
    assert!(found[0].contains("nested more than 64 deep"), "{found:?}");
}

#[test]
fn findings_name_the_reference_and_the_definition() {
    let text = "$IF=nope\n\nvrrp_instance V {\n interface $IF\n virtual_router_id 1\n \
                virtual_ipaddress { 192.0.2.1 }\n}\n$M=a\\\nbad\n$M\n~SEQ(i,200) z$i\n";
    let report = load_text("t", text.as_bytes(), &environment()).report;
    let lines: Vec<String> = report.log_lines().collect();
    let has = |part: &str| lines.iter().any(|line| line.contains(part));
    assert!(has("`$IF` is defined at t:1"), "{lines:?}");
    assert!(has("(t: Line 10) Unknown keyword 'bad' (`$M` is defined at t:9)"), "{lines:?}");
    assert!(has("(t: Line 11) Unknown keyword 'z100'") && !has("'z101'"), "{lines:?}");
    assert!(has("Further findings"), "{lines:?}");
    let shown = report.render(false);
    assert!(shown.contains(" --> t:4:12"), "{shown}");
}

/// Text that keeps the preprocessor busy.
fn busy() -> impl Strategy<Value = String> {
    let pieces = [
        "$A",
        "${A}",
        "$B",
        "${B}",
        "$A=",
        "$B=",
        "$A=$B\n",
        "$B=${A}x\n",
        "\\\n",
        "\n",
        "\n",
        " ",
        "~SEQ(A,3) ",
        "~SEQx(B,9,-1,7)",
        "~LST({A,B},{1,2},{3}) ",
        "~LST(A,a,$B)",
        "@lb1 ",
        "@^lb1 ",
        "${_RANDOM 1 9}",
        "${_ENV COLOUR}",
        "${_HASH}",
        "\"",
        "\\",
        "#",
        "!",
        "{",
        "}",
        "global_defs",
        "router_id x",
        "include f",
        "é",
        "~",
        "$",
        "${",
        "(",
        ")",
        ",",
        "1",
    ];
    let piece = prop::sample::select(pieces.to_vec()).prop_map(str::to_owned);
    prop::collection::vec(prop_oneof![8 => piece, 1 => "[ -~]{0,6}"], 0..60)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_prepared_to_its_end(text in busy()) {
        let environment = Environment { generated_limit: Some(20_000), ..environment() };
        let loaded = load_text("t", text.as_bytes(), &environment);
        loaded.report.log_lines().for_each(drop);
        assert!(!loaded.report.render(false).contains('\u{7}'));
    }

    #[test]
    fn a_line_that_does_not_concern_it_is_not_changed(
        lines in prop::collection::vec("[ -~&&[^@$~]]{0,30}[.{} ]", 0..20)
    ) {
        // A condition that holds sends the same lines through every step.
        let plain = lines.join("\n");
        let marked: Vec<String> =
            lines.iter().map(|line| format!("@lb1  {}", line.trim_start())).collect();
        let found = messages(&marked.join("\n"));
        let found: Vec<String> = found.iter().map(|line| line.replace("@lb1  ", "")).collect();
        prop_assert_eq!(messages(&plain), found);
    }

    #[test]
    fn a_sequence_is_the_lines_that_it_stands_for(first in -5..9_i64, last in -5..9_i64) {
        let mut numbers: Vec<i64> = (first.min(last)..=first.max(last)).collect();
        if last < first {
            numbers.reverse();
        }
        let written: String = numbers.iter().map(|number| format!("zz{number} x\n")).collect();
        prop_assert_eq!(
            messages(&format!("~SEQ(i,{first},{last}) zz${{i}} x\n")),
            messages(&written)
        );
    }
}
