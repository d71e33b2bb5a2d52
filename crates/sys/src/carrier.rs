//! Asks a network interface whether it has a link, in the three ways that there are.
//!
//! Decides how each question is put to the kernel. Which one a driver answers, and how often it is
//! asked, is decided by the caller.

use std::io;
use std::os::fd::AsRawFd as _;

use nix::libc::{self, c_char, c_short, ifreq};
use socket2::{Domain, Socket, Type};

use crate::scheduler::check;

/// `ETHTOOL_GLINK`.
const GET_LINK: u32 = 0x0a;
/// `SIOCETHTOOL`, `SIOCGMIIPHY`, `SIOCGMIIREG`.
const ETHTOOL: libc::Ioctl = 0x8946;
const MII_ADDRESS: libc::Ioctl = 0x8947;
const MII_REGISTER: libc::Ioctl = 0x8948;
/// The basic mode status register of a transceiver, and its bit that says that there is a link.
const BASIC_STATUS: u16 = 1;
const LINK: u16 = 0x0004;

/// A way to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The status register of the transceiver.
    Mii,
    /// The driver.
    Ethtool,
    /// The interface's flags.
    Flags,
}

/// What questions are asked through.
#[derive(Debug)]
pub struct Asker(Socket);

/// `struct ethtool_value`.
#[repr(C)]
struct EthtoolValue {
    command: u32,
    data: u32,
}

/// `struct mii_ioctl_data`.
#[repr(C)]
#[derive(Clone, Copy)]
struct MiiData {
    transceiver: u16,
    register: u16,
    written: u16,
    read: u16,
}

impl Asker {
    /// Asks about interfaces of the calling thread's network namespace.
    ///
    /// # Errors
    /// When no descriptor is left.
    pub fn new() -> io::Result<Self> {
        Socket::new(Domain::IPV4, Type::DGRAM.cloexec(), None).map(Self)
    }

    /// Whether an interface is up and has a link. May take milliseconds.
    ///
    /// # Errors
    /// When there is no such interface, or its driver does not answer this question.
    pub fn has_link(&self, name: &str, question: Question) -> io::Result<bool> {
        let flags = self.flags(name)?;
        let up = flags & libc::IFF_UP != 0;
        Ok(up
            && match question {
                Question::Mii => self.mii(name)?,
                Question::Ethtool => self.ethtool(name)?,
                Question::Flags => flags & libc::IFF_RUNNING != 0,
            })
    }

    fn flags(&self, name: &str) -> io::Result<i32> {
        let mut request = request(name)?;
        self.ask(libc::SIOCGIFFLAGS, &mut request)?;
        // SAFETY: the kernel has filled in the flags.
        let flags: c_short = unsafe { request.ifr_ifru.ifru_flags };
        Ok(flags.into())
    }

    fn ethtool(&self, name: &str) -> io::Result<bool> {
        let mut value = EthtoolValue { command: GET_LINK, data: 0 };
        let mut request = request(name)?;
        request.ifr_ifru.ifru_data = (&raw mut value).cast::<c_char>();
        self.ask(ETHTOOL, &mut request)?;
        Ok(value.data != 0)
    }

    fn mii(&self, name: &str) -> io::Result<bool> {
        let mut request = request(name)?;
        self.ask(MII_ADDRESS, &mut request)?;
        let data = (&raw mut request.ifr_ifru).cast::<MiiData>();
        let mut status = 0;
        // The bit stays down until it was read once after a loss.
        for _ in 0..2 {
            // SAFETY: the union is larger than the data and aligned for pointers; the kernel has
            // filled the data in, and every pattern of bits is a value.
            unsafe { (*data).register = BASIC_STATUS };
            self.ask(MII_REGISTER, &mut request)?;
            let data = (&raw const request.ifr_ifru).cast::<MiiData>();
            // SAFETY: as above.
            status = unsafe { (*data).read };
        }
        Ok(status & LINK != 0)
    }

    fn ask(&self, number: libc::Ioctl, request: &mut ifreq) -> io::Result<()> {
        // SAFETY: each of these requests reads and writes an `ifreq`, and what its pointer leads
        // to lives in the caller.
        check(unsafe { libc::ioctl(self.0.as_raw_fd(), number, &raw mut *request) })
    }
}

/// A request about an interface; the rest is zero.
fn request(name: &str) -> io::Result<ifreq> {
    // SAFETY: `ifreq` is plain data.
    let mut request: ifreq = unsafe { std::mem::zeroed() };
    if name.len() >= request.ifr_name.len() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = c_char::from_ne_bytes([from]);
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_answers_some_questions_and_nobody_answers_for_what_is_not_there() {
        let asker = Asker::new().unwrap();
        assert!(asker.has_link("lo", Question::Flags).unwrap());
        assert!(asker.has_link("lo", Question::Ethtool).unwrap());
        assert!(asker.has_link("lo", Question::Mii).is_err());
        for question in [Question::Mii, Question::Ethtool, Question::Flags] {
            assert!(asker.has_link("no-such-link", question).is_err());
            assert!(asker.has_link("a-name-that-is-too-long", question).is_err());
        }
    }
}
