//! What scripts, FIFOs and mails are told of a transition (compat 11 §16).

use std::collections::VecDeque;
use std::sync::Arc;

use crate::config::{Command, Notify};
use crate::units::{Generation, Name};

/// A transition, as the outside hears of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whose transition it is.
    pub subject: Subject,
    /// What it is now.
    pub state: Told,
    /// The effective priority; 0 for groups.
    pub priority: u8,
    /// The scripts that want to hear of it.
    pub notify: Arc<Notify>,
    /// It was told before, and nothing has changed since: only pipes hear of it again
    /// (`fifo_write_vrrp_states_on_reload`).
    pub again: bool,
}

/// Who changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A virtual router.
    Instance(Name),
    /// A sync group.
    Group(Name),
}

/// What it changed to, in the words that scripts get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It holds the addresses.
    Master,
    /// It waits.
    Backup,
    /// It cannot take part.
    Fault,
    /// The daemon stops.
    Stop,
    /// A reload removed it.
    Deleted,
    /// As master it heard a router of lower priority.
    MasterRxLowerPriority,
    /// As master it has another priority.
    MasterPriority,
    /// In another state it has another priority.
    BackupPriority,
}

impl Notice {
    /// The instance that became master or stopped being it; `None` when that is not what is told.
    #[must_use]
    pub fn turn(&self) -> Option<(Name, bool)> {
        let Subject::Instance(name) = &self.subject else {
            return None;
        };
        match self.state {
            Told::Master => Some((name.clone(), true)),
            Told::Backup | Told::Fault | Told::Stop | Told::Deleted => Some((name.clone(), false)),
            Told::MasterRxLowerPriority | Told::MasterPriority | Told::BackupPriority => None,
        }
    }
}

impl Told {
    /// The word in arguments and FIFO lines.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Master => "MASTER",
            Self::Backup => "BACKUP",
            Self::Fault => "FAULT",
            Self::Stop => "STOP",
            Self::Deleted => "DELETED",
            Self::MasterRxLowerPriority => "MASTER_RX_LOWER_PRI",
            Self::MasterPriority => "MASTER_PRIORITY",
            Self::BackupPriority => "BACKUP_PRIORITY",
        }
    }

    /// Whether it is a state, which scripts and mails hear of; the others are only remarks.
    #[must_use]
    pub const fn is_state(self) -> bool {
        match self {
            Self::Master | Self::Backup | Self::Fault | Self::Stop | Self::Deleted => true,
            Self::MasterRxLowerPriority | Self::MasterPriority | Self::BackupPriority => false,
        }
    }
}

impl Subject {
    /// `INSTANCE` or `GROUP`, as scripts and FIFOs get it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Instance(_) => "INSTANCE",
            Self::Group(_) => "GROUP",
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &Name {
        match self {
            Self::Instance(name) | Self::Group(name) => name,
        }
    }
}

impl Notice {
    /// The programs to run, in order: the one for this state as configured, then the general
    /// one with type, name, state and priority behind its own arguments.
    #[must_use]
    pub fn commands(&self) -> Vec<Command> {
        if self.again {
            return Vec::new();
        }
        let specific = match self.state {
            Told::Master => self.notify.master.as_ref(),
            Told::Backup => self.notify.backup.as_ref(),
            Told::Fault => self.notify.fault.as_ref(),
            Told::Stop => self.notify.stop.as_ref(),
            Told::Deleted => self.notify.deleted.as_ref().and_then(|told| told.command.as_ref()),
            Told::MasterRxLowerPriority => self.notify.master_rx_lower_priority.as_ref(),
            Told::MasterPriority | Told::BackupPriority => None,
        };
        let general = self.notify.any.as_ref().filter(|_| self.state.is_state());
        let general = general.map(|command| self.with_arguments(command));
        specific.cloned().into_iter().chain(general).collect()
    }

    /// The line that pipes get (compat 03 §11.7).
    #[must_use]
    pub fn line(&self) -> String {
        let (kind, name) = (self.subject.word(), self.subject.name());
        format!("{kind} \"{name}\" {} {}\n", self.state.word(), self.priority)
    }

    fn with_arguments(&self, command: &Command) -> Command {
        let mut command = command.clone();
        command.argv.extend([
            self.subject.word().to_owned(),
            self.subject.name().to_string(),
            self.state.word().to_owned(),
            self.priority.to_string(),
        ]);
        command
    }
}

/// Notices that wait until the kernel shows what they tell.
///
/// A script that hears MASTER may rely on the addresses being there, and one that hears BACKUP
/// on their being gone.
#[derive(Debug, Default)]
pub(crate) struct Waiting(VecDeque<(Generation, Notice)>);

impl Waiting {
    /// Keeps a notice until `generation` is settled.
    pub(crate) fn hold(&mut self, generation: Generation, notice: Notice) {
        self.0.push_back((generation, notice));
    }

    /// The next notice that no longer waits.
    pub(crate) fn release(&mut self, settled: Generation) -> Option<Notice> {
        let (needs, _) = self.0.front()?;
        if *needs > settled {
            return None;
        }
        self.0.pop_front().map(|(_, notice)| notice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(program: &str) -> Command {
        Command { argv: vec![program.to_owned(), "own".to_owned()], uid: 0, gid: 0 }
    }

    #[test]
    fn the_general_script_comes_second_and_gets_four_arguments() {
        let notify =
            Notify { master: Some(command("/m")), any: Some(command("/n")), ..Notify::default() };
        let notice = Notice {
            subject: Subject::Instance(Name::new("V1")),
            state: Told::Master,
            priority: 100,
            notify: notify.into(),
            again: false,
        };
        let argv: Vec<String> = notice.commands().iter().map(|c| c.argv.join(" ")).collect();
        assert_eq!(argv, ["/m own", "/n own INSTANCE V1 MASTER 100"]);
        for state in [Told::MasterRxLowerPriority, Told::MasterPriority, Told::BackupPriority] {
            assert_eq!(Notice { state, ..notice.clone() }.commands(), [], "it is no state");
        }
        assert_eq!(Notice { again: true, ..notice }.commands(), []);
    }
}
