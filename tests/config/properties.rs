//! What holds for every configuration, tried on generated ones.

use crate::generate::{Pieces, configuration};
use crate::{cases, environment};

/// More than beside the original, since nothing is started.
const FILES: u64 = 1000;

#[test]
fn generated_files_are_read_to_their_end_and_reported_whole() {
    let pieces = Pieces::read(&cases());
    for seed in 0..FILES {
        let text = configuration(seed, &pieces);
        let report = conf::load_text("t.conf", text.as_bytes(), &environment()).report;
        let last = text.lines().count() + 1;
        for found in report.diagnostics() {
            let line = found.span.map_or(1, |span| report.sources().position(span).line);
            assert!((1..=last).contains(&line), "seed {seed}: {found:?}");
        }
        // One entry each, wherever it is shown.
        assert_eq!(report.log_lines().count(), report.diagnostics().len(), "seed {seed}");
        assert!(!report.render(false).contains('\0'), "seed {seed}");
        let again = conf::load_text("t.conf", text.as_bytes(), &environment()).report;
        assert_eq!(report, again, "seed {seed}: a second reading says something else");
    }
}
