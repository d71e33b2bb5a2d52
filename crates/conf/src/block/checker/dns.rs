//! The rows of `DNS_CHECK`.

use lvs::config::{DnsName, QueryType};

use super::{CheckDraft, Row};
use crate::block::lvs_value as read;
use crate::diagnostic::Diagnostic;
use crate::line::Line;

/// The rows of `DNS_CHECK`.
pub(crate) static DNS: &[Row] = &[
    Row::now("type", "type of the query", query).takes(
        "A|NS|CNAME|SOA|MX|TXT|AAAA|RRSIG|DNSKEY",
        "",
        "SOA",
    ),
    Row::now("name", "the name that is asked for", name).takes("DOMAIN", "", "the root"),
];

fn query(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let word = line.required(1)?;
    let known = |query: &QueryType| query.name().eq_ignore_ascii_case(&word.text);
    let Some(query) = QueryType::ALL.into_iter().find(known) else {
        let message = format!("Unknown DNS check type {} - ignoring", word.text);
        read::unknown(line, &word, message, &QueryType::ALL.map(QueryType::name));
        return None;
    };
    check.own_mut().query = query;
    Some(())
}

fn name(check: &mut CheckDraft, line: &mut Line<'_, '_>) -> Option<()> {
    let own = check.own_mut();
    if own.name.is_some() {
        line.error("DNS_CHECK name already specified - ignoring");
        return None;
    }
    let word = line.required(1)?;
    let name = DnsName::new(&word.text);
    if name.is_none() {
        let labels = word.text.strip_suffix('.').unwrap_or(&word.text);
        let what = match labels.split('.').any(str::is_empty) {
            true => "has empty label",
            false => "has a label of more than 63 bytes, or is longer than 253",
        };
        let message = format!("DNS_CHECK name '{}' {what} - ignoring", word.text);
        let found = Diagnostic::general(message).at(word.span);
        line.add(found.hint("write a name such as example.com, or . for the root"));
    }
    own.name = Some(name?);
    Some(())
}
