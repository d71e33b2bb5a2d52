//! The grammar of VS Code (TextMate), and the package that brings it along.

use serde_json::{Value, json};

use conf::Block;

use super::Chapter;

/// `package.json`.
pub(super) fn package() -> String {
    pretty(&json!({
        "name": "keepalived-conf",
        "displayName": "keepalived.conf",
        "description": "Colours for the configuration of keepalived",
        "version": env!("CARGO_PKG_VERSION"),
        "publisher": "keepalived-rs",
        "license": "MIT OR Apache-2.0",
        "engines": { "vscode": "^1.60.0" },
        "categories": ["Programming Languages"],
        "contributes": {
            "languages": [{
                "id": "keepalived",
                "aliases": ["keepalived.conf", "keepalived"],
                "filenames": ["keepalived.conf"],
                "filenamePatterns": ["**/keepalived/*.conf", "**/keepalived*.conf"],
                "configuration": "./language-configuration.json",
            }],
            "grammars": [{
                "language": "keepalived",
                "scopeName": "source.keepalived",
                "path": "./syntaxes/keepalived.tmLanguage.json",
            }],
        },
    }))
}

/// The grammar.
pub(super) fn grammar(chapters: &[Chapter]) -> String {
    let mut repository = values();
    for chapter in chapters.iter().filter(|chapter| !chapter.block.of_values) {
        repository.insert(name(chapter.block), rules(chapter, chapters));
    }
    pretty(&json!({
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "keepalived.conf",
        "scopeName": "source.keepalived",
        "patterns": [{ "include": "#top" }],
        "repository": repository,
    }))
}

/// What stands in a block: its blocks, its keywords, and what may stand everywhere.
fn rules(chapter: &Chapter, all: &[Chapter]) -> Value {
    let openers: Vec<_> = chapter.inner().flat_map(Block::names).collect();
    let plain: Vec<_> = chapter.keywords(all).filter(|name| !openers.contains(name)).collect();
    let mut patterns: Vec<_> = chapter.inner().map(opening).collect();
    if !plain.is_empty() {
        patterns.push(json!({ "name": "keyword.other.keepalived", "match": one_of(&plain) }));
    }
    patterns.push(json!({ "include": "#list" }));
    patterns.push(json!({ "include": "#everywhere" }));
    json!({ "patterns": patterns })
}

/// A block from its keyword to its `}`, which may stand lines below.
fn opening(block: &'static Block) -> Value {
    json!({
        "begin": one_of(&block.names().collect::<Vec<_>>()),
        "beginCaptures": { "0": { "name": "storage.type.block.keepalived" } },
        "end": "(?<=\\})",
        "patterns": [
            {
                "begin": "\\{",
                "end": "\\}",
                "patterns": [{ "include": format!("#{}", name(block)) }],
            },
            { "include": "#everywhere" },
        ],
    })
}

/// One of these words, with nothing of a word beside it.
fn one_of(words: &[&str]) -> String {
    format!("(?<![\\w-])(?:{})(?![\\w-])", words.join("|"))
}

fn name(block: &Block) -> String {
    if block.name.is_empty() { "top".to_owned() } else { block.name.to_owned() }
}

fn values() -> serde_json::Map<String, Value> {
    let everywhere = json!({ "patterns": [
        { "name": "comment.line.keepalived", "match": "(?<!\\\\)[#!].*$" },
        { "name": "string.quoted.double.keepalived", "begin": "\"", "end": "\"|$",
          "patterns": [{ "include": "#reference" }] },
        { "name": "keyword.control.conditional.keepalived", "match": "^\\s*@\\^?\\S*" },
        { "name": "entity.name.constant.keepalived", "match": "^\\s*\\$[A-Za-z_]\\w*(?==)" },
        { "name": "keyword.control.loop.keepalived", "match": "~(?:SEQx?|LST)(?=\\s*\\()" },
        { "name": "keyword.control.include.keepalived", "match": "^\\s*include[rmwba]?(?=\\s)" },
        { "include": "#reference" },
        { "name": "constant.numeric.address.keepalived",
          "match": "(?<![\\w.:])\\d{1,3}(?:\\.\\d{1,3}){3}(?:[/-][\\d.]+)?" },
        { "name": "constant.numeric.address.keepalived",
          "match": "(?<![\\w.:])[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:/\\d+)?" },
        { "name": "constant.numeric.keepalived", "match": "(?<![\\w.-])[+-]?\\d+(?:\\.\\d+)?(?![\\w.-])" },
        { "name": "constant.language.keepalived",
          "match": "(?<![\\w-])(?:on|off|yes|no|true|false)(?![\\w-])" },
    ]});
    let reference = json!({
        "name": "variable.other.keepalived",
        "match": "\\$\\{[A-Za-z_]\\w*(?:\\s[^}]*)?\\}|\\$[A-Za-z_]\\w*(?=[ \\t,)]|$)",
    });
    let list = json!({
        "begin": "\\{",
        "end": "\\}",
        "patterns": [{ "include": "#list" }, { "include": "#everywhere" }],
    });
    [("everywhere", everywhere), ("reference", reference), ("list", list)]
        .map(|(name, rule)| (name.to_owned(), rule))
        .into_iter()
        .collect()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a value that was just built") + "\n"
}
