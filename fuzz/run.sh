#!/bin/sh
# Usage: fuzz/run.sh TARGET SECONDS   builds the targets and runs that one for that long
#        fuzz/run.sh build            builds them only
# They are built for libFuzzer with the stable compiler.
set -eu
target=$1
cd "$(dirname "$0")"
triple=$(rustc -vV | sed -n 's/^host: //p')
RUSTC_BOOTSTRAP=1
RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
--cfg fuzzing -Zsanitizer=address -Ccodegen-units=1 -Dwarnings"
export RUSTC_BOOTSTRAP RUSTFLAGS
cargo build --locked --release --target "$triple"
if [ "$target" = build ]; then
    exit
fi
seconds=$2
mkdir -p "corpus/$target" "artifacts/$target"
if [ "$target" = config ]; then
    cp ../tests/config/cases/*.conf "corpus/$target/"
    set -- -dict=config.dict
else
    set --
fi
exec "target/$triple/release/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="artifacts/$target/" "$@" "corpus/$target"
