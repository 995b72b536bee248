#!/usr/bin/env bash
# benches/growth.sh DIR [SIZES]: what each command costs beside 1,000, 10,000, 100,000 and 1,000,000 bills, how that
# grows with their number, and a plot of it.
#
#   DIR     where the ledgers are kept and found again, on a disk; about 1.5 GB a program for 1,000,000 bills
#   SIZES   numbers of bills with blanks between
#
# The ledgers are filled by `benches/fill.rs` after patterns that the program itself has recorded. CookiePay is played
# by a small server of the script, which keeps nothing, so that only the program grows. CPU is user and system time,
# each figure the median of its runs after one that does not count; all sizes take turns. The slope is that of the
# logarithms: 0 does not grow, 1 grows as the bills do. What touches one bill or shows a page must stay below 0.1.
#
#   COOKIEPAY=FILE  the program to measure, default: a release build
#   BEFORE=FILE     an earlier program, to be measured too
#   RUNS=N          runs of each command, default 5; 1 of what takes longer than 5 s
#   BOUND=SECS      after which a command is stopped, default 60
#   RECORD=yes      puts table and plot into BENCHMARKS.md and benches/growth.svg; they go to target/growth.md and
#                   target/growth.svg anyway
#
# Needs python3. The machine is assumed to be noisy; its load is printed before and after. The exit code is 0 whatever
# the figures say, and not 0 if one could not be measured.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)

fail() {
    echo "growth.sh: $*" >&2
    exit 1
}

[[ $# -ge 1 ]] || fail "name a directory for the ledgers"
mkdir -p "$1"
directory=$(realpath "$1")
sizes=${2:-1000 10000 100000 1000000}
command -v python3 >/dev/null || fail "\`python3\` is not installed"
case $(stat -f -c %T "$directory") in
    tmpfs | ramfs) fail "\`$directory\` is in memory, where a synced write costs nothing" ;;
esac
if [[ -z ${COOKIEPAY:-} ]]; then
    (cd "$root" && cargo build --quiet --release --locked)
    COOKIEPAY=$root/target/release/cookiepay
fi
fill=$(cd "$root" && cargo bench --quiet --locked --bench fill --no-run --message-format json |
    python3 -c 'import json, sys
for line in sys.stdin:
    built = json.loads(line)
    if built.get("executable") and built["target"]["name"] == "fill":
        print(built["executable"])')
programs=(after "$(realpath "$COOKIEPAY")")
[[ -z ${BEFORE:-} ]] || programs+=(before "$(realpath "$BEFORE")")

RUNS=${RUNS:-5} BOUND=${BOUND:-60} SIZES=$sizes FILL=$fill ROOT=$root LEDGERS=$directory \
    python3 "$root/benches/growth.py" "${programs[@]}"
