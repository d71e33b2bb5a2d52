//! The syntax file of Vim: keywords are known in their own block only.

use std::fmt::Write as _;

use conf::Block;

use super::Chapter;

const HEAD: &str = r#"" Vim syntax file
" Language: keepalived.conf
" Generated from the rows of keepalived-rs by `UPDATE_GOLDENS=1 cargo test --test config`.

if exists("b:current_syntax")
  finish
endif

let s:cpo_save = &cpo
set cpo&vim

syn case match
syn iskeyword @,48-57,_,-,192-255

" Whatever may stand everywhere.
syn match kaComment /\\\@1<![#!].*$/ contains=kaTodo,@Spell
syn keyword kaTodo TODO FIXME XXX contained
syn region kaString start=/"/ skip=/\\./ end=/"/ end=/$/ oneline contains=kaReference
syn match kaNumber /\<[+-]\=\d\+\%(\.\d\+\)\=\>/
syn match kaAddress /\<\d\{1,3}\%(\.\d\{1,3}\)\{3}\%([\/-][0-9.]\+\)\=/
syn match kaAddress /\<\x*:\x*:[0-9a-fA-F:.]*\%(\/\d\+\)\=/
syn match kaAddress /::\x\+\%(:\x\+\)*\%(\/\d\+\)\=/
syn keyword kaBoolean on off yes no true false
syn match kaCondition /^\s*\zs@^\=\S*/
syn match kaDefinition /^\s*\%(@\S\+\s\+\)\=\zs\$\h\w*\ze=/
syn match kaReference /\${\h\w*\%(\s[^}]*\)\=}/
syn match kaReference /\$\h\w*\ze\%([ \t,)]\|$\)/
syn match kaSequence /\~\%(SEQx\=\|LST\)\ze\s*(/
syn match kaInclude /^\s*\zsinclude[rmwba]\=\ze\s/
syn cluster kaEverywhere contains=kaComment,kaString,kaNumber,kaAddress,kaBoolean,kaCondition,kaDefinition,kaReference,kaSequence,kaInclude

" A block of values, and whatever is in braces that no block below claims.
syn region kaValues matchgroup=kaBrace start=/{/ end=/}/ contains=@kaEverywhere,kaValues,kaWord fold
syn keyword kaWord dev scope label brd broadcast via src table metric weight reverse noreverse no_track track_group from to fwmark contained
"#;

const LINKS: &str = r#"
hi def link kaComment Comment
hi def link kaTodo Todo
hi def link kaString String
hi def link kaNumber Number
hi def link kaAddress Constant
hi def link kaBoolean Boolean
hi def link kaCondition PreCondit
hi def link kaDefinition Define
hi def link kaReference Identifier
hi def link kaSequence Macro
hi def link kaInclude Include
hi def link kaWord Type
hi def link kaKeyword Statement
hi def link kaBlock Structure

syn sync fromstart

let b:current_syntax = "keepalived"

let &cpo = s:cpo_save
unlet s:cpo_save
"#;

/// The whole file.
pub(super) fn syntax(chapters: &[Chapter]) -> String {
    let mut text = HEAD.to_owned();
    for name in chapters.iter().flat_map(|chapter| &chapter.words).flat_map(|word| word.names) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "syn keyword kaWord {name} contained");
    }
    for chapter in chapters.iter().filter(|chapter| !chapter.block.of_values) {
        block(&mut text, chapter, chapters);
    }
    text.push_str(LINKS);
    text
}

fn block(text: &mut String, chapter: &Chapter, all: &[Chapter]) {
    let group = group(chapter.block);
    let openers: Vec<_> = chapter.inner().flat_map(Block::names).collect();
    let plain = chapter.keywords(all).filter(|name| !openers.contains(name));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n\" {}", chapter.title());
    let contained = if chapter.block.name.is_empty() { "" } else { " contained" };
    for name in plain {
        let _ = writeln!(text, "syn keyword kaIn{group} {name}{contained}");
    }
    let _ = writeln!(text, "hi def link kaIn{group} kaKeyword");
    for name in &openers {
        let _ = writeln!(text, "syn keyword kaOpens{group} {name}{contained}");
    }
    if !openers.is_empty() {
        let _ = writeln!(text, "hi def link kaOpens{group} kaBlock");
    }
    if chapter.block.name.is_empty() {
        return;
    }
    let inner: String =
        chapter.inner().map(|block| format!(",kaBlock{}", self::group(block))).collect();
    let opens = if openers.is_empty() { String::new() } else { format!(",kaOpens{group}") };
    let names = chapter.block.names().collect::<Vec<_>>().join("\\|");
    let top = if chapter.block.within == [""] { "" } else { " contained" };
    let _ = writeln!(
        text,
        "syn region kaBlock{group} matchgroup=kaBrace \
         start=/\\%(\\<\\%({names}\\)\\>[^{{}}#!]*\\%([#!].*\\)\\=\\n\\=\\s*\\)\\@<={{/ end=/}}/ \
         contains=@kaEverywhere,kaValues,kaIn{group}{opens}{inner} fold{top}"
    );
}

/// The name of a block in names of groups.
fn group(block: &Block) -> String {
    let words = block.name.split('_').filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    let name: String = words.map(capital).collect();
    if name.is_empty() { "Top".to_owned() } else { name }
}
