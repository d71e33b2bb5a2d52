//! The edits of the kernel's table, and what each is called.
//!
//! Decides how an edit is put to the kernel and which of its refusals are none.

use net::{Destination, DestinationKey, Service, ServiceKey};
use netlink_packet_core::NLM_F_ACK;

use crate::number::command;
use crate::writer::{Header, Writer};
use crate::{destination, service};

/// One edit of the kernel's table.
///
/// Nothing is replaced silently: an addition of what is there fails, and so does an edit of what
/// is not. A removal of what is not there succeeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Make this service, without destinations.
    AddService(Service),
    /// Make the service of this key equal to this one; its destinations and connections stay.
    EditService(Service),
    /// Remove the service with all its destinations.
    RemoveService(ServiceKey),
    /// Give the service this destination.
    AddDestination(ServiceKey, Destination),
    /// Make the service's destination of this key equal to this one; its connections stay.
    EditDestination(ServiceKey, Destination),
    /// Take the destination from the service.
    RemoveDestination(ServiceKey, DestinationKey),
}

impl Change {
    /// What kind of edit it is.
    #[must_use]
    pub const fn command(&self) -> Command {
        match self {
            Self::AddService(_) => Command::AddService,
            Self::EditService(_) => Command::EditService,
            Self::RemoveService(_) => Command::RemoveService,
            Self::AddDestination(..) => Command::AddDestination,
            Self::EditDestination(..) => Command::EditDestination,
            Self::RemoveDestination(..) => Command::RemoveDestination,
        }
    }

    /// The service that it edits, or whose destination.
    #[must_use]
    pub const fn service(&self) -> ServiceKey {
        match self {
            Self::AddService(service) | Self::EditService(service) => service.key,
            Self::RemoveService(key)
            | Self::AddDestination(key, _)
            | Self::EditDestination(key, _)
            | Self::RemoveDestination(key, _) => *key,
        }
    }

    /// The destination that it edits, if it edits one.
    #[must_use]
    pub const fn destination(&self) -> Option<DestinationKey> {
        match self {
            Self::AddService(_) | Self::EditService(_) | Self::RemoveService(_) => None,
            Self::AddDestination(_, destination) | Self::EditDestination(_, destination) => {
                Some(destination.key)
            }
            Self::RemoveDestination(_, key) => Some(*key),
        }
    }

    /// Appends the request to the kernel; it asks for an answer if it is the last of its batch.
    pub(crate) fn write(&self, bytes: &mut Vec<u8>, family: u16, sequence: u32, last: bool) {
        let flags = if last { NLM_F_ACK } else { 0 };
        let header = Header { family, flags, sequence, command: self.command().number() };
        Writer::message(bytes, header, |writer| self.write_attributes(writer));
    }

    fn write_attributes(&self, writer: &mut Writer<'_>) {
        match self {
            Self::AddService(service) | Self::EditService(service) => {
                service::write(writer, service);
            }
            Self::RemoveService(key) => service::write_key(writer, *key),
            Self::AddDestination(key, destination) | Self::EditDestination(key, destination) => {
                service::write_key(writer, *key);
                destination::write(writer, destination);
            }
            Self::RemoveDestination(key, destination) => {
                service::write_key(writer, *key);
                destination::write_key(writer, *destination);
            }
        }
    }
}

/// A kind of edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// [`Change::AddService`].
    AddService,
    /// [`Change::EditService`].
    EditService,
    /// [`Change::RemoveService`].
    RemoveService,
    /// [`Change::AddDestination`].
    AddDestination,
    /// [`Change::EditDestination`].
    EditDestination,
    /// [`Change::RemoveDestination`].
    RemoveDestination,
}

impl Command {
    /// What log lines call it: the name of the socket option that it once was, and its number
    /// (`IP_VS_SO_SET_*`).
    #[must_use]
    pub const fn option(self) -> (&'static str, u16) {
        match self {
            Self::AddService => ("IP_VS_SO_SET_ADD", 1154),
            Self::EditService => ("IP_VS_SO_SET_EDIT", 1155),
            Self::RemoveService => ("IP_VS_SO_SET_DEL", 1156),
            Self::AddDestination => ("IP_VS_SO_SET_ADDDEST", 1159),
            Self::RemoveDestination => ("IP_VS_SO_SET_DELDEST", 1160),
            Self::EditDestination => ("IP_VS_SO_SET_EDITDEST", 1161),
        }
    }

    /// Its number in a generic netlink header (`IPVS_CMD_*`).
    const fn number(self) -> u8 {
        match self {
            Self::AddService => command::NEW_SERVICE,
            Self::EditService => command::SET_SERVICE,
            Self::RemoveService => command::DEL_SERVICE,
            Self::AddDestination => command::NEW_DEST,
            Self::EditDestination => command::SET_DEST,
            Self::RemoveDestination => command::DEL_DEST,
        }
    }

    /// Whether what was asked for holds although the kernel refused.
    pub(crate) const fn tolerates(self, errno: i32) -> bool {
        match self {
            Self::RemoveService | Self::RemoveDestination => {
                matches!(errno, libc::ENOENT | libc::ESRCH)
            }
            Self::AddService | Self::EditService | Self::AddDestination | Self::EditDestination => {
                false
            }
        }
    }
}
