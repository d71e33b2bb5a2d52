//! The differences between ours and keepalived 2.2.7 that are known, each with its reason.
//!
//! A class covers single differences; it should cover as little as it can. What 2.4 is known to
//! do as ours does says so.

mod routing;
mod scripts;

use super::case::Case;
use crate::verdict::{Difference, Verdict};

/// A kind of difference.
pub(super) struct Class {
    pub(super) why: &'static str,
    pub(super) covers: fn(&Case<'_>, Difference) -> bool,
}

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Class> {
    scripts::CLASSES.iter().chain(routing::CLASSES).chain(CLASSES)
}

static CLASSES: &[Class] = &[
    Class {
        why: "after a brace too many or too few the processes of 2.2.7 are in different blocks",
        covers: |case, found| match found {
            Difference::Status { original: 2, .. } => {
                case.original.stops_at.is_some_and(|stop| case.is_divided(stop))
            }
            Difference::Status { ours: 2, .. } => {
                case.ours.stops_at.is_some_and(|stop| case.is_read_by_none(stop))
            }
            Difference::Status { .. } => false,
            Difference::OnlyOurs(line) => case.is_read_by_none(line),
            Difference::OnlyOriginal(line) => {
                let no_account = case.only_original_says(found, "Unable to set default user");
                case.is_divided(line) || (no_account && case.reads_none(&["script_user"]))
            }
        },
    },
    Class {
        why: "2.2.7 stops at a missing parameter in a part that it reads before this one",
        covers: |case, found| match found {
            Difference::OnlyOurs(line) => case.comes_after_the_stop(line),
            Difference::Status { .. } | Difference::OnlyOriginal(_) => false,
        },
    },
    Class {
        why: "since 2.4: a unicast peer that is given twice is said",
        covers: |case, found| case.only_ours_says(found, "duplicate unicast peer"),
    },
    Class {
        why: "since 2.4: unicast peers are refused in strict mode",
        covers: |case, found| {
            let words = "Unicast peers are not supported in strict mode";
            matches!(found, Difference::Status { ours: 5, original: 0 })
                && case.one_says_of_the_whole(words)
                && case.ours.unplaced.iter().all(|said| said.contains(words))
                && case.explains_all_lines(case.ours)
        },
    },
    Class {
        why: "what is wrong with a block that nothing closes has a line",
        covers: |case, found| match found {
            Difference::OnlyOurs(line) => {
                case.ours.complaints[&line].is_subset(&case.original.unplaced)
            }
            Difference::Status { .. } | Difference::OnlyOriginal(_) => false,
        },
    },
    Class {
        why: "a netmask is four numbers: 2.2.7 takes 24 for 0.0.0.24",
        covers: |case, found| case.only_ours_says(found, "persistence_granularity"),
    },
    Class {
        why: "there is no firewall mark 0: 2.2.7 makes a service of chance bytes of it",
        covers: |case, found| match found {
            // Whose scripts are run by 2.2.7 only.
            Difference::Status { ours: 5, original: 6 } => {
                let of_it = |line| case.root(line).starts_with("virtual_server fwmark 0");
                case.one_says_of_the_whole("check scripts") && case.runs_scripts_only_where(of_it)
            }
            Difference::Status { .. } => false,
            Difference::OnlyOurs(line) | Difference::OnlyOriginal(line) => {
                case.root(line).starts_with("virtual_server fwmark 0")
                    || (case.root(line).starts_with("virtual_server_group")
                        && matches!(case.line(line).trim(), "fwmark 0" | "fwmark \"\"" | "}"))
            }
        },
    },
    Class {
        why: "2.2.7 takes the `}` of a second `group` for that of the block around it",
        covers: |case, found| match found {
            Difference::OnlyOriginal(line) => case.is_after_a_second_group(line),
            Difference::Status { original: 2, .. } => {
                case.original.stops_at.is_some_and(|stop| case.is_after_a_second_group(stop))
            }
            Difference::Status { .. } | Difference::OnlyOurs(_) => false,
        },
    },
    Class {
        why: "vrrp_rx_bufs_policy counts each of its words: 2.2.7 nothing after a mistake",
        covers: |case, found| {
            case.only_ours_says(found, "Cannot set vrrp_rx_bufs_policy size and policy")
                || case.only_ours_says(found, "Invalid vrrp_rx_bufs_policy")
        },
    },
    Class {
        why: "a name that no interface can have is refused",
        covers: |case, found| case.only_ours_says(found, "Invalid default_interface"),
    },
    Class {
        why: "each bad interface of a garp_group is named; 2.2.7 names one at the `}`, or stops",
        covers: |case, found| {
            let wrong = [
                "garp_group already specified for",
                "specified for garp_group doesn't exist",
                "Cannot specify garp_delay on a vmac",
            ];
            let is_wrong = |said: &str| wrong.iter().any(|words| said.contains(words));
            let at_end = |end| {
                let said = case.original.about(end);
                case.ends.contains(&end)
                    && (is_wrong(&said) || said.contains("is missing a parameter"))
            };
            match found {
                Difference::Status { original: 2, .. } => case
                    .original
                    .stops_at
                    .is_some_and(|end| at_end(end) && case.explained.contains(&end)),
                Difference::Status { .. } => false,
                Difference::OnlyOurs(line) => {
                    case.ours.complaints[&line].iter().all(|said| is_wrong(said))
                        && at_end(case.list_end(line))
                }
                Difference::OnlyOriginal(end) => {
                    let named = case.ours.complaints.keys().rfind(|line| **line < end);
                    at_end(end)
                        && named.is_some_and(|line| {
                            case.list_end(*line) == end && is_wrong(&case.ours.about(*line))
                        })
                }
            }
        },
    },
    Class {
        why: "a table of nftables has a name",
        covers: |case, found| {
            case.only_ours_says(found, "nftables table name must have 1 to 254 bytes")
        },
    },
    Class {
        why: "ours judges addresses of a check when all of them are known",
        covers: |case, found| match found {
            Difference::OnlyOriginal(line) => {
                let keyword = case.line(line).split_whitespace().next();
                matches!(keyword, Some("connect_ip" | "bindto"))
                    && case.only_original_says(found, "does not match address family")
            }
            Difference::Status { .. } | Difference::OnlyOurs(_) => false,
        },
    },
    Class {
        why: "ours judges the family of a server by the method, and the group, that it has in the end",
        covers: |case, found| match found {
            // Whose scripts are run by ours only.
            Difference::Status { ours: 6, original: 5 } => {
                let words = "Address family of virtual server";
                let left_out = |line: usize| {
                    let mut below = case.below(line, "real_server");
                    below.any(|(at, _)| case.original.about(at).contains(words))
                };
                case.one_says_of_the_whole("check scripts")
                    && case.runs_scripts_only_where(left_out)
            }
            Difference::OnlyOriginal(line) => {
                let is_method = |line: &str| {
                    let keyword = line.split_whitespace().next();
                    matches!(keyword, Some("lvs_method" | "lb_kind"))
                };
                let mut above = case.lines.iter().take(line);
                let head = above.rfind(|line| line.starts_with("virtual_server "));
                case.only_original_says(found, "Address family of virtual server")
                    && (head.is_some_and(|head| head.starts_with("virtual_server group"))
                        || case.below(line, "virtual_server").any(|(_, below)| is_method(below)))
            }
            Difference::Status { .. } | Difference::OnlyOurs(_) => false,
        },
    },
    Class {
        why: "ours does not look at the checks of a server that is left out",
        covers: |case, found| match found {
            Difference::OnlyOriginal(line) => {
                let of_checks = ["requires a bind_if", "for misc script", "keepalived_script for"];
                case.is_left_out(line) && case.only_original_says_of(found, &of_checks)
            }
            Difference::Status { ours: 5, original: 6 } => {
                case.one_says_of_the_whole("check scripts")
                    && case.runs_scripts_only_where(|line| case.is_left_out(line))
            }
            Difference::Status { .. } | Difference::OnlyOurs(_) => false,
        },
    },
    Class {
        why: "servers are told apart by the ports that they have in the end",
        covers: |case, found| {
            matches!(found, Difference::Status { ours: 5, original: 0 })
                && case.one_says_of_the_whole("is duplicated")
        },
    },
    Class {
        why: "2.2.7 takes the byte ff of a payload for a mistake",
        covers: |case, found| match found {
            Difference::OnlyOriginal(line) => {
                case.only_original_says(found, "Invalid hex string for UDP_CHECK")
                    && case.line(line).to_lowercase().contains("ff")
            }
            Difference::Status { .. } | Difference::OnlyOurs(_) => false,
        },
    },
    Class {
        why: "2.2.7 does not read a list of lines that nothing closes",
        covers: |case, found| match (found, case.ours.stops_at, case.original.stops_at) {
            (Difference::Status { ours: 2, .. }, Some(line), None) => {
                case.ends.range(line..).next().is_none()
            }
            (
                Difference::Status { .. } | Difference::OnlyOurs(_) | Difference::OnlyOriginal(_),
                ..,
            ) => false,
        },
    },
    Class {
        why: "since 2.4 a unicast instance needs no interface",
        covers: |case, found| match found {
            Difference::Status { .. } => case.original.unplaced.iter().any(|said| {
                said.ends_with("Unknown interface!") && !case.ours.unplaced.contains(said)
            }),
            Difference::OnlyOurs(_) | Difference::OnlyOriginal(_) => false,
        },
    },
    Class {
        why: "2.2.7 says nothing of more words after the address, nor of two booleans that are none",
        covers: |case, found| {
            case.only_ours_says(found, "emailfrom - ignoring extra entries")
                || case.only_ours_says(found, "for global vrrp_strict specified")
                || case.only_ours_says(found, "for global vrrp_skip_check_adv_addr specified")
        },
    },
    Class {
        why: "2.2.7 does not look whether reload_file is a directory",
        covers: |case, found| case.only_ours_says(found, "is a directory"),
    },
    Class {
        why: "the name of a mail server is not looked up by the reader",
        covers: |case, found| case.only_original_says(found, "Invalid smtp server"),
    },
    Class {
        why: "the namespace has no VRF",
        covers: |case, found| case.only_original_says(found, "is not a VRF"),
    },
    Class {
        why: "an interface that a later line replaces need not exist",
        covers: |case, found| match found {
            Difference::Status { .. } => case.original.unplaced.iter().any(|said| {
                said.starts_with("Non-existent interface") && !case.ours.unplaced.contains(said)
            }),
            Difference::OnlyOurs(_) => false,
            Difference::OnlyOriginal(line) => {
                let mut below = case.of_the_same_root(line);
                case.only_original_says(found, "for vrrp_instance")
                    && below.any(|line| case.line(line).trim_start().starts_with("interface"))
            }
        },
    },
    Class {
        why: "the first label of a name may be one letter: 2.2.7 calls it empty",
        covers: |case, found| {
            let short = |line| {
                let name = case.line(line).split_whitespace().nth(1).unwrap_or_default();
                name.find('.') == Some(1)
            };
            match found {
                Difference::OnlyOriginal(line) => {
                    short(line) && case.only_original_says(found, "has empty label - ignoring")
                }
                // Which is then not the first name of the check.
                Difference::OnlyOurs(line) => {
                    case.only_ours_says(found, "DNS_CHECK name already specified")
                        && (1..line).any(|above| {
                            short(above) && case.original.about(above).contains("has empty label")
                        })
                }
                Difference::Status { .. } => false,
            }
        },
    },
    Class {
        why: "a pause that is no number is none",
        covers: |case, found| match found {
            Difference::OnlyOurs(end) => {
                let above = |from: usize| {
                    (from..end).any(|line| case.original.about(line).contains("invalid number"))
                };
                case.only_ours_says(found, "does not have any delay set - removing")
                    && case
                        .lines_of(&["garp_group"])
                        .take_while(|head| *head < end)
                        .last()
                        .is_some_and(above)
            }
            Difference::Status { .. } | Difference::OnlyOriginal(_) => false,
        },
    },
    Class {
        why: "an address with a length that it cannot have is no name of an interface",
        covers: |case, found| case.only_ours_says(found, "ipvlan invalid IP address"),
    },
    Class {
        why: "a vrf that is cleared need not exist",
        covers: |case, found| {
            let cleared = "vrf can only be specified without interface - clearing";
            case.only_original_says(found, "WARNING - VRF interface")
                && case.ours.unplaced.iter().any(|said| said.contains(cleared))
        },
    },
    Class {
        why: "a vrf beside an interface that is missing: 2.2.7 has none then",
        covers: |case, found| match found {
            Difference::OnlyOurs(line) => {
                let interface = case.lines_of(&["interface"]).take_while(|at| *at < line).last();
                case.only_ours_says(found, "Cannot specify VRF interface and interface")
                    && interface.is_some_and(|at| case.original.about(at).contains("doesn't exist"))
            }
            Difference::Status { .. } | Difference::OnlyOriginal(_) => false,
        },
    },
    Class {
        why: "the family of an instance is that of its first address, be its link there or not",
        covers: |case, found| {
            let missing = "Non-existent interface specified in configuration";
            case.only_ours_says(found, "address family must match VRRP instance")
                && case.original.unplaced.iter().any(|said| said.contains(missing))
        },
    },
    Class {
        why: "the status that nothing but explained lines leads to",
        covers: |case, found| {
            // What leads to status 4 alone; 2.2.7 does not look at the words behind it.
            let is_unknown = |said: &String| said.starts_with("unknown interface");
            let explained_beside = |verdict: &Verdict| {
                let mut lines = verdict.complaints.iter();
                let mut said = verdict.complaints.values().flatten();
                verdict.unplaced.is_empty()
                    && said.any(|said| !is_unknown(said))
                    && lines.all(|(line, said)| {
                        case.explained.contains(line) || said.iter().any(is_unknown)
                    })
            };
            match found {
                Difference::Status { ours: 5, original: 0 } => {
                    case.explains_all_lines(case.ours) && case.ours.unplaced.is_empty()
                }
                Difference::Status { ours: 5, original: 4 } => explained_beside(case.ours),
                Difference::Status { ours: 4, original: 5 } => explained_beside(case.original),
                Difference::Status { ours: 0, original: 5 } => {
                    case.explains_all_lines(case.original)
                }
                Difference::Status { .. }
                | Difference::OnlyOurs(_)
                | Difference::OnlyOriginal(_) => false,
            }
        },
    },
];
