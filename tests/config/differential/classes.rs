//! The differences between ours and keepalived 2.2.7 that are known, each with its reason.
//!
//! A class covers single differences; it should cover as little as it can. What 2.4 is known to
//! do as ours does says so.

use std::collections::BTreeSet;

use super::pieces::pieces;
use super::processes::{PROCESSES, View};
use crate::verdict::{Difference, Verdict};

/// A file and what both say of it.
pub(super) struct Case<'c> {
    pub(super) text: &'c str,
    pub(super) ours: &'c Verdict,
    pub(super) original: &'c Verdict,
    lines: Vec<&'c str>,
    /// Where ours, which reads everything, and each process of the original are in each line.
    everything: View,
    views: [View; 4],
    /// The lines whose differences are explained.
    explained: BTreeSet<usize>,
}

impl<'c> Case<'c> {
    pub(super) fn new(text: &'c str, ours: &'c Verdict, original: &'c Verdict) -> Self {
        let pieces = pieces(text);
        Self {
            text,
            ours,
            original,
            lines: text.split('\n').collect(),
            everything: View::new(&pieces, None),
            views: PROCESSES.map(|process| View::new(&pieces, Some(process))),
            explained: BTreeSet::new(),
        }
    }

    /// What differs, each with the class that explains it; the status last, as the lines decide it.
    pub(super) fn explain(&mut self) -> Vec<(Difference, Option<&'static str>)> {
        let mut differences = self.ours.differences(self.original);
        differences.sort_by_key(|found| matches!(found, Difference::Status { .. }));
        let mut explained = Vec::new();
        for found in differences {
            let class = CLASSES.iter().find(|class| (class.covers)(self, found));
            if let (Difference::OnlyOurs(line) | Difference::OnlyOriginal(line), Some(_)) =
                (found, class)
            {
                self.explained.insert(line);
            }
            explained.push((found, class.map(|class| class.why)));
        }
        explained
    }

    pub(super) fn line(&self, number: usize) -> &str {
        self.lines.get(number - 1).copied().unwrap_or_default()
    }

    /// The head of the block at the top of the file that holds the line.
    fn root(&self, number: usize) -> &str {
        let (mut depth, mut root) = (0_usize, "");
        for line in self.lines.iter().take(number) {
            if depth == 0 {
                root = line;
            }
            depth = (depth + line.matches('{').count()).saturating_sub(line.matches('}').count());
        }
        root
    }

    /// Whether the one that complains says this of the line, and nothing else but what is wrong
    /// with a number.
    fn says(&self, found: Difference, words: &str) -> bool {
        let said = match found {
            Difference::Status { .. } => return false,
            Difference::OnlyOurs(line) => &self.ours.complaints[&line],
            Difference::OnlyOriginal(line) => &self.original.complaints[&line],
        };
        let about_number =
            |said: &str| said.starts_with("number '") || said.starts_with("invalid number '");
        said.iter().any(|said| said.contains(words))
            && said.iter().all(|said| said.contains(words) || about_number(said))
    }

    fn only_ours_says(&self, found: Difference, words: &str) -> bool {
        matches!(found, Difference::OnlyOurs(_)) && self.says(found, words)
    }

    fn only_original_says(&self, found: Difference, words: &str) -> bool {
        matches!(found, Difference::OnlyOriginal(_)) && self.says(found, words)
    }

    /// One of them says this of some line.
    fn is_said(verdict: &Verdict, words: &str) -> bool {
        let said = verdict.complaints.values().chain(verdict.notices.values()).flatten();
        said.into_iter().any(|said| said.contains(words))
    }

    /// The lines below this one, up to one that begins so.
    fn below<'s>(&'s self, line: usize, end: &'s str) -> impl Iterator<Item = (usize, &'c str)> {
        let below = (line + 1..).zip(self.lines.iter().skip(line).copied());
        below.take_while(move |(_, below)| !below.starts_with(end))
    }

    /// Ours leaves out the real server that the line is in.
    fn is_left_out(&self, line: usize) -> bool {
        let left_out = |at| self.ours.about(at).contains("skipping real server");
        self.below(line, "real_server").any(|(at, _)| left_out(at))
    }

    /// One of the two says this of the whole file, and the other does not.
    fn one_says_of_the_whole(&self, words: &str) -> bool {
        let says = |verdict: &Verdict| verdict.unplaced.iter().any(|text| text.contains(words));
        says(self.ours) != says(self.original)
    }

    /// The last `script` line above the `}` names a user.
    fn has_script_with_account(&self, found: Difference) -> bool {
        let Difference::OnlyOriginal(end) = found else { return false };
        let above = self.lines.iter().take(end).rfind(|line| line.starts_with("script "));
        above
            .is_some_and(|line| line.rsplit('"').next().is_some_and(|rest| !rest.trim().is_empty()))
    }

    /// The line of the `}` after this line.
    fn list_end(&self, line: usize) -> usize {
        let below = self.lines.iter().skip(line).position(|below| below.trim() == "}");
        below.map_or(0, |at| line + 1 + at)
    }

    /// The block at the top that the line is in had a `group` that was refused, and closed.
    fn is_after_a_second_group(&self, line: usize) -> bool {
        let refused = |said: &String| said.starts_with("Group list already specified");
        let above = self.ours.complaints.range(..line);
        let group =
            above.filter(|(_, said)| said.iter().any(refused)).map(|(line, _)| *line).next();
        let top = |at| self.everything.of(at).iter().any(Vec::is_empty);
        group.is_some_and(|group| (group..line).skip(1).all(|between| !top(between)))
    }

    /// A process of the original reads the line elsewhere than ours does.
    fn is_divided(&self, line: usize) -> bool {
        let ours = self.everything.of(line);
        self.views.iter().any(|view| !view.of(line).is_empty() && view.of(line) != ours)
    }

    /// No process of the original reads the line where ours does.
    fn is_read_by_none(&self, line: usize) -> bool {
        self.views.iter().all(|view| view.of(line) != self.everything.of(line))
    }

    /// No process of the original reads the line before one of them stops at a missing parameter.
    fn comes_after_the_stop(&self, line: usize) -> bool {
        let Some(stop) = self.original.stops_at else { return false };
        let stopper = self.views.iter().position(|view| !view.of(stop).is_empty());
        let before = self.views.iter().take(stopper.map_or(0, |at| at + 1));
        before.into_iter().all(|view| view.of(line).is_empty())
    }
}

