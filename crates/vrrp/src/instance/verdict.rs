//! What becomes of an instance when what it tracks changes: its priority, and its reasons to be in
//! FAULT. When it enters or leaves FAULT is decided for its whole group (`sync_group`).

use std::collections::BTreeSet;

use super::{Cx, Instance, State};
use crate::event::Deed;
use crate::fault::FaultCause;
use crate::notice::Told;
use crate::tracking::Verdict;
use crate::units::Name;

impl Instance {
    /// New facts about links and scripts.
    pub(crate) fn set_verdict(&mut self, cx: &mut Cx<'_>, verdict: Verdict) {
        let (from, to) = (self.verdict.priority, verdict.priority);
        let before = self.master_down(None);
        let was_mute = self.verdict.mute;
        let known = std::mem::replace(&mut self.verdict, verdict).faults;
        if from != to {
            self.report(cx, Deed::Priority { from, to });
            let after = self.master_down(None);
            if let State::Backup(backup) = &mut self.state {
                backup.shift(cx.begin, before, after);
            }
            self.tell_priority(cx);
        }
        self.report_news(cx, &known);
        // It left FAULT with an address that could not be used yet, or started with it.
        if was_mute && self.verdict.voice().is_some() && matches!(self.state, State::Backup(_)) {
            self.announce_itself(cx);
        }
    }

    /// What has become a fault or no longer is one. Files have lines of their own, also in FAULT.
    fn report_news(&self, cx: &mut Cx<'_>, known: &BTreeSet<FaultCause>) {
        if matches!(self.state, State::Init) {
            return;
        }
        let (was, is) = (files(known), files(&self.verdict.faults));
        for gone in was.difference(&is) {
            self.report(cx, Deed::FileRecovered(gone.clone()));
        }
        for new in is.difference(&was) {
            self.report(cx, Deed::FileFault(new.clone()));
        }
        let news = self.verdict.faults.difference(known).filter(|cause| cause.file().is_none());
        if !matches!(self.state, State::Fault) {
            news.for_each(|cause| self.report(cx, Deed::Fault(cause.clone())));
        }
    }

    fn tell_priority(&mut self, cx: &mut Cx<'_>) {
        if self.config.options.tells_priority {
            let master = self.is_master();
            self.tell(cx, if master { Told::MasterPriority } else { Told::BackupPriority });
        }
    }

    pub(crate) fn report_faults(&self, cx: &mut Cx<'_>) {
        for cause in &self.verdict.faults {
            self.report(cx, Deed::Fault(cause.clone()));
        }
    }
}

/// The files among the causes of a fault.
fn files(causes: &BTreeSet<FaultCause>) -> BTreeSet<Name> {
    causes.iter().filter_map(FaultCause::file).cloned().collect()
}
