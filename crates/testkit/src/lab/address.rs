//! Addresses as the kernel has them, read with `ip -j addr`.

use std::net::IpAddr;

use serde_json::Value;

use super::run::must;

/// One address on one link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The link it is on.
    pub link: String,
    /// The address itself.
    pub ip: IpAddr,
    /// Length of its prefix.
    pub prefix: u8,
    /// `global`, `link`, `host`, …
    pub scope: String,
    /// The label, for IPv4.
    pub label: Option<String>,
    /// Whether the kernel made it a secondary address.
    pub secondary: bool,
}

/// Reads the output of `ip -j addr show`.
pub(super) fn parse(json: &str) -> Vec<Address> {
    let links: Vec<Value> = must("read what ip says about addresses", serde_json::from_str(json));
    links.iter().flat_map(on_link).collect()
}

fn on_link(link: &Value) -> Vec<Address> {
    let name = text(link, "ifname").unwrap_or_default();
    let addresses = link.get("addr_info").and_then(Value::as_array);
    addresses.into_iter().flatten().filter_map(|entry| address(&name, entry)).collect()
}

fn address(link: &str, entry: &Value) -> Option<Address> {
    Some(Address {
        link: link.to_owned(),
        ip: text(entry, "local")?.parse().ok()?,
        prefix: entry.get("prefixlen")?.as_u64()?.try_into().ok()?,
        scope: text(entry, "scope")?,
        label: text(entry, "label"),
        secondary: entry.get("secondary").and_then(Value::as_bool).unwrap_or(false),
    })
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_prefix_scope_and_label() {
        let json = r#"[{"ifname":"eth0","addr_info":[{"family":"inet","local":"192.0.2.51",
            "prefixlen":32,"scope":"global","label":"eth0:1","secondary":true}]},{}]"#;
        let address = Address {
            link: "eth0".to_owned(),
            ip: "192.0.2.51".parse().expect("an address"),
            prefix: 32,
            scope: "global".to_owned(),
            label: Some("eth0:1".to_owned()),
            secondary: true,
        };
        assert_eq!(parse(json), [address]);
    }
}