/// A kind of difference.
struct Class {
    why: &'static str,
    covers: fn(&Case<'_>, Difference) -> bool,
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
            Difference::OnlyOriginal(line) => case.is_divided(line),
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
        why: "a netmask is four numbers: 2.2.7 takes 24 for 0.0.0.24",
        covers: |case, found| case.only_ours_says(found, "persistence_granularity"),
    },
    Class {
        why: "there is no firewall mark 0: 2.2.7 makes a service of chance bytes of it",
        covers: |case, found| match found {
            Difference::Status { .. } => false,
            Difference::OnlyOurs(line) | Difference::OnlyOriginal(line) => {
                case.root(line).starts_with("virtual_server fwmark 0")
            }
        },
    },
    Class {
        why: "2.2.7 takes the `}` of a second `group` for that of the block around it",
        covers: |case, found| match found {
            Difference::OnlyOriginal(line) => case.is_after_a_second_group(line),
            Difference::Status { .. } | Difference::OnlyOurs(_) => false,
        },
    },
    Class {
        why: "a rule may name a single port; a range of ports goes upwards",
        covers: |case, found| match found {
            Difference::Status { .. } => false,
            Difference::OnlyOurs(_) | Difference::OnlyOriginal(_) => {
                case.says(found, "invalid sport range") || case.says(found, "invalid dport range")
            }
        },
    },
    Class {
        why: "the family of a route may stand before it, and IPv4 may go by a gateway of IPv6",
        covers: |case, found| {
            let line = match found {
                Difference::OnlyOriginal(line) => case.line(line),
                Difference::Status { .. } | Difference::OnlyOurs(_) => return false,
            };
            let mixed = ["IPv4/6 mismatch for nexthop", "Cannot mix IPv4 and IPv6 addresses"];
            (line.contains("inet6 default")
                && case.only_original_says(found, "Route must have a destination"))
                || (line.contains("via inet6")
                    && mixed.iter().any(|words| case.only_original_says(found, words)))
        },
    },
    Class {
        why: "since 2.3 a route needs no interface to be tracked",
        covers: |case, found| match found {
            Difference::OnlyOriginal(line) => {
                let track = "Warning - cannot track route";
                let mixed = |said: &str| {
                    let hops = case.line(line).contains(" nexthop ");
                    hops && said.contains("IPv4/6 mismatch for nexthop")
                };
                let said = &case.original.complaints[&line];
                said.iter().all(|said| said.contains(track) || mixed(said))
                    && said.iter().any(|said| said.contains(track))
            }
            Difference::Status { .. } | Difference::OnlyOurs(_) => false,
        },
    },
    Class {
        why: "`to` may stand after the type of a route",
        covers: |case, found| match found {
            Difference::OnlyOriginal(line) => {
                case.line(line).split_whitespace().nth(1) == Some("to") && case.says(found, " to")
            }
            Difference::Status { .. } | Difference::OnlyOurs(_) => false,
        },
    },
    Class {
        why: "a route has one destination",
        covers: |case, found| match found {
            Difference::OnlyOurs(line) => {
                case.line(line).split_whitespace().skip(1).any(|word| word == "to")
                    && case.says(found, "unknown route keyword")
            }
            Difference::Status { .. } | Difference::OnlyOriginal(_) => false,
        },
    },
    Class {
        why: "the account is that of the last script line of a vrrp_script, as for its command",
        covers: |case, found| {
            case.only_original_says(found, "Unable to set default user ")
                && case.has_script_with_account(found)
        },
    },
    Class {
        why: "vrrp_rx_bufs_policy counts each of its words: 2.2.7 nothing after a mistake",
        covers: |case, found| {
            case.only_ours_says(found, "Cannot set vrrp_rx_bufs_policy size and policy")
        },
    },
    Class {
        why: "a name that no interface can have is refused",
        covers: |case, found| case.only_ours_says(found, "Invalid default_interface"),
    },
    Class {
        why: "each interface in a second garp_group is named; 2.2.7 names one at the `}`, or stops",
        covers: |case, found| {
            let taken = "garp_group already specified for";
            let at_end = |end| {
                let said = case.original.about(end);
                case.line(end).trim() == "}"
                    && [taken, "is missing a parameter"].iter().any(|words| said.contains(words))
            };
            match found {
                Difference::Status { original: 2, .. } => case
                    .original
                    .stops_at
                    .is_some_and(|end| at_end(end) && case.explained.contains(&end)),
                Difference::Status { .. } => false,
                Difference::OnlyOurs(line) => {
                    case.only_ours_says(found, taken) && at_end(case.list_end(line))
                }
                Difference::OnlyOriginal(end) => {
                    let named = case.ours.complaints.keys().rfind(|line| **line < end);
                    at_end(end)
                        && named.is_some_and(|line| {
                            case.list_end(*line) == end && case.ours.about(*line).contains(taken)
                        })
                }
            }
        },
    },
    Class {
        why: "after a brace too many or too few no process of 2.2.7 reads a script, or an instance",
        covers: |case, found| {
            let is_script = |line: &str| {
                let keyword = line.split_whitespace().next().unwrap_or_default();
                matches!(keyword, "misc_path" | "script" | "vrrp_instance")
                    || ["notify", "quorum_"].iter().any(|prefix| keyword.starts_with(prefix))
            };
            matches!(found, Difference::Status { ours: 6, original: 5 })
                && case.one_says_of_the_whole("SECURITY VIOLATION")
                && (1..)
                    .zip(&case.lines)
                    .any(|(number, line)| is_script(line) && case.is_read_by_none(number))
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
                let twice = case.ours.unplaced.iter().any(|said| said.contains("is duplicated"));
                let of_no_group = case.root(line).starts_with("virtual_server group");
                (twice || of_no_group || case.is_left_out(line))
                    && of_checks.iter().any(|words| case.original.about(line).contains(words))
            }
            Difference::Status { ours: 5, original: 6 } => {
                let mut numbered = (1..).zip(&case.lines);
                case.one_says_of_the_whole("check scripts")
                    && (case.ours.unplaced.iter().any(|said| said.contains("is duplicated"))
                        || numbered
                            .any(|(at, line)| line.contains("misc_path") && case.is_left_out(at)))
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
                case.lines[line - 1..].iter().all(|line| line.trim() != "}")
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
        why: "2.2.7 says nothing of more words after the address, and of no word that is no boolean",
        covers: |case, found| {
            case.only_ours_says(found, "emailfrom - ignoring extra entries")
                || case.only_ours_says(found, "Invalid value 'maybe' for global vrrp_")
        },
    },
    Class {
        why: "2.2.7 does not look whether reload_file is a directory",
        covers: |case, found| case.only_ours_says(found, "is a directory"),
    },
    Class {
        why: "2.2.7 takes a range of users whose end comes first",
        covers: |case, found| case.only_ours_says(found, "Invalid uidrange"),
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
                let mut below = case.below(line, "vrrp_instance");
                case.only_original_says(found, "for vrrp_instance")
                    && below.any(|(_, line)| line.trim_start().starts_with("interface"))
            }
        },
    },
    Class {
        why: "ours applies enable_script_security and script_user to scripts above it too",
        covers: |case, found| match found {
            Difference::Status { .. } => {
                case.text.contains("enable_script_security")
                    && case.one_says_of_the_whole("SECURITY VIOLATION")
            }
            Difference::OnlyOurs(_) | Difference::OnlyOriginal(_) => {
                case.only_ours_says(found, "Unable to set default user")
            }
        },
    },
    Class {
        why: "no limit of hops is not more than the TTL: 2.2.7 takes -1 for 255",
        covers: |case, found| match found {
            Difference::OnlyOriginal(end) => {
                let above = case.lines[..end].iter().rev();
                let mut block = above.take_while(|line| !line.starts_with("bfd_instance"));
                case.only_original_says(found, "max_hops exceeds ttl/hoplimit")
                    && block.any(|line| matches!(line.trim(), "max_hops -1" | "max_hops 255"))
            }
            Difference::Status { .. } | Difference::OnlyOurs(_) => false,
        },
    },
    Class {
        why: "the status that nothing but explained lines leads to",
        covers: |case, found| {
            let explained = |verdict: &Verdict| {
                verdict.complaints.keys().all(|line| case.explained.contains(line))
            };
            match found {
                Difference::Status { ours: 5, original: 0 } => {
                    explained(case.ours) && case.ours.unplaced.is_empty()
                }
                Difference::Status { ours: 0, original: 5 } => explained(case.original),
                Difference::Status { .. }
                | Difference::OnlyOurs(_)
                | Difference::OnlyOriginal(_) => false,
            }
        },
    },
];
