//! The advice beside a finding: what was meant, what to write instead.

use crate::environment;

/// A line of a `vrrp_instance`, and a part of what is logged about it; nothing must be said when
/// that is empty.
type Row = (&'static str, &'static str);

fn said(line: &str) -> String {
    let text = format!(
        "global_defs {{\nscript_user root\nenable_script_security\n}}\nvrrp_instance V {{\n\
         interface eth0\nvirtual_router_id 5\nvirtual_ipaddress {{ 192.0.2.1 }}\n{line}\n}}\n"
    );
    let report = conf::load_text("t", text.as_bytes(), &environment()).report;
    report.log_lines().collect::<Vec<_>>().join("\n")
}

fn check(rows: &[Row]) {
    for (line, expected) in rows {
        let said = said(line);
        let right = if expected.is_empty() { said.is_empty() } else { said.contains(expected) };
        assert!(right, "{line}: {said}");
    }
}

#[test]
fn shell_text_gets_the_advice_to_use_a_shell() {
    const NO_SHELL: &str = "is an argument of /bin/true here, since no shell is used";
    check(&[
        (
            "notify_master \"/bin/true a && /bin/b\"",
            "(write \"/bin/sh -c '/bin/true a && /bin/b'\")",
        ),
        (
            "notify_master \"/bin/true 'a b' | /bin/b\"",
            "(write \"/bin/sh -c '/bin/true '\\''a b'\\'' | /bin/b'\")",
        ),
        ("notify_master \"/bin/true a > /dev/null\"", "`>` is an argument"),
        ("notify_master \"/bin/true >/dev/null 2>&1\"", "`>/dev/null` is an argument"),
        ("notify_master \"/bin/true 2>/dev/null\"", NO_SHELL),
        ("notify_master \"/bin/true a||b\"", NO_SHELL),
        ("notify_master \"/bin/true a; /bin/b\"", NO_SHELL),
        ("notify_master \"/bin/true &\"", NO_SHELL),
        ("notify_master \"/bin/true $(date)\"", NO_SHELL),
        ("notify_master \"/bin/true `date`\"", NO_SHELL),
        ("notify_master \"/bin/sh -c 'a && b > c'\"", ""),
        ("notify_master \"/bin/bash -c a&&b\"", ""),
        ("notify_master \"/bin/true 'a && b'\"", ""),
        ("notify_master \"/bin/true http://x/?a=1&b=2 a|b x=;y 3\"", ""),
    ]);
}

#[test]
fn broken_scripts_are_explained() {
    check(&[
        ("notify_master '/bin/true {'", "missing terminating ' (only \"…\" keeps `#`, `!`, `{`"),
        ("notify_master '/bin/true a#b'", "missing terminating ' (only \"…\" keeps"),
        ("notify_master \"/bin/true\\\\", "Unterminated quote"),
        ("notify_master \"\" root", "Unable to parse script '' - ignoring"),
        ("notify_master \"/bin/true x\\0y\"", "an argument cannot hold a NUL character"),
        ("notify_master \"/bin/true \\xff\"", "an argument is no text (UTF-8)"),
        ("notify_master", "is missing a parameter after keyword `notify_master`"),
    ]);
}

#[test]
fn misspelt_and_misplaced_keywords_are_sent_home() {
    check(&[
        ("preemtp_delay 5", "Unknown keyword 'preemtp_delay' (did you mean `preempt_delay`?)"),
        ("Priority 5", "(did you mean `priority`?)"),
        ("router_id x", "(`router_id` belongs into `global_defs`)"),
        ("xyzzy 5", "Unknown keyword 'xyzzy'"),
    ]);
}

#[test]
fn a_long_password_is_said_to_be_cut_and_never_shown() {
    let said = said("authentication {\nauth_type PASS\nauth_pass longer-than-eight\n}");
    assert!(said.contains("Truncating auth_pass to 8 characters"), "{said}");
    assert!(!said.contains("longer-than-eight"), "{said}");
}
