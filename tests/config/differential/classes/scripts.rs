//! What is known to differ of scripts, and of the accounts that they run as.

use super::Class;
use crate::differential::case::Case;
use crate::verdict::Difference;

/// What the VRRP part runs.
const VRRP: [&str; 10] = [
    "script",
    "notify",
    "notify_master",
    "notify_backup",
    "notify_fault",
    "notify_stop",
    "notify_deleted",
    "notify_master_rx_lower_pri",
    "notify_fifo_script",
    "vrrp_notify_fifo_script",
];

/// What the checkers run.
const CHECKS: [&str; 6] =
    ["misc_path", "notify_up", "notify_down", "quorum_up", "quorum_down", "lvs_notify_fifo_script"];

/// A `script` whose last character opens a quote.
fn opens_quote_at_end(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("script ") && line.ends_with('"') && line.matches('"').count() % 2 == 1
}

pub(super) static CLASSES: &[Class] = &[
    Class {
        why: "the account is that of the last script line of a vrrp_script, as for its command",
        covers: |case, found| {
            case.only_original_says(found, "Unable to set default user ")
                && case.has_script_with_account(found)
        },
    },
    Class {
        why: "after a brace too many or too few no process of 2.2.7 reads what runs scripts",
        covers: |case, found| {
            const START: [&str; 2] = ["startup_script", "shutdown_script"];
            // Each part has scripts of its own, and runs none without anything to tell of.
            let unread = |said: &str, scripts: &[&str], told: &str| {
                case.one_says_of_the_whole(said)
                    && (case.reads_none(scripts) || case.reads_none(&[told]))
            };
            matches!(found, Difference::Status { ours: 6, original: 5 })
                && (unread("VIOLATION - start/shutdown scripts", &START, "global_defs")
                    || unread("VIOLATION - check scripts", &CHECKS, "virtual_server")
                    || unread("VIOLATION - scripts", &VRRP, "vrrp_instance"))
        },
    },
    Class {
        why: "2.2.7 does not look for scripts when no vrrp_instance is there",
        covers: |case, found| {
            matches!(found, Difference::Status { ours: 5, original: 0 })
                && case.one_says_of_the_whole("Disabling track script")
                && !case.lines.iter().any(|line| line.starts_with("vrrp_instance"))
        },
    },
    Class {
        why: "a script that has no account is given already",
        covers: |case, found| {
            case.only_ours_says(found, "script already specified")
                && Case::is_said(case.ours, "Unable to set")
        },
    },
    Class {
        why: "that there is no default account is said once, of another line",
        covers: |case, found| {
            let words = "Unable to set default user keepalived_script for script";
            (case.only_ours_says(found, words)
                && Case::is_said(case.original, "Unable to set default"))
                || (case.only_original_says(found, words) && Case::is_said(case.ours, words))
        },
    },
    Class {
        why: "2.2.7 keeps refusing script_user once it has refused it",
        covers: |case, found| {
            let refused = "Error setting global script uid/gid";
            let said = case.original.complaints.values().flatten().any(|said| said == refused);
            match found {
                Difference::Status { .. } => said && case.one_says_of_the_whole("SECURITY"),
                Difference::OnlyOurs(_) => false,
                Difference::OnlyOriginal(_) => {
                    case.only_original_says(found, refused)
                        || (said && case.only_original_says(found, "Unable to set default user"))
                }
            }
        },
    },
    Class {
        why: "2.2.7 takes a range of users whose end comes first",
        covers: |case, found| case.only_ours_says(found, "Invalid uidrange"),
    },
    Class {
        why: "ours applies enable_script_security and script_user to scripts above it too",
        covers: |case, found| match found {
            Difference::Status { .. } => {
                let secure = case.lines_of(&["enable_script_security"]).last();
                let first = case.lines_of(&[&VRRP[..], &CHECKS].concat()).next();
                case.one_says_of_the_whole("SECURITY VIOLATION") && first < secure
            }
            Difference::OnlyOurs(_) | Difference::OnlyOriginal(_) => {
                case.only_ours_says(found, "Unable to set default user")
            }
        },
    },
    Class {
        why: "since 2.3.2: a script may be run, and wait, for parts of a second",
        covers: |case, found| match found {
            Difference::OnlyOriginal(line) => {
                let mut words = case.line(line).split_whitespace();
                matches!(words.next(), Some("interval" | "timeout"))
                    && words.next().is_some_and(|word| word.contains('.'))
                    && case.only_original_says(found, "vrrp script ")
            }
            Difference::Status { .. } | Difference::OnlyOurs(_) => false,
        },
    },
    Class {
        why: "an empty word is no command, and no name: 2.2.7 takes it",
        covers: |case, found| match found {
            Difference::OnlyOurs(line) => {
                let refused = [
                    "Unable to parse script '' - ignoring",
                    "Interface name  is invalid",
                    "interface name '' invalid",
                    "persistence_engine  is invalid",
                    "reload_time_file invalid",
                ];
                case.line(line).trim_end().ends_with("\"\"")
                    && refused.iter().any(|words| case.only_ours_says(found, words))
            }
            Difference::Status { .. } | Difference::OnlyOriginal(_) => false,
        },
    },
    Class {
        why: "the account of a check's command is that of its last misc_path; 2.2.7 keeps that none was found",
        covers: |case, found| match found {
            Difference::OnlyOriginal(end) => {
                case.only_original_says(found, "Unable to set default user for misc script")
                    && case.lines_of(&["misc_path"]).filter(|at| case.list_end(*at) == end).count()
                        > 1
            }
            Difference::Status { .. } | Difference::OnlyOurs(_) => false,
        },
    },
    Class {
        why: "since 2.3.2: a quote that the last character opens is not closed",
        covers: |case, found| match found {
            Difference::OnlyOurs(end) => {
                let mut above = case.lines.iter().take(end);
                let script = above.rfind(|line| line.trim().starts_with("script "));
                case.only_ours_says(found, "No script set for vrrp_script")
                    && script.is_some_and(|line| opens_quote_at_end(line))
            }
            // Which 2.2.7 runs.
            Difference::Status { ours: 5, original: 6 } => {
                let unset =
                    |end: &usize| case.ours.about(*end).contains("No script set for vrrp_script");
                case.one_says_of_the_whole("VIOLATION - scripts")
                    && case.explained.iter().any(unset)
            }
            Difference::Status { .. } | Difference::OnlyOriginal(_) => false,
        },
    },
    Class {
        why: "a server that is refused has no scripts yet: 2.2.7 takes each for a second one",
        covers: |case, found| case.only_original_says(found, "((null)) notify_"),
    },
    Class {
        why: "2.2.7 stops at a command that is glued to the keyword of a pipe's reader",
        covers: |case, found| {
            let glued = |line| case.line(line).contains("fifo_script\"");
            match found {
                Difference::OnlyOriginal(line) => {
                    glued(line) && case.only_original_says(found, "is missing a parameter")
                }
                Difference::Status { original: 2, .. } => case.original.stops_at.is_some_and(glued),
                Difference::Status { .. } | Difference::OnlyOurs(_) => false,
            }
        },
    },
];
