//! Any bytes as a configuration: reading ends, and what was found can be shown.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let environment = conf::Environment {
        testing: true,
        host_name: "lb1".to_owned(),
        generated_limit: Some(1 << 16),
        ..conf::Environment::default()
    };
    let loaded = conf::load_text("fuzz", text, &environment);
    for line in loaded.report.log_lines() {
        assert!(!line.contains('\n'));
    }
    assert!(!loaded.report.render(false).contains('\u{7}'));
});
