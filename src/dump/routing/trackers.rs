//! Who tracks something, and what it means to them.

use vrrp::config::{Config, Instance, SyncGroup, Tracked};

/// A line for each that tracks it: first the instances that do so by themselves, then the members
/// of groups.
pub(super) fn lines<T: PartialEq, W: Copy + Into<i64>>(
    config: &Config,
    object: &T,
    own: impl Fn(&Instance) -> &[Tracked<T, W>],
    of_group: impl Fn(&SyncGroup) -> &[Tracked<T, W>],
) -> String {
    let meaning = |all: &[Tracked<T, W>]| {
        let found = all.iter().find(|tracked| tracked.object == *object)?;
        let weight: i64 = found.weight.into();
        Some(format!("weight {weight}{}", reverse(found.reverse)))
    };
    let alone = config.instances.iter().map(|one| (&one.name, meaning(own(one))));
    let grouped = config.groups.iter().flat_map(|group| {
        let meaning = meaning(of_group(group));
        group.members.iter().map(move |member| (member, meaning.clone()))
    });
    let line = |(name, meaning)| Some(format!("     {name}, {}\n", meaning?));
    alone.chain(grouped).filter_map(line).collect()
}

/// What is said of a weight that is turned round.
pub(super) const fn reverse(reversed: bool) -> &'static str {
    if reversed { " reverse" } else { "" }
}
