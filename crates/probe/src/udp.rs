//! `UDP_CHECK`: a datagram is not refused, or answered as it should (compat 21 §7).
//!
//! Decides what an answer, silence and a complaint of the network mean. What this machine does not
//! let be sent counts as a failure here, as it does for keepalived; having no socket does not.

use std::os::fd::AsRawFd;

use lvs::config::{Reply, UdpCheck};
use lvs::{Failure, Obstacle, Outcome, Passed, UdpFailure};
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt,
};

use crate::connect::{Fault, Refusal};
use crate::datagram::Datagram;
use crate::waits::{TooLong, Waits};

/// What is sent unless `payload` says otherwise: keepalived's text, as long.
const TEXT: &[u8; 32] = b"keepalived check - keepalived ch";
/// The type of "destination unreachable" (RFC 792, RFC 4443 §3.1).
const UNREACHABLE_V4: u8 = 3;
const UNREACHABLE_V6: u8 = 1;

/// Sends a datagram and waits for what comes of it.
pub(crate) async fn attempt(check: &UdpCheck) -> Outcome {
    let exchanged = match Datagram::connect(&check.connect) {
        Ok(socket) => exchange(&socket, check).await,
        Err(Refusal { fault: Fault::NotMade(none @ Obstacle::Socket(_)), .. }) => {
            return Outcome::NotMade(none);
        }
        Err(Refusal { errno, .. }) => Err(UdpFailure::NotSent(errno)),
    };
    match exchanged {
        Ok(()) => Outcome::Passed(Passed::Worked),
        Err(failure) => Outcome::Failed(Failure::Udp(failure)),
    }
}

async fn exchange(socket: &Datagram, check: &UdpCheck) -> Result<(), UdpFailure> {
    hear_complaints(socket, check).map_err(|error| UdpFailure::NotSent(error as i32))?;
    let timeout = check.connect.timeout;
    let mut waits = Waits::begin(timeout, timeout);
    let payload = check.payload.as_deref().unwrap_or(TEXT);
    match waits.once(socket.send(payload)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(UdpFailure::NotSent(error.raw_os_error().unwrap_or(0))),
        Err(TooLong) => return Err(UdpFailure::NotSent(0)),
    }
    // A byte more than may come: one that is longer is seen to be.
    let mut space = vec![0; usize::from(check.max_length) + 1];
    match waits.once(socket.receive(&mut space)).await {
        Ok(Ok(length)) => judge(check, space.get(..length).unwrap_or_default()),
        Ok(Err(_)) if is_unreachable(socket) => Err(UdpFailure::Failed),
        Ok(Err(_)) => complaint(&check.reply),
        Err(TooLong) if check.reply == Reply::Optional => Ok(()),
        Err(TooLong) => Err(UdpFailure::Failed),
    }
}

/// What a complaint of a router means that does not say that the server cannot be reached: packets
/// may be lost on the way, but nobody refused this one. It is no reply; keepalived takes it for one
/// where any will do.
const fn complaint(wanted: &Reply) -> Result<(), UdpFailure> {
    match wanted {
        Reply::Optional => Ok(()),
        Reply::Any => Err(UdpFailure::Failed),
        Reply::Like(_) => Err(UdpFailure::Mismatch),
    }
}

/// Whether an answer is the one that is wanted.
///
/// # Errors
/// When it is not.
pub fn judge(check: &UdpCheck, answer: &[u8]) -> Result<(), UdpFailure> {
    let Reply::Like(wanted) = &check.reply else { return Ok(()) };
    let lengths = usize::from(check.min_length)..=usize::from(check.max_length);
    // The shorter of the two decides how far they are compared.
    let alike = answer.iter().zip(wanted).all(|(byte, like)| byte & like.mask == like.value);
    if lengths.contains(&answer.len()) && alike { Ok(()) } else { Err(UdpFailure::Mismatch) }
}

/// Has the kernel tell of every ICMP error, not only of closed ports.
fn hear_complaints(socket: &Datagram, check: &UdpCheck) -> nix::Result<()> {
    let socket = socket.socket();
    if check.connect.to.is_ipv4() {
        setsockopt(socket, sockopt::Ipv4RecvErr, &true)
    } else {
        setsockopt(socket, sockopt::Ipv6RecvErr, &true)
    }
}

/// Whether the first complaint is that the server cannot be reached; without any there is only
/// the error itself, which is as bad.
fn is_unreachable(socket: &Datagram) -> bool {
    let descriptor = socket.socket().as_raw_fd();
    let mut control = nix::cmsg_space!([u8; 512]);
    let queue = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<SockaddrStorage>(descriptor, &mut [], Some(&mut control), queue);
    let Ok(Ok(controls)) = message.as_ref().map(|message| message.cmsgs()) else { return true };
    controls.into_iter().any(|control| {
        if let ControlMessageOwned::Ipv4RecvErr(error, _) = control {
            return error.ee_origin != libc::SO_EE_ORIGIN_ICMP || error.ee_type == UNREACHABLE_V4;
        }
        if let ControlMessageOwned::Ipv6RecvErr(error, _) = control {
            return error.ee_origin != libc::SO_EE_ORIGIN_ICMP6 || error.ee_type == UNREACHABLE_V6;
        }
        false
    })
}

#[cfg(test)]
mod tests;
