//! The kernel's answer to one request: an error number, and since Linux 4.12 a text.
//!
//! netlink-packet-core leaves the part behind the error number unparsed.

use std::io;

use netlink_packet_core::{
    DecodeError, ErrorBuffer, NLM_F_ACK_TLVS, NLM_F_CAPPED, NlasIterator, parse_string,
};

use crate::message::{HEADER, Message};

/// `NLMSGERR_ATTR_MSG`.
const TEXT: u16 = 1;

/// What the kernel answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The error number, positive; 0 means that the request was carried out.
    pub errno: i32,
    /// The kernel's own explanation.
    pub detail: Option<String>,
}

impl Reply {
    /// Reads a message of type `NLMSG_ERROR`.
    ///
    /// # Errors
    /// When it is too short to hold an error number.
    pub fn parse(message: &Message<'_>) -> Result<Self, DecodeError> {
        let buffer = ErrorBuffer::new_checked(message.payload)?;
        let errno = buffer.code().map_or(0, |code| code.get().saturating_neg());
        let detail = (message.flags & NLM_F_ACK_TLVS != 0)
            .then(|| detail(buffer.payload(), message.flags))
            .flatten();
        Ok(Self { errno, detail })
    }

    /// Reads the end of a list, `NLMSG_DONE` or `NLMSG_ERROR`: both begin with an error number,
    /// which an empty end lacks.
    ///
    /// # Errors
    /// The kernel's error, if it is one.
    pub fn end(message: &Message<'_>) -> io::Result<()> {
        match message.payload.first_chunk().map_or(0, |code| i32::from_ne_bytes(*code)) {
            0 => Ok(()),
            errno => Err(io::Error::from_raw_os_error(errno.saturating_neg())),
        }
    }
}

/// The text behind the copy of the request: its header only when the copy is capped.
fn detail(copy: &[u8], flags: u16) -> Option<String> {
    let length = u32::from_ne_bytes(*copy.first_chunk()?);
    let length = if flags & NLM_F_CAPPED == 0 { length } else { 0 };
    let request = usize::try_from(length).ok()?.max(HEADER);
    let attributes = copy.get(request.checked_next_multiple_of(4)?..)?;
    let mut known = NlasIterator::new(attributes).flatten();
    let text = known.find(|attribute| attribute.kind() == TEXT)?;
    parse_string(text.value()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `EEXIST`, the header of the request that it answers, and the text "no".
    fn refused(request: u32) -> Vec<u8> {
        let mut bytes = (-17_i32).to_ne_bytes().to_vec();
        bytes.extend(request.to_ne_bytes());
        bytes.resize(4 + HEADER, 0);
        bytes
    }

    fn with_text(mut bytes: Vec<u8>) -> Vec<u8> {
        bytes.extend(7_u16.to_ne_bytes());
        bytes.extend(TEXT.to_ne_bytes());
        bytes.extend(b"no\0\0");
        bytes
    }

    fn reply(payload: &[u8], flags: u16) -> Reply {
        Reply::parse(&Message { kind: 2, flags, sequence: 1, port: 0, payload }).unwrap()
    }

    #[test]
    fn the_text_is_found_behind_a_capped_or_whole_request() {
        let found = Reply { errno: 17, detail: Some("no".to_owned()) };
        assert_eq!(reply(&with_text(refused(40)), NLM_F_CAPPED | NLM_F_ACK_TLVS), found);
        let mut whole = refused(18);
        whole.extend([1, 2, 0, 0]);
        assert_eq!(reply(&with_text(whole), NLM_F_ACK_TLVS), found);
    }

    #[test]
    fn an_answer_without_text_or_with_a_broken_one_still_counts() {
        let silent = Reply { errno: 17, detail: None };
        assert_eq!(reply(&refused(16), 0), silent);
        assert_eq!(reply(&refused(u32::MAX), NLM_F_ACK_TLVS), silent);
        assert_eq!(reply(&refused(16)[..6], NLM_F_ACK_TLVS), silent);
        assert_eq!(reply(&[0; 4], 0).errno, 0);
    }
}
