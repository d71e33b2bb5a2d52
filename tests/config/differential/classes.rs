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

    /// Ours leaves out the real server that the line is in: it says so where the server ends, or
    /// of a second server of that address, or it has no group to belong to.
    fn is_left_out(&self, line: usize) -> bool {
        let said_below = self
            .below(line, "real_server")
            .any(|(at, _)| self.ours.about(at).contains("skipping real server"));
        let head = self.lines.iter().take(line).rfind(|line| line.starts_with("real_server "));
        let address = head.and_then(|head| head.split_whitespace().nth(1));
        let twice = |said: &String| {
            address.is_some_and(|address| said.contains(&format!("[{address}]")))
                && said.contains("is duplicated")
        };
        said_below
            || self.ours.unplaced.iter().any(twice)
            || self.root(line).starts_with("virtual_server group")
    }

    /// The lines that begin with one of these words.
    fn lines_of<'s>(&'s self, words: &'s [&str]) -> impl Iterator<Item = usize> + 's {
        let numbered = (1..).zip(&self.lines);
        let begins =
            |line: &str| line.split_whitespace().next().is_some_and(|word| words.contains(&word));
        numbered.filter(move |(_, line)| begins(line)).map(|(number, _)| number)
    }

    /// There are scripts of real servers, all of them there, and none of virtual servers.
    fn runs_scripts_only_where(&self, there: impl Fn(usize) -> bool) -> bool {
        let mut scripts = self.lines_of(&["misc_path", "notify_up", "notify_down"]).peekable();
        scripts.peek().is_some()
            && scripts.all(there)
            && self.lines_of(&["quorum_up", "quorum_down"]).next().is_none()
    }

    /// There are such lines, and no process of the original reads one of them where ours does.
    fn reads_none(&self, words: &[&str]) -> bool {
        let mut lines = self.lines_of(words).peekable();
        lines.peek().is_some() && lines.all(|line| self.is_read_by_none(line))
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
        why: "a netmask is four numbers: 2.2.7 takes 24 for 0.0.0.24",
        covers: |case, found| case.only_ours_says(found, "persistence_granularity"),
    },
    Class {
        why: "there is no firewall mark 0: 2.2.7 makes a service of chance bytes of it",
        covers: |case, found| match found {
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
            // Ours reads on, and misses the word after the last one.
            Difference::Status { ours: 2, .. } => case.ours.stops_at.is_some_and(|line| {
                let mut words = case.line(line).split_whitespace();
                words.nth(1) == Some("to") && case.original.about(line).contains(" to")
            }),
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
            // 2.2.7 reads on, and misses the word after the last one.
            Difference::Status { original: 2, .. } => case
                .original
                .stops_at
                .is_some_and(|line| case.ours.about(line).contains("unknown route keyword")),
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
                case.line(end).trim() == "}"
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
        why: "after a brace too many or too few no process of 2.2.7 reads what runs scripts",
        covers: |case, found| {
            const CHECKS: [&str; 5] =
                ["misc_path", "notify_up", "notify_down", "quorum_up", "quorum_down"];
            const VRRP: [&str; 6] = [
                "script",
                "notify",
                "notify_master",
                "notify_backup",
                "notify_fault",
                "notify_stop",
            ];
            // Each part has scripts of its own, and runs none without anything to tell of.
            let unread = |said: &str, scripts: &[&str], told: &str| {
                case.one_says_of_the_whole(said)
                    && (case.reads_none(scripts) || case.reads_none(&[told]))
            };
            matches!(found, Difference::Status { ours: 6, original: 5 })
                && (unread("VIOLATION - check scripts", &CHECKS, "virtual_server")
                    || unread("VIOLATION - scripts", &VRRP, "vrrp_instance"))
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
                case.is_left_out(line)
                    && of_checks.iter().any(|words| case.only_original_says(found, words))
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
                const SCRIPTS: [&str; 16] = [
                    "script",
                    "notify",
                    "notify_master",
                    "notify_backup",
                    "notify_fault",
                    "notify_stop",
                    "notify_deleted",
                    "notify_master_rx_lower_pri",
                    "misc_path",
                    "notify_up",
                    "notify_down",
                    "quorum_up",
                    "quorum_down",
                    "notify_fifo_script",
                    "vrrp_notify_fifo_script",
                    "lvs_notify_fifo_script",
                ];
                let secure = case.lines_of(&["enable_script_security"]).last();
                let first = case.lines_of(&SCRIPTS).next();
                case.one_says_of_the_whole("SECURITY VIOLATION") && first < secure
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
        why: "times of a route have bounds (since 2.4?): 2.2.7 takes any",
        covers: |case, found| {
            case.only_ours_says(found, "is out of range for route - using the nearest value")
                || ["rtt", "rttvar", "rto_min"].iter().any(|name| {
                    case.only_ours_says(found, &format!("Invalid {name} value  specified"))
                })
        },
    },
    Class {
        why: "a number above 32 bits is none: 2.2.7 cuts it, and takes -1 for the last table",
        covers: |case, found| match found {
            Difference::OnlyOurs(line) => {
                let last = case.line(line).split_whitespace().last();
                let cut = matches!(last, Some("-1" | "4294967296" | "99999999999999999999"));
                let numbered = ["table", "cope", "TOS", "realms", "suppress_group"];
                cut && numbered.iter().any(|words| case.only_ours_says(found, words))
            }
            Difference::Status { .. } | Difference::OnlyOriginal(_) => false,
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
        why: "since 2.3.2: a quote that the last character opens is not closed",
        covers: |case, found| match found {
            Difference::OnlyOurs(end) => {
                let script =
                    case.lines.iter().take(end).rfind(|line| line.trim().starts_with("script "));
                let script = script.map_or("", |line| line.trim_end());
                case.only_ours_says(found, "No script set for vrrp_script")
                    && script.ends_with('"')
                    && script.matches('"').count() % 2 == 1
            }
            Difference::Status { .. } | Difference::OnlyOriginal(_) => false,
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
