//! Routes or rules: which of them are wanted, and which are there as far as is known.
//!
//! The kernel is not asked what it holds: a router may have a million routes. Adding what is
//! there, or removing what is not, does no harm, so that in doubt it is simply done again.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use vrrp::config::Held;

/// What one owner wants, and what it wanted before.
#[derive(Debug)]
pub(super) struct Claims<T> {
    /// In the order of the configuration.
    pub(super) wants: Vec<T>,
    /// Gone unless somebody wants it.
    pub(super) former: Vec<T>,
}

/// What is known of all owners' objects of one kind.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    /// How many owners want an object.
    wanted: HashMap<T, u32>,
    /// What became of the last attempt to add an object; nothing, if that may no longer hold.
    known: HashMap<T, Known>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// It is there.
    There,
    /// It could not be added.
    Refused {
        why: Why,
        /// Something has changed since: it may be accepted now.
        again: bool,
    },
}

/// Why an object could not be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// A link that it names is not there.
    NoLink,
    /// The kernel's error number.
    Kernel(i32),
}

impl<T> Default for Claims<T> {
    fn default() -> Self {
        Self { wants: Vec::new(), former: Vec::new() }
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { wanted: HashMap::new(), known: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> Claims<T> {
    /// Takes a newer wish; what was wanted before becomes former, the last one first.
    pub(super) fn replace(&mut self, held: &[Held<T>], installed: bool, shelf: &mut Shelf<T>) {
        let all = || held.iter().map(|held| held.object.clone());
        let wants: Vec<T> = if installed { all().collect() } else { Vec::new() };
        let old = std::mem::replace(&mut self.wants, wants);
        old.iter().for_each(|object| shelf.release(object));
        self.wants.iter().for_each(|object| shelf.want(object));
        self.former.extend(old.into_iter().rev());
        if !installed {
            self.former.extend(all().rev());
        }
        let mut seen: HashSet<&T> = self.wants.iter().collect();
        let keep: Vec<bool> = self.former.iter().map(|object| seen.insert(object)).collect();
        let mut keep = keep.into_iter();
        self.former.retain(|_| keep.next().unwrap_or(true));
    }

    /// The next object to remove: nobody wants it.
    pub(super) fn next_removal(&mut self, shelf: &Shelf<T>) -> Option<T> {
        while !self.former.is_empty() {
            let object = self.former.remove(0);
            if !shelf.wanted.contains_key(&object) {
                return Some(object);
            }
        }
        None
    }

    /// What is wanted and has to be added.
    pub(super) fn missing<'a>(&'a self, shelf: &'a Shelf<T>) -> impl Iterator<Item = &'a T> {
        self.wants.iter().filter(|object| shelf.is_missing(object))
    }
}

impl<T: Clone + Eq + Hash> Shelf<T> {
    fn want(&mut self, object: &T) {
        *self.wanted.entry(object.clone()).or_default() += 1;
    }

    fn release(&mut self, object: &T) {
        if let Some(count) = self.wanted.get_mut(object) {
            *count -= 1;
            if *count == 0 {
                self.wanted.remove(object);
            }
        }
    }

    fn is_missing(&self, object: &T) -> bool {
        match self.known.get(object) {
            None => true,
            Some(Known::There) => false,
            Some(Known::Refused { again, .. }) => *again,
        }
    }

    /// It was added, or was there before.
    pub(super) fn added(&mut self, object: &T) {
        self.known.insert(object.clone(), Known::There);
    }

    /// It could not be added. Returns whether that is news.
    pub(super) fn refused(&mut self, object: &T, why: Why) -> bool {
        let before = self.known.insert(object.clone(), Known::Refused { why, again: false });
        !matches!(before, Some(Known::Refused { why: known, .. }) if known == why)
    }

    /// It is gone, or may be.
    pub(super) fn forget(&mut self, object: &T) {
        self.known.remove(object);
    }

    /// What nobody wants at present and this applies to is gone, or may be: whoever wants it next
    /// has to add it.
    pub(super) fn forget_unwanted(&mut self, applies: impl Fn(&T) -> bool) {
        let Self { wanted, known } = self;
        known.retain(|object, _| wanted.contains_key(object) || !applies(object));
    }

    /// Nothing is known any more of what this applies to, but why it was refused. Returns whether
    /// anything was.
    pub(super) fn doubt(&mut self, applies: impl Fn(&T) -> bool) -> bool {
        let before = self.known.len();
        self.known.retain(|object, known| *known != Known::There || !applies(object));
        self.known.len() < before
    }

    /// What was refused may be accepted now. Returns whether anything was.
    pub(super) fn hope(&mut self) -> bool {
        let mut any = false;
        for known in self.known.values_mut() {
            if let Known::Refused { again, .. } = known {
                (*again, any) = (true, true);
            }
        }
        any
    }

    /// Whether somebody wants it and it is believed to be there.
    pub(super) fn holds(&self, object: &T) -> bool {
        self.wanted.contains_key(object) && self.known.get(object) == Some(&Known::There)
    }
}
