//! Commands in the words of keepalived's dumps: every word in quotes, so that it can be run again.

/// The words of a command; a quote inside of one is closed, written and opened again.
pub(super) fn quoted(argv: &[String]) -> String {
    let words: Vec<String> =
        argv.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''"))).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_words_that_were_configured() {
        let argv = ["/bin/echo", "two words", "it's"].map(str::to_owned);
        assert_eq!(quoted(&argv), r"'/bin/echo' 'two words' 'it'\''s'");
    }
}
