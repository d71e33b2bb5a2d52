//! What is known to differ of routes and rules.

use super::Class;
use crate::verdict::Difference;

pub(super) static CLASSES: &[Class] = &[
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
];
