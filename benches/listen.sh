#!/usr/bin/env bash
# benches/listen.sh [NOTIFICATIONS]: how fast `noti listen` stores and acknowledges, from how little memory and how
# soon after its start, measured with `wrk` as an independent generator over 64 keep-alive connections.
#
# Each notification is of a payment of its own, so none is a copy. Durability is on as always: a disk that is slow to
# sync is slow here. The generator shares the machine's processors with the receiver, so the rate is a lower bound; the
# load is printed before and after. The exit code is 0 whatever the figures say, and not 0 if one could not be
# measured, or if the store does not hold exactly as many notifications as got their 200.
#
#   NOTIFICATIONS   how many, default 1000000 (they take about 1 GB of disk until the end)
#   COOKIEPAY=FILE  the program to measure, default: a release build
#   BENCH_DIR=DIR   where the scratch directory goes, default target/; must be on a disk, since in memory a synced
#                   write costs nothing
set -euo pipefail

notifications=${1:-1000000}
connections=64
threads=2
root=$(cd "$(dirname "$0")/.." && pwd)

fail() {
    echo "listen.sh: $*" >&2
    exit 1
}

for tool in wrk jq python3; do
    command -v "$tool" >/dev/null || fail "\`$tool\` is not installed"
done
[[ $notifications =~ ^[1-9][0-9]*$ ]] || fail "\`$notifications\` is no number of notifications"
((notifications = notifications / threads * threads, notifications > 0)) || fail "fewer than $threads notifications"

if [[ -z ${COOKIEPAY:-} ]]; then
    (cd "$root" && cargo build --quiet --release --locked)
    COOKIEPAY=$root/target/release/cookiepay
fi
program=$(realpath "$COOKIEPAY")

parent=${BENCH_DIR:-$root/target}
mkdir -p "$parent"
scratch=$(mktemp -d "$parent/listen.XXXXXX")
receiver=
generator=
clean_up() {
    for process in $receiver $generator; do
        kill "$process" 2>/dev/null || true
    done
    wait 2>/dev/null || true
    rm -rf "$scratch"
}
trap clean_up EXIT
case $(stat -f -c %T "$scratch") in
    tmpfs | ramfs) fail "\`$scratch\` is in memory; name a directory on a disk with BENCH_DIR" ;;
esac

# Starts a receiver and waits until it says where it listens: `url`, and `start_ms` since it was called.
listen() {
    [[ -p $scratch/said ]] || mkfifo "$scratch/said"
    local begun=${EPOCHREALTIME/[.,]/} line
    env -i PATH="$PATH" HOME="$scratch" "$program" --data-dir "$scratch/$1" --profile local -q -o jsonl \
        noti listen --listen 127.0.0.1:0 >"$scratch/said" 2>"$scratch/errors" &
    receiver=$!
    read -r line <"$scratch/said" || fail "the receiver does not start: $(tail -n 3 "$scratch/errors")"
    start_ms=$(awk -v us=$((${EPOCHREALTIME/[.,]/} - begun)) 'BEGIN { printf "%.1f", us / 1000 }')
    url=$(jq -er .url <<<"$line")
}

# Stops it, which it must survive well.
stop() {
    kill -TERM "$receiver"
    wait "$receiver" || fail "the receiver ended with $?: $(tail -n 3 "$scratch/errors")"
    receiver=
}

memory() { awk -v what="$1:" '$1 == what { printf "%.1f", $2 / 1024 }' "/proc/$receiver/status"; }

# Posts so many, each of a payment of its own, and leaves the generator's figures in `figures`.
load() {
    wrk --threads "$threads" --connections "$connections" --duration 24h --script "$root/benches/listen.lua" "$url" \
        -- NOTIFICATIONS="$1" THREADS="$threads" FIXTURE="$root/tests/fixtures/noti-card.json" \
        >"$scratch/figures" 2>"$scratch/answered" &
    generator=$!
    until (($(grep -c answered "$scratch/answered") >= threads)); do
        kill -0 "$generator" 2>/dev/null || fail "the generator: $(cat "$scratch/figures" "$scratch/answered")"
        kill -0 "$receiver" 2>/dev/null || fail "the receiver: $(tail -n 3 "$scratch/errors")"
        sleep 0.1
    done
    kill -INT "$generator"
    wait "$generator" || true
    generator=
    figures=$(sed -n 's/^figures //p' "$scratch/figures")
    [[ -n $figures ]] || fail "the generator: $(cat "$scratch/figures")"
}

figure() { jq -er ".$1" <<<"$figures"; }

row() { printf '%-66s %14s %14s  %s\n' "$@"; }

# A row of a figure and its budget, which it must not be above, or with `least` below.
budget() {
    local name=$1 unit=$2 budget=$3 one=$4
    row "$name" "$one $unit" "$budget $unit" "$(awk -v one="$one" -v budget="$budget" -v least="${5:-}" \
        'BEGIN { print ((least ? one >= budget : one <= budget) ? "met" : "MISSED") }')"
}

load_average() { cut -d ' ' -f 1 /proc/loadavg 2>/dev/null || echo unknown; }

echo "$("$program" --version); $(wrk --version 2>&1 | head -n 1 | cut -d ' ' -f 1-2); $(nproc) processors;" \
    "$connections connections, $notifications notifications"
echo "load of the last minute: $(load_average) before"
echo
row what cookiepay budget ""

# The first start makes the ledger; what counts is the start of every day.
listen start
first_ms=$start_ms
stop
starts=()
for _ in {1..11}; do
    listen start
    starts+=("$start_ms")
    stop
done
row "start until it listens, ledger to be made" "$first_ms ms" "" ""
budget "start until it listens, median of ${#starts[@]}" ms 50 \
    "$(printf '%s\n' "${starts[@]}" | sort -n | sed -n "$((${#starts[@]} / 2 + 1))p")"

listen load
idle=$(memory VmRSS)
load "$notifications"
peak=$(memory VmHWM)
stop
stored=$(figure stored)
rows=$(python3 - "$scratch/load/notifications.db" <<'END'
import sqlite3, sys

print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM notifications").fetchone()[0])
END
)
budget "stored and acknowledged a second, at least" /s 5000 \
    "$(jq -r '.stored / .seconds | floor' <<<"$figures")" least
row "time until the 200, median" "$(figure p50_ms) ms" "" ""
row "time until the 200, 99th percentile" "$(figure p99_ms) ms" "" ""
row "time until the 200, longest" "$(figure max_ms) ms" "" ""
row "memory before the first" "$idle MiB" "" ""
budget "peak memory after $notifications" MiB 32 "$peak"
row "answered with 200; rows in the store" "$stored" "$rows" "$( ((stored == rows)) && echo same || echo DIFFERENT)"
row "refused; errors of the connection" "$(figure refused)" "$(jq -r .errors <<<"$figures")" ""
echo
echo "load of the last minute: $(load_average) after"
((stored == rows && stored == notifications)) || fail "$stored of $notifications got a 200, $rows are in the store"
