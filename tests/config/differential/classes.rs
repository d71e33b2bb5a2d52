//! The differences between ours and keepalived 2.2.7 that are known, each with its reason.
//!
//! A class covers single differences; it should cover as little as it can. What 2.4 is known to
//! do as ours does says so.

use std::collections::BTreeSet;

use crate::verdict::{Difference, Verdict};

/// A file and what both say of it.
pub(super) struct Case<'c> {
    pub(super) text: &'c str,
    pub(super) ours: &'c Verdict,
    pub(super) original: &'c Verdict,
    lines: Vec<&'c str>,
}

impl<'c> Case<'c> {
    pub(super) fn new(text: &'c str, ours: &'c Verdict, original: &'c Verdict) -> Self {
        Self { text, ours, original, lines: text.split('\n').collect() }
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

    /// What the one that complains says of the line.
    fn said(&self, found: Difference) -> String {
        match found {
            Difference::Status { .. } => String::new(),
            Difference::OnlyOurs(line) => self.ours.about(line),
            Difference::OnlyOriginal(line) => self.original.about(line),
        }
    }

    fn only_ours_says(&self, found: Difference, words: &str) -> bool {
        matches!(found, Difference::OnlyOurs(_)) && self.said(found).contains(words)
    }

    fn only_original_says(&self, found: Difference, words: &str) -> bool {
        matches!(found, Difference::OnlyOriginal(_)) && self.said(found).contains(words)
    }

    /// One of the two says this of the whole file, and the other does not.
    fn one_says_of_the_whole(&self, words: &str) -> bool {
        let says = |verdict: &Verdict| verdict.unplaced.iter().any(|text| text.contains(words));
        says(self.ours) != says(self.original)
    }

    /// The other one says the same words of the other end of the block.
    fn said_at_the_other_end(&self, found: Difference) -> bool {
        let same = |(line, other): (usize, &Verdict), said: &BTreeSet<String>, before: bool| {
            let lines = other.complaints.iter().filter(|(at, _)| (**at < line) == before);
            let mut lines = lines.filter(|(at, _)| before || self.line(**at).trim() == "}");
            lines.any(|(_, others)| !said.is_disjoint(others))
        };
        match found {
            Difference::Status { .. } => false,
            Difference::OnlyOurs(line) => {
                self.line(line).ends_with('{')
                    && same((line, self.original), &self.ours.complaints[&line], false)
            }
            Difference::OnlyOriginal(line) => {
                self.line(line).trim() == "}"
                    && same((line, self.ours), &self.original.complaints[&line], true)
            }
        }
    }

    /// The first line after which the two need not agree on which block they are in.
    fn braces_break_at(&self) -> Option<usize> {
        let about_braces = |said: &String| {
            ["'{'", "'}'", "Unknown keyword '{"].iter().any(|words| said.contains(words))
        };
        let first = |verdict: &Verdict| {
            let said = verdict.complaints.iter().chain(&verdict.notices);
            let broken = said.filter(|(_, said)| said.iter().any(about_braces));
            broken.map(|(line, _)| *line).min()
        };
        let never_closed = |verdict: &Verdict| verdict.unplaced.iter().any(about_braces);
        if never_closed(self.ours) || never_closed(self.original) {
            return Some(1);
        }
        // A brace in quotes that are never closed.
        let quoted = |line: &str| line.matches('"').count() % 2 == 1 && line.contains(['{', '}']);
        let quoted = self.lines.iter().position(|line| quoted(line)).map(|at| at + 1);
        first(self.ours).into_iter().chain(first(self.original)).chain(quoted).min()
    }
}

/// A kind of difference.
struct Class {
    why: &'static str,
    covers: fn(&Case<'_>, Difference) -> bool,
}

static CLASSES: &[Class] = &[
    Class {
        why: "after a brace too many or too few each process of 2.2.7 is in another block",
        covers: |case, found| match (case.braces_break_at(), found) {
            (None, _) => false,
            (Some(_), Difference::Status { .. }) => true,
            (Some(at), Difference::OnlyOurs(line) | Difference::OnlyOriginal(line)) => line >= at,
        },
    },
    Class {
        why: "2.2.7 stops at a missing parameter in a part that it reads before this one",
        covers: |case, found| match (case.original.stops_at, found) {
            (Some(stop), Difference::OnlyOurs(line)) => case.root(stop) != case.root(line),
            (None | Some(_), _) => false,
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
        why: "ours judges addresses of a check when all of them are known",
        covers: |case, found| case.only_original_says(found, "does not match address family"),
    },
    Class {
        why: "ours judges the family of a server by the method that it has in the end",
        covers: |case, found| case.only_original_says(found, "Address family of virtual server"),
    },
    Class {
        why: "ours does not look at the checks of a server that is left out",
        covers: |case, found| {
            case.only_original_says(found, "requires a bind_if")
                || case.only_original_says(found, "for misc script")
                || (matches!(found, Difference::Status { ours: 5, original: 6 })
                    && case.one_says_of_the_whole("check scripts"))
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
        covers: |case, found| case.only_ours_says(found, "script already specified"),
    },
    Class {
        why: "that there is no default account is said once, of another line",
        covers: |case, found| {
            let words = "Unable to set default user keepalived_script for script";
            case.only_ours_says(found, words) || case.only_original_says(found, words)
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
        why: "ours says at the head of a block what 2.2.7 says at its end",
        covers: |case, found| case.said_at_the_other_end(found),
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
        why: "2.2.7 says of the whole file that a vrf needs no interface when the vrf comes first",
        covers: |case, found| {
            let words = "vrf can only be specified without interface";
            case.only_ours_says(found, "Cannot specify VRF interface and interface")
                && case.original.unplaced.iter().any(|said| {
                    // A missing interface keeps 2.2.7 from coming to it.
                    said.contains(words) || said.contains("Non-existent interface specified")
                })
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
            Difference::OnlyOurs(_) | Difference::OnlyOriginal(_) => {
                case.only_original_says(found, "for vrrp_instance")
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
        why: "the status that the differing lines lead to",
        covers: |case, found| {
            let Difference::Status { ours, original } = found else { return false };
            let differences = case.ours.differences(case.original);
            let more = |wanted: fn(&Difference) -> bool| differences.iter().any(wanted);
            match (ours, original) {
                (5, 0) => more(|found| matches!(found, Difference::OnlyOurs(_))),
                (0, 5) => more(|found| matches!(found, Difference::OnlyOriginal(_))),
                _ => false,
            }
        },
    },
];

/// Why they differ here, if it is known.
pub(super) fn explain(case: &Case<'_>, found: Difference) -> Option<&'static str> {
    let class = CLASSES.iter().find(|class| (class.covers)(case, found));
    class.map(|class| class.why)
}
