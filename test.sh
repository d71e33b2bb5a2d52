#!/bin/sh
# Every test, in the order in which a failure says most; ends with the ten slowest.
#
# LAB_THREADS labs at once, UML_THREADS guests at once, FUZZ_SECONDS for each fuzz target,
# SIM_SEEDS seeds, DIFFERENTIAL_FILES generated configurations beside Debian's keepalived,
# LAB_MATRIX=all for pairs with it in every form, RELOAD_PAIRS and RELOAD_PAIRS_ON_IPVS pairs of
# configurations of which one replaces the other, in memory and in a guest's kernel.
# KEEPALIVED_CORPUS names the published configurations; without it that part says so.
set -eu
cd "$(dirname "$0")"
threads=${LAB_THREADS:-8}
# A guest keeps a core busy.
guests=${UML_THREADS:-3}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

if [ "$(id -u)" != 0 ]; then
    echo "test: the labs make network namespaces and have to run as root" >&2
    exit 1
fi

echo "== format and lints"
cargo fmt --check
cargo clippy --quiet --locked --workspace --all-targets -- -D warnings

run() { # TITLE COMMAND...
    title=$1
    shift
    echo "== $title"
    start=$(date +%s)
    status=0
    "$@" >"$out/log" 2>&1 || status=$?
    end=$(date +%s)
    grep -E '^test .* <[0-9.]+s>$' "$out/log" | sed "s/^/$title: /" >>"$out/times" || true
    if [ "$status" != 0 ]; then
        cat "$out/log"
        echo "== $title FAILED" >&2
        exit "$status"
    fi
    grep -E '^test result|\*\*\*' "$out/log" || true
    echo "   $((end - start)) s"
}

# Early: a target that does not compile should not be found after half an hour.
run "fuzz targets" fuzz/run.sh build

# Times of single tests are a feature that the stable compiler hides behind this variable.
export RUSTC_BOOTSTRAP=1
timed="-Zunstable-options --report-time"

# shellcheck disable=SC2086
run "crates" cargo test --locked --workspace --exclude keepalived-rs --tests -- $timed
# shellcheck disable=SC2086
run "units" cargo test --locked --bins -- $timed
# shellcheck disable=SC2086
run "architecture" cargo test --locked --test architecture -- $timed
# shellcheck disable=SC2086
run "configurations" cargo test --locked --test config -- $timed --nocapture
# shellcheck disable=SC2086
run "simulation" cargo test --locked --test sim -- $timed
# shellcheck disable=SC2086
run "compatibility" cargo test --locked --test compat -- $timed --test-threads "$threads"
# shellcheck disable=SC2086
run "labs" cargo test --locked --test lab -- $timed --test-threads "$threads"
# shellcheck disable=SC2086
run "user-mode linux" cargo test --locked --test uml -- $timed --test-threads "$guests"
for target in config advert http ipvs bfd tls answers; do
    run "fuzz $target" fuzz/run.sh "$target" "${FUZZ_SECONDS:-20}"
done

echo "== the ten slowest tests"
sed -E 's/^(.*) \.\.\. .*<([0-9.]+)s>$/\2 s  \1/' "$out/times" | sort -rn | head -10
