//! A table without elements: its chain, and for each protocol a map and a rule.

use net::{Family, Protocol};
use netlink_packet_core::DefaultNla;
use netlink_packet_netfilter::nftables::{
    ChainAttribute, ChainMessage, Cmp, DataAttribute, Expressions, Hook, Immediate, InetHookNumber,
    Lookup, Meta, MetaKey, NfTablesMessage, Operator, Payload, Register, RuleAttribute,
    RuleMessage, SetAttribute, SetDescription, SetFlags, SetMessage, TableAttribute, TableMessage,
    Verdict, VerdictAttribute,
};

use crate::Table;
use crate::element::map;

const CHAIN: &str = "in";
/// `NF_ACCEPT`.
const ACCEPT: u32 = 1;
/// The protocols that IPVS balances.
const PROTOCOLS: [Protocol; 3] = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp];
/// Where headers begin (`NFT_PAYLOAD_NETWORK_HEADER`, `NFT_PAYLOAD_TRANSPORT_HEADER`).
const NETWORK: u32 = 1;
const TRANSPORT: u32 = 2;
/// How `nft` numbers types, and how it joins two; the kernel only keeps them for it.
const IPV4_ADDRESS: u32 = 7;
const IPV6_ADDRESS: u32 = 8;
const SERVICE: u32 = 13;
const MARK: u32 = 19;
const TYPE_BITS: u32 = 6;
/// Bytes of a port, of a mark, and of the register that either takes.
const PORT_LENGTH: u32 = 2;
const MARK_LENGTH: u32 = 4;
const REGISTER: u32 = 4;
/// `NFTA_LIST_ELEM`, `NFTA_SET_FIELD_LEN`, and the flag of what has attributes in it.
const ELEMENT: u16 = 1 | 0x8000;
const FIELD_LENGTH: u16 = 1;

/// What differs between the families.
struct Shape {
    address_type: u32,
    /// Where the destination is in the header, and how long it is.
    offset: u32,
    length: u32,
    /// The register behind the address.
    port: Register,
}

const fn shape(family: Family) -> Shape {
    match family {
        Family::V4 => {
            Shape { address_type: IPV4_ADDRESS, offset: 16, length: 4, port: Register::Reg32_01 }
        }
        Family::V6 => {
            Shape { address_type: IPV6_ADDRESS, offset: 24, length: 16, port: Register::Reg32_04 }
        }
    }
}

/// The table alone: what it is added and removed by.
pub(crate) fn table(name: &str) -> TableMessage {
    TableMessage { attributes: vec![TableAttribute::Name(name.to_owned())] }
}

/// Everything below the table, in the order in which it can be added.
pub(crate) fn inside(table: &Table, family: Family) -> Vec<NfTablesMessage> {
    let mut all = vec![NfTablesMessage::NewChain(chain(table))];
    for (number, protocol) in (1..).zip(PROTOCOLS) {
        all.push(NfTablesMessage::NewSet(set(table, family, protocol, number)));
        all.push(NfTablesMessage::NewRule(rule(table, family, protocol)));
    }
    all
}

fn chain(table: &Table) -> ChainMessage {
    let priority = u32::from_ne_bytes(table.priority.to_ne_bytes());
    ChainMessage {
        attributes: vec![
            ChainAttribute::Table(table.name.clone()),
            ChainAttribute::Name(CHAIN.to_owned()),
            ChainAttribute::Hook(vec![
                Hook::Number(InetHookNumber::LocalIn.into()),
                Hook::Priority(priority),
            ]),
            ChainAttribute::Policy(ACCEPT),
            ChainAttribute::Type("filter".to_owned()),
        ],
    }
}

/// A map from address and port to a mark; `number` tells it from the others of the transaction.
fn set(table: &Table, family: Family, protocol: Protocol, number: u32) -> SetMessage {
    let Shape { address_type, length, .. } = shape(family);
    let field = |length: u32| {
        let length = nested(&DefaultNla::new(FIELD_LENGTH, length.to_be_bytes().to_vec()));
        DefaultNla::new(ELEMENT, length)
    };
    SetMessage {
        attributes: vec![
            SetAttribute::Table(table.name.clone()),
            SetAttribute::Name(map(protocol).to_owned()),
            SetAttribute::Flags(SetFlags::Interval | SetFlags::Map | SetFlags::Concat),
            SetAttribute::KeyType((address_type << TYPE_BITS) | SERVICE),
            SetAttribute::KeyLen(length + REGISTER),
            SetAttribute::DataType(MARK),
            SetAttribute::DataLen(MARK_LENGTH),
            SetAttribute::Id(number),
            SetAttribute::UserData(marks_are_numbers()),
            SetAttribute::Description(vec![SetDescription::Concat(vec![
                field(length),
                field(PORT_LENGTH),
            ])]),
        ],
    }
}

/// Tells `nft` that the values of a map are in the host's order, so that it shows them as numbers
/// (`NFTNL_UDATA_SET_DATABYTEORDER`, its length, `BYTEORDER_HOST_ENDIAN`).
fn marks_are_numbers() -> Vec<u8> {
    let mut data = vec![1, 4];
    data.extend(1_u32.to_ne_bytes());
    data
}

/// The bytes of an attribute inside another one.
fn nested(attribute: &DefaultNla) -> Vec<u8> {
    use netlink_packet_core::Emitable as _;
    let mut bytes = vec![0; attribute.buffer_len()];
    attribute.emit(&mut bytes);
    bytes
}

/// `meta l4proto tcp meta mark set ip daddr . tcp dport map @tcp_map counter return`.
fn rule(table: &Table, family: Family, protocol: Protocol) -> RuleMessage {
    let Shape { offset, length, port, .. } = shape(family);
    let number = u8::try_from(protocol.number()).unwrap_or_default();
    let load = |base, offset, length, into| {
        Expressions::Payload(vec![
            Payload::DestinationRegister(into),
            Payload::Base(base),
            Payload::Offset(offset),
            Payload::Len(length),
        ])
    };
    let expressions = [
        Expressions::Meta(vec![
            Meta::Key(MetaKey::L4Proto),
            Meta::DestinationRegister(Register::Reg1),
        ]),
        Expressions::Cmp(vec![
            Cmp::SourceRegister(Register::Reg1),
            Cmp::Op(Operator::Equal),
            Cmp::Data(DataAttribute::Value(vec![number])),
        ]),
        load(NETWORK, offset, length, Register::Reg1),
        load(TRANSPORT, 2, PORT_LENGTH, port),
        Expressions::Lookup(vec![
            Lookup::Set(map(protocol).to_owned()),
            Lookup::SourceRegister(Register::Reg1),
            Lookup::DestinationRegister(Register::Reg1),
        ]),
        Expressions::Meta(vec![Meta::Key(MetaKey::Mark), Meta::SourceRegister(Register::Reg1)]),
        Expressions::Other { expression_type: "counter".to_owned(), attributes: Vec::new() },
        Expressions::Immediate(vec![
            Immediate::DestinationRegister(Register::Verdict),
            Immediate::Data(DataAttribute::Verdict(vec![VerdictAttribute::Code(Verdict::Return)])),
        ]),
    ];
    RuleMessage {
        attributes: vec![
            RuleAttribute::Table(table.name.clone()),
            RuleAttribute::Chain(CHAIN.to_owned()),
            RuleAttribute::Expressions(expressions.into_iter().map(Into::into).collect()),
        ],
    }
}
