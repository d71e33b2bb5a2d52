//! Whose a table is: a comment, as `nft` shows it.

use netlink_packet_netfilter::nftables::{TableAttribute, TableMessage};

/// What `nft` allows, with the zero at its end.
const LENGTH: usize = 128;
/// The kind of a comment in what is kept for `nft` (`NFTNL_UDATA_TABLE_COMMENT`).
const COMMENT: u8 = 0;

/// The attribute that says whose a table is. Of a long text the end counts.
pub(crate) fn owned_by(owner: &str) -> TableAttribute {
    let mut text = owner;
    while text.len() >= LENGTH {
        let mut chars = text.chars();
        chars.next();
        text = chars.as_str();
    }
    let length = u8::try_from(text.len() + 1).unwrap_or_default();
    let mut data = vec![COMMENT, length];
    data.extend(text.bytes().chain([0]));
    TableAttribute::UserData(data)
}

/// The name of a table that this attribute says is the owner's.
pub(crate) fn name_if_owned(table: &TableMessage, owner: &TableAttribute) -> Option<String> {
    let name = table.attributes.iter().find_map(|attribute| {
        if let TableAttribute::Name(name) = attribute { Some(name.clone()) } else { None }
    });
    name.filter(|_| table.attributes.contains(owner))
}
