#!/usr/bin/env bash
# benches/listen.sh [NOTIFICATIONS [FORGERIES]]: how fast `noti listen` stores and acknowledges, from how little memory
# and how soon after its start, measured with `wrk` as an independent generator over 64 keep-alive connections; then how
# long a genuine notification takes from being posted to being handed on as confirmed while forgeries, each of a link of
# its own, wait for their checks and CookiePay answers after 50 ms.
#
# Each notification is of a payment of its own, so none is a copy. Durability is on as always: a disk that is slow to
# sync is slow here. The generator shares the machine's processors with the receiver, so the rate is a lower bound; the
# load is printed before and after. The exit code is 0 whatever the figures say, and not 0 if one could not be
# measured, or if the store does not hold exactly as many notifications as got their 200.
#
#   NOTIFICATIONS   how many, default 1000000 (they take about 1 GB of disk until the end)
#   FORGERIES       how many, default 100000
#   COOKIEPAY=FILE  the program to measure, default: a release build
#   BENCH_DIR=DIR   where the scratch directory goes, default target/; must be on a disk, since in memory a synced
#                   write costs nothing
set -euo pipefail

notifications=${1:-1000000}
forgeries=${2:-100000}
connections=64
threads=2
root=$(cd "$(dirname "$0")/.." && pwd)

fail() {
    echo "listen.sh: $*" >&2
    exit 1
}

for tool in wrk jq python3 curl; do
    command -v "$tool" >/dev/null || fail "\`$tool\` is not installed"
done
for count in notifications forgeries; do
    [[ ${!count} =~ ^[1-9][0-9]*$ ]] || fail "\`${!count}\` is no number of $count"
    ((count = ${!count} / threads * threads, count > 0)) || fail "fewer than $threads notifications"
done
((notifications = notifications / threads * threads, forgeries = forgeries / threads * threads))

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
cookiepay=
clean_up() {
    for process in $receiver $generator $cookiepay; do
        kill "$process" 2>/dev/null || true
    done
    wait 2>/dev/null || true
    rm -rf "$scratch"
}
trap clean_up EXIT
case $(stat -f -c %T "$scratch") in
    tmpfs | ramfs) fail "\`$scratch\` is in memory; name a directory on a disk with BENCH_DIR" ;;
esac

# Becomes the program, with a data directory and a profile.
become() {
    local data=$1 profile=$2
    shift 2
    exec env -i PATH="$PATH" HOME="$scratch" "$program" --config "$scratch/config.toml" --data-dir "$scratch/$data" \
        --profile "$profile" -q "$@"
}

run() { (become "$@"); }

# Starts something that serves and waits until it says where: `url`, and `process`.
serve() {
    [[ -p $scratch/said ]] || mkfifo "$scratch/said"
    local line
    become "$@" >"$scratch/said" 2>"$scratch/errors" &
    process=$!
    read -r line <"$scratch/said" || fail "it does not start: $(tail -n 3 "$scratch/errors")"
    url=$(jq -er .url <<<"$line")
}

# Starts a receiver, and notes `start_ms` since it was called.
listen() {
    local data=$1 profile=$2 begun=${EPOCHREALTIME/[.,]/}
    shift 2
    serve "$data" "$profile" -o jsonl noti listen --listen 127.0.0.1:0 "$@"
    receiver=$process
    start_ms=$(awk -v us=$((${EPOCHREALTIME/[.,]/} - begun)) 'BEGIN { printf "%.1f", us / 1000 }')
}

# Stops it, which it must survive well.
stop() {
    kill -TERM "$receiver"
    wait "$receiver" || fail "the receiver ended with $?: $(tail -n 3 "$scratch/errors")"
    receiver=
}

# How many notifications are in the store, of those for which this holds.
count() {
    python3 - "$scratch/$1/notifications.db" "${2:-true}" <<'END'
import sqlite3, sys

store = sqlite3.connect(sys.argv[1], timeout=60)
print(store.execute("SELECT count(*) FROM notifications WHERE " + sys.argv[2]).fetchone()[0])
END
}

memory() { awk -v what="$1:" '$1 == what { printf "%.1f", $2 / 1024 }' "/proc/$receiver/status"; }

