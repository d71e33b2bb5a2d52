//! Edits that were not made: what that means, and how the log says it.

use std::borrow::Cow;
use std::fmt;
use std::io;

use net::{DestinationKey, ServiceKey};

use crate::change::Command;

/// A change that was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its place among the changes given to [`crate::Socket::apply`].
    pub change: usize,
    /// What kind of change it is.
    pub command: Command,
    /// The service that it concerns.
    pub service: ServiceKey,
    /// The destination that it concerns, if it concerns one.
    pub destination: Option<DestinationKey>,
    /// The error number. If the answer was lost it says why, such as `ENOBUFS` or `EAGAIN`.
    pub errno: i32,
    /// The kernel's own explanation, if it gave one; IPVS so far gives none.
    pub detail: Option<String>,
    /// Whether the kernel gave this answer. Otherwise the answer was lost, and the change may
    /// have been made after all.
    pub answered: bool,
}

impl Failure {
    /// Whether the kernel's table is not, or may not be, what the caller thought: it has what was
    /// to be added, lacks what was to be edited or the service of a destination, or gave no
    /// answer. To list the table again tells what to do.
    #[must_use]
    pub const fn means_drift(&self) -> bool {
        let refuted = match self.command {
            Command::AddService => self.errno == libc::EEXIST,
            // ENOENT is a missing scheduler or persistence engine.
            Command::EditService => self.errno == libc::ESRCH,
            Command::AddDestination => matches!(self.errno, libc::EEXIST | libc::ESRCH),
            Command::EditDestination => matches!(self.errno, libc::ENOENT | libc::ESRCH),
            Command::RemoveService | Command::RemoveDestination => false,
        };
        refuted || !self.answered
    }

    fn text(&self) -> Cow<'static, str> {
        let known = match (self.command, self.errno) {
            (Command::AddService, libc::EEXIST) => "Service already exists",
            (Command::AddService | Command::EditService, libc::ENOENT) => {
                "Scheduler or persistence engine not found"
            }
            (Command::AddDestination, libc::EEXIST) => "Destination already exists",
            (Command::EditDestination | Command::RemoveDestination, libc::ENOENT) => {
                "No such destination"
            }
            (_, errno) => return meaning(errno),
        };
        known.into()
    }
}

/// What the log calls an error number, unless what was asked for says more (compat 24 §6).
#[must_use]
pub fn meaning(errno: i32) -> Cow<'static, str> {
    general(errno).map_or_else(|| system(errno).into(), Cow::from)
}

/// What an error number means whatever was asked for.
const fn general(errno: i32) -> Option<&'static str> {
    Some(match errno {
        libc::ESRCH => "No such service",
        libc::EPERM => "Permission denied (you must be root)",
        libc::EINVAL => {
            "Invalid operation.  Possibly wrong module version, address not unicast, ..."
        }
        libc::ENOPROTOOPT => "Protocol not available",
        libc::ENOMEM => "Memory allocation problem",
        libc::EOPNOTSUPP => "Operation not supported with IPv6",
        libc::EAFNOSUPPORT => "Operation not supported with specified address family",
        libc::EMSGSIZE => "Module is wrong version",
        _ => return None,
    })
}

/// The C library's text of an error number, which the standard library puts its number behind.
fn system(errno: i32) -> String {
    let text = io::Error::from_raw_os_error(errno).to_string();
    let suffix = format!(" (os error {errno})");
    text.strip_suffix(&suffix).unwrap_or(&text).to_owned()
}

/// Writes the log line: command, error, what it concerns.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((name, code), text, errno) = (self.command.option(), self.text(), self.errno);
        write!(f, "IPVS cmd {name}({code}) error: {text}({errno}) ({}", self.service)?;
        if let Some(destination) = self.destination {
            write!(f, " -> {destination}")?;
        }
        f.write_str(")")
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;
    use Command::{
        AddDestination, AddService, EditDestination, EditService, RemoveDestination, RemoveService,
    };
    use net::Family;

    fn failure(command: Command, errno: i32) -> Failure {
        let key = DestinationKey { ip: [198, 51, 100, 1].into(), port: 8080 };
        let concerned = match command {
            AddService | EditService | RemoveService => None,
            AddDestination | EditDestination | RemoveDestination => Some(key),
        };
        let service = ServiceKey::Mark { family: Family::V6, mark: 5 };
        let destination = concerned;
        let (change, detail, answered) = (0, None, true);
        Failure { change, command, service, destination, errno, detail, answered }
    }

    #[test]
    fn a_line_names_the_command_the_error_and_the_object() {
        assert_eq!(
            failure(AddDestination, libc::EEXIST).to_string(),
            "IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Destination already exists(17) \
             (Fwm 5 inet6 -> 198.51.100.1:8080)"
        );
        assert_eq!(
            failure(RemoveService, libc::ENOENT).to_string(),
            "IPVS cmd IP_VS_SO_SET_DEL(1156) error: No such file or directory(2) (Fwm 5 inet6)"
        );
    }

    #[test]
    fn a_text_depends_on_what_was_asked_for() {
        let text = |command, errno| failure(command, errno).text().into_owned();
        assert_eq!(text(EditService, libc::ENOENT), "Scheduler or persistence engine not found");
        assert_eq!(text(RemoveDestination, libc::ENOENT), "No such destination");
        assert_eq!(text(AddDestination, libc::ENOENT), "No such file or directory");
        assert_eq!(text(EditService, libc::EEXIST), "File exists");
        assert_eq!(text(EditDestination, libc::ESRCH), "No such service");
        assert_eq!(text(AddService, libc::EPERM), "Permission denied (you must be root)");
        assert_eq!(text(AddService, libc::ENOBUFS), "No buffer space available");
        assert_eq!(text(AddService, 4095), "Unknown error 4095");
    }

    #[test]
    fn each_command_has_its_old_number() {
        let all = [
            (AddService, "IP_VS_SO_SET_ADD", 1154),
            (EditService, "IP_VS_SO_SET_EDIT", 1155),
            (RemoveService, "IP_VS_SO_SET_DEL", 1156),
            (AddDestination, "IP_VS_SO_SET_ADDDEST", 1159),
            (RemoveDestination, "IP_VS_SO_SET_DELDEST", 1160),
            (EditDestination, "IP_VS_SO_SET_EDITDEST", 1161),
        ];
        for (command, name, code) in all {
            assert_eq!(command.option(), (name, code));
        }
    }

    #[test]
    fn drift_is_what_contradicts_the_caller_or_stayed_unanswered() {
        let drift = |command, errno| failure(command, errno).means_drift();
        assert!(drift(AddService, libc::EEXIST) && drift(AddDestination, libc::EEXIST));
        assert!(drift(AddDestination, libc::ESRCH) && drift(EditDestination, libc::ENOENT));
        assert!(drift(EditService, libc::ESRCH) && drift(EditDestination, libc::ESRCH));
        assert!(!drift(EditService, libc::ENOENT) && !drift(AddService, libc::ENOENT));
        assert!(!drift(AddDestination, libc::EINVAL) && !drift(RemoveService, libc::EPERM));
        let lost = Failure { answered: false, ..failure(RemoveService, libc::ENOBUFS) };
        assert!(lost.means_drift());
    }
}