# Posts so many, each of a payment of its own and of one `link` or a link of its `own`, and leaves the generator's
# figures in `figures`.
load() {
    : >"$scratch/answered"
    wrk --threads "$threads" --connections "$connections" --duration 24h --script "$root/benches/listen.lua" "$url" \
        -- NOTIFICATIONS="$1" LINKS="$2" THREADS="$threads" FIXTURE="$root/tests/fixtures/noti-card.json" \
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

touch "$scratch/config.toml"
echo "$("$program" --version); $(wrk --version 2>&1 | head -n 1 | cut -d ' ' -f 1-2); $(nproc) processors;" \
    "$connections connections, $notifications notifications"
echo "load of the last minute: $(load_average) before"
echo
row what cookiepay budget ""

# The first start makes the ledger; what counts is the start of every day.
listen start local
first_ms=$start_ms
stop
starts=()
for _ in {1..11}; do
    listen start local
    starts+=("$start_ms")
    stop
done
row "start until it listens, ledger to be made" "$first_ms ms" "" ""
budget "start until it listens, median of ${#starts[@]}" ms 50 \
    "$(printf '%s\n' "${starts[@]}" | sort -n | sed -n "$((${#starts[@]} / 2 + 1))p")"

listen load local
idle=$(memory VmRSS)
load "$notifications" one
peak=$(memory VmHWM)
stop
stored=$(figure stored)
rows=$(count load)
budget "stored and acknowledged a second, at least" /s 5000 \
    "$(jq -r '.stored / .seconds | floor' <<<"$figures")" least
row "time until the 200, median" "$(figure p50_ms) ms" "" ""
row "time until the 200, 99th percentile" "$(figure p99_ms) ms" "" ""
row "time until the 200, longest" "$(figure max_ms) ms" "" ""
row "memory before the first" "$idle MiB" "" ""
budget "peak memory after $notifications" MiB 32 "$peak"
row "answered with 200; rows in the store" "$stored" "$rows" "$( ((stored == rows)) && echo same || echo DIFFERENT)"
row "refused; errors of the connection" "$(figure refused)" "$(jq -r .errors <<<"$figures")" ""

# Behind forgeries that wait. CookiePay answers late, and the forgeries' links are none that it knows.
serve flood local -o jsonl emulator serve --listen 127.0.0.1:0 --fault delay=50ms@urlcert
cookiepay=$process
cat >"$scratch/config.toml" <<END
[profiles.shop]
environment = "sandbox"
api_id = "sandbox_shop01"
api_key = "key-1"
pay2_key = "key-2"
base_url = "$url"
END
chmod 600 "$scratch/config.toml"
key=$(run flood shop -o json send --via link --product Coffee --amount 4500 --buyer Kim --phone 01012345678 | jq -er .url_key)
run flood local emulator pay "$key" >/dev/null
genuine=$(run flood shop -o json status "$key" | jq -ce '{API_ID: "sandbox_shop01", ORDERNO: .order_no, AMOUNT: .amount,
    TID: .tid, BUYERNAME: .buyer_name, PRODUCTNAME: .product_name, SMS_INPUT: .url_key}')
listen flood shop --verify --exec sh -c "cat >>'$scratch/handed-on'"
load "$forgeries" own
waiting=$(count flood "verdict IS NULL")
begun=${EPOCHREALTIME/[.,]/}
curl -fsS -o "$scratch/answer" -H 'Content-Type: application/json' -d "$genuine" "$url" || fail "the genuine one is refused"
acknowledged=${EPOCHREALTIME/[.,]/}
until grep -qs '"verdict":"confirmed"' "$scratch/handed-on"; do
    ((${EPOCHREALTIME/[.,]/} - begun < 120000000)) || fail "the genuine one is not handed on"
    sleep 0.01
done
handed_on=${EPOCHREALTIME/[.,]/}
still=$(count flood "verdict IS NULL")
stop
row "forgeries that waited when the genuine one came, and after it" "$waiting" "$still" ""
row "time until the genuine one had its 200" \
    "$(awk -v us=$((acknowledged - begun)) 'BEGIN { printf "%.1f", us / 1000 }') ms" "" ""
budget "time until it was confirmed and handed on" s 2 \
    "$(awk -v us=$((handed_on - begun)) 'BEGIN { printf "%.2f", us / 1000000 }')"
echo
echo "load of the last minute: $(load_average) after"
((stored == rows && stored == notifications)) || fail "$stored of $notifications got a 200, $rows are in the store"
