#!/usr/bin/env bash
# Measures cookiepay against the tools it replaces, and prints each figure beside its budget.
#
#   benches/compare.sh [RUNS]      RUNS of each short command, default 21
#
# Needs curl, jq, openssl, python3 and, for the peak memory, GNU time. Nothing leaves the machine:
# the other side is `cookiepay emulator serve` behind a certificate of a throwaway authority, and both
# clients verify it against the system's trust store with that authority added.
#
# The machine is assumed to be noisy: the two sides of a ratio take turns, CPU time is user + system
# of the whole process tree, and a figure is the median of its runs. The exit code is 0 whatever the
# figures say, and not 0 if one could not be measured.
#
# The ledger's cost of one send is that of `benches/ledger.rs`: opening a ledger of 10,000 bills,
# intent, outcome and closing, without start and network.
#
# Batches go over HTTPS too, each into a ledger of its own and under a name of its own, so that every row
# is new; the ledger is synced as always, the emulator's own file is not at every bill. Their emulator runs on
# the same processors and needs about as much of them, so rows a second fall when anything else does:
# the load is printed before and after, and a figure taken on a busy machine is a lower bound. The ideal of
# the batch at 50 ms is that of a server without any other cost: 1,000 rows, 16 at a time.
#
#   COOKIEPAY=FILE      the program to measure, default: a release build
#   BENCH_DIR=DIR       where the scratch directory goes, default target/; must be on a disk, since
#                       in memory a synced write costs nothing
#   BENCH_LINES=N       lines of the notification file, default 200000
#   BENCH_LONG_RUNS=N   runs of the commands that take seconds, default 3; the batch of 100,000 rows
#                       runs once
set -euo pipefail

runs=${1:-21}
long_runs=${BENCH_LONG_RUNS:-3}
lines=${BENCH_LINES:-200000}
root=$(cd "$(dirname "$0")/.." && pwd)

fail() {
    echo "compare.sh: $*" >&2
    exit 1
}

for tool in curl jq openssl python3; do
    command -v "$tool" >/dev/null || fail "\`$tool\` is not installed"
done
gnu_time=$(type -P time) && "$gnu_time" -f %M true 2>/dev/null ||
    fail "GNU time is not installed; peak memory cannot be measured"

if [[ -z ${COOKIEPAY:-} ]]; then
    (cd "$root" && cargo build --quiet --release --locked)
    COOKIEPAY=$root/target/release/cookiepay
fi
program=$(realpath "$COOKIEPAY")
ledger_bench=$(cd "$root" && cargo bench --quiet --locked --bench ledger --no-run --message-format json |
    jq -r 'select(.executable != null and .target.name == "ledger").executable')

parent=${BENCH_DIR:-$root/target}
mkdir -p "$parent"
scratch=$(mktemp -d "$parent/compare.XXXXXX")
emulators=()
clean_up() {
    ((${#emulators[@]} == 0)) || kill "${emulators[@]}" 2>/dev/null || true
    rm -rf "$scratch"
}
trap clean_up EXIT
case $(stat -f -c %T "$scratch") in
    tmpfs | ramfs) fail "\`$scratch\` is in memory; name a directory on a disk with BENCH_DIR" ;;
esac

# The system's own store, as curl finds it, before the environment is cleared of it.
bundle=
for candidate in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
    /etc/ssl/cert.pem; do
    [[ -z $bundle && -s $candidate ]] && bundle=$candidate
done
[[ -n $bundle ]] || fail "the system's CA bundle was not found; name it with SSL_CERT_FILE"

# A throwaway authority and a server certificate of it.
make_certificates() {
    local days=(-days 2)
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "${days[@]}" \
        -keyout "$scratch/ca.key" -out "$scratch/ca.pem" -subj "/CN=Throwaway bench authority" \
        -addext "keyUsage=critical,keyCertSign"
    openssl req -newkey rsa:2048 -nodes -keyout "$scratch/server.key" -out "$scratch/server.csr" \
        -subj "/CN=localhost"
    printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' \
        >"$scratch/server.ext"
    openssl x509 -req "${days[@]}" -in "$scratch/server.csr" -extfile "$scratch/server.ext" \
        -CA "$scratch/ca.pem" -CAkey "$scratch/ca.key" -CAcreateserial -out "$scratch/server.pem"
}
make_certificates >"$scratch/openssl.log" 2>&1 || fail "openssl: $(tail -n 3 "$scratch/openssl.log")"
cat "$bundle" "$scratch/ca.pem" >"$scratch/trusted.pem"

# Both sides see this environment and nothing else.
environment=(PATH="$PATH" HOME="$scratch" LC_ALL=C.UTF-8 SSL_CERT_FILE="$scratch/trusted.pem")
clean() { env -i "${environment[@]}" "$@"; }

# Starts an emulator with these options and waits for its port, which becomes `port`.
serve() {
    local name=$1
    shift
    # Not by `clean`: what is put in the background must be the program itself, to be stopped by its number.
    env -i "${environment[@]}" "$program" --data-dir "$scratch/$name" -o jsonl emulator serve \
        --listen 127.0.0.1:0 --tls-certificate "$scratch/server.pem" --tls-key "$scratch/server.key" "$@" \
        >"$scratch/$name.serving" 2>"$scratch/$name.log" &
    emulators+=($!)
    for _ in {1..100}; do
        port=$(jq -r '.url' "$scratch/$name.serving" 2>/dev/null | sed -nE 's#.*:([0-9]+)/?$#\1#p')
        [[ -z $port ]] || return 0
        kill -0 "${emulators[-1]}" 2>/dev/null || fail "the emulator: $(tail -n 3 "$scratch/$name.log")"
        sleep 0.1
    done
    fail "the emulator does not say where it listens"
}
serve emulator
url=https://localhost:$port
serve slow --fault delay=50ms

cat >"$scratch/config.toml" <<END
default_profile = "bench"

[profiles.bench]
environment = "sandbox"
api_id = "sandbox_shop01"
api_key = "bench-key"
base_url = "$url"
via = "sms"

[profiles.slow]
environment = "sandbox"
api_id = "sandbox_shop01"
api_key = "bench-key"
base_url = "https://localhost:$port"
via = "sms"
END
chmod 600 "$scratch/config.toml"
ours=("$program" --config "$scratch/config.toml" --data-dir "$scratch/data" -o json)

# `{i}` is another number in every run: a bill of its own, a customer of its own.
send=("${ours[@]}" send --product 아메리카노 --amount 4500 --buyer 홍길동 --phone '0101{i}' --bill-no 'OURS{i}')
curl=(curl -sS --fail --cacert "$scratch/trusted.pem")
curl_send=("${curl[@]}" -H 'Content-Type: application/json' -H 'ApiKey: bench-key' -d '{"API_ID": "sandbox_shop01", "PRODUCTNAME": "아메리카노", "AMOUNT": "4500", "BUYERNAME": "홍길동", "BUYERHP": "0102{i}", "BILL_NO": "CURL{i}", "REQ_TYPE": "SMS"}'
    -X POST "$url/urlpay/request")

# The manual's sample: a token, then the question, each read with jq.
key=$(clean "${send[@]//\{i\}/9999999}" | jq -er .url_key) || fail "the emulator refuses a send"
cat >"$scratch/manual.sh" <<END
TOKEN=\$(curl -sS --fail --cacert "$scratch/trusted.pem" -H 'Content-Type: application/json' \\
    -d '{"pay2_id": "sandbox_shop01", "pay2_key": "bench-key"}' -X POST "$url/payAuth/token" | jq -er .TOKEN)
curl -sS --fail --cacert "$scratch/trusted.pem" -H 'Content-Type: application/json' -H "TOKEN: \$TOKEN" \\
    -d '{"URLKEY": "$key"}' -X POST "$url/api/urlcert" | jq -e .
END
status=("${ours[@]}" status "$key")

# Both must refuse the server where the authority is not trusted, or they did not do the same work.
if clean SSL_CERT_FILE="$bundle" "${send[@]//\{i\}/9999998}" >/dev/null 2>&1; then
    fail "cookiepay accepts a certificate of an unknown authority"
fi
if clean "${curl_send[@]//"$scratch/trusted.pem"/"$bundle"}" >/dev/null 2>&1; then
    fail "curl accepts a certificate of an unknown authority"
fi

# Notifications as CookiePay posts them: mostly cards, some with fields the reference does not name.
python3 - "$root/tests/fixtures" "$lines" >"$scratch/notifications.jsonl" <<'END'
import json, pathlib, sys

folder, lines = pathlib.Path(sys.argv[1]), int(sys.argv[2])
kinds = ["card"] * 12 + ["undocumented-fields"] * 4 + ["deposit"] * 2 + ["cancel", "failure"]
texts = [(folder / f"noti-{kind}.json").read_text().strip() for kind in kinds]
order = json.loads(texts[0])["ORDERNO"]
for number in range(lines):
    print(texts[number % len(texts)].replace(order, f"{order[:-8]}{number:08}"))
END
# Sheets: a customer a row.
for rows in 1000 10000 100000; do
    seq -f '아메리카노,4500,홍길동,010%08.0f' "$rows" | sed '1i 상품명,결제금액,고객명,휴대폰번호' >"$scratch/$rows.csv"
done
# `{i}` is a ledger and a name of its own in every run.
from=("$program" --config "$scratch/config.toml" -q -o jsonl send --concurrency 16 --batch '{i}')
new=(--data-dir "$scratch/batch-{i}")
kept=(--config "$scratch/config.toml" --data-dir "$scratch/kept" -q -o jsonl)

# For the memory only: through a pipe, since a file of all lines would be needless gigabytes.
parse_many='for _ in $(seq "$2"); do cat "$1"; done | "$0" noti parse -o jsonl -'
head -n $((lines / 10)) "$scratch/notifications.jsonl" >"$scratch/few.jsonl"

cat >"$scratch/measure.py" <<'END'
"""measure.py WHAT RUNS EXIT COMMAND… [-- COMMAND…]: the medians of the commands, which take turns.

WHAT is cpu (ms), wall (ms) or peak (KiB); EXIT are the exit codes of the first command that are no
failure, with commas between. Standard input is passed on to each run if it is a file.
"""
import itertools, os, statistics, subprocess, sys, time

what, runs, expected, *rest = sys.argv[1:]
sides = [list(group) for is_mark, group in itertools.groupby(rest, lambda word: word == "--") if not is_mark]
number = itertools.count(int(time.time() * 100) % 9_000_000 + 1_000_000)
peak_file = os.environ.pop("PEAK_FILE")
gnu_time = os.environ.pop("GNU_TIME")


def run(side, command):
    command = [word.replace("{i}", str(next(number))[-7:]) if "{i}" in word else word for word in command]
    if what == "peak":
        # A process begins with the peak of its parent, and this one's is larger than some that are measured.
        command = [gnu_time, "-q", "-f", "%M", "-o", peak_file, *command]
    started = time.monotonic()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read()
    _, state, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(state)
    wall = (time.monotonic() - started) * 1000
    allowed = {int(code) for code in expected.split(",")} if side == 0 else {0}
    if child.returncode not in allowed:
        sys.exit(f"{command}: exit {child.returncode}: {said.decode(errors='replace')}")
    if what == "peak":
        with open(peak_file) as file:
            return float(file.read().split()[-1])
    return wall if what == "wall" else (usage.ru_utime + usage.ru_stime) * 1000


for side, command in enumerate(sides):
    if os.environ.get("WARM") != "no":
        run(side, command)  # warms the caches, and the token's
figures = [[] for _ in sides]
for _ in range(int(runs)):
    for side, command in enumerate(sides):
        figures[side].append(run(side, command))
print(*(f"{statistics.median(figure):.3f}" for figure in figures))
END

measure() { clean WARM="${WARM:-}" PEAK_FILE="$scratch/peak" GNU_TIME="$gnu_time" python3 "$scratch/measure.py" "$@"; }

row() { printf '%-58s %12s %12s %8s %8s  %s\n' "$@"; }

# A row of a ratio: name, unit, decimals, budget, and the two figures.
ratio() {
    local name=$1 unit=$2 budget=$3 one=$4 other=$5
    read -r one other share verdict < <(awk -v one="$one" -v other="$other" -v budget="$budget" -v unit="$unit" '
        BEGIN { if (unit == "MiB") { one /= 1024; other /= 1024 }
                share = one / other; printf "%.1f %.1f %.2f %s\n", one, other, share, (share <= budget ? "met" : "MISSED") }')
    row "$name" "$one $unit" "$other $unit" "$share" "$budget" "$verdict"
}

# A row of a figure that has a budget of its own, which it must not be above, or with `least` below.
absolute() {
    local name=$1 unit=$2 budget=$3 one=$4
    row "$name" "$one $unit" "" "" "$budget $unit" \
        "$(awk -v one="$one" -v budget="$budget" -v least="${5:-}" 'BEGIN {
            print ((least ? one >= budget : one <= budget) ? "met" : "MISSED") }')"
}

echo "$("$program" --version); $(curl --version | head -n 1 | cut -d ' ' -f 1-2); $(jq --version);" \
    "$(grep -c BEGIN "$scratch/trusted.pem") trusted certificates; $(nproc) processors;" \
    "medians of $runs runs, of what takes seconds $long_runs, of 100,000 rows one"
load() { cut -d ' ' -f 1 /proc/loadavg 2>/dev/null || echo unknown; }
echo "load of the last minute: $(load) before"
echo
row what cookiepay other ratio budget ""

read -r one other < <(measure cpu $((runs * 3)) 0 "$program" --version -- curl --version)
ratio "start: --version, CPU, against curl --version" ms 0.35 "$one" "$other"
read -r one other < <(measure cpu "$runs" 0 "${send[@]}" -- "${curl_send[@]}")
ratio "send over HTTPS with the ledger, CPU, against curl" ms 0.5 "$one" "$other"
read -r one other < <(measure peak "$runs" 0 "${send[@]}" -- "${curl_send[@]}")
ratio "the same, peak memory" MiB 1.3 "$one" "$other"
read -r one other < <(measure cpu "$runs" 0,8 "${status[@]}" -- sh "$scratch/manual.sh")
ratio "status, cached token, CPU, against 2 curl + 2 jq" ms 0.25 "$one" "$other"
read -r one other < <(measure cpu "$long_runs" 0 "$program" noti parse -o jsonl "$scratch/notifications.jsonl" \
    -- jq -c . "$scratch/notifications.jsonl")
ratio "noti parse -o jsonl of $lines lines, CPU, against jq -c ." ms 0.15 "$one" "$other"
read -r one other < <(measure peak "$long_runs" 0 sh -c "$parse_many" "$program" "$scratch/notifications.jsonl" 10 \
    -- sh -c "$parse_many" "$program" "$scratch/few.jsonl" 1)
ratio "its peak memory, $((lines * 10)) lines against $((lines / 10))" MiB 1.1 "$one" "$other"
read -r one sync < <("$ledger_bench" "$scratch" "$((runs * 3))")
absolute "ledger of one send, wall (a bare write and fsync: $sync ms)" ms 10 "$one"
absolute "the program's size" MB 12 "$(awk -v bytes="$(stat -c %s "$program")" 'BEGIN { printf "%.1f", bytes / 1e6 }')"

read -r one < <(measure wall "$long_runs" 0 "${from[@]}" "${new[@]}" --profile slow --from "$scratch/1000.csv")
ratio "batch of 1,000 rows at 50 ms, 16 at once, against the ideal" ms 1.15 "$one" $((1000 * 50 / 16))
read -r one < <(measure wall "$long_runs" 0 "${from[@]}" "${new[@]}" --from "$scratch/10000.csv")
absolute "batch of 10,000 rows, no latency, rows a second, at least" /s 1500 \
    "$(awk -v ms="$one" 'BEGIN { printf "%.0f", 10000 / ms * 1000 }')" least
read -r one other < <(WARM=no measure peak 1 0 "${from[@]}" --data-dir "$scratch/kept" --from "$scratch/100000.csv" \
    -- "${from[@]}" "${new[@]}" --from "$scratch/1000.csv")
ratio "batch, peak memory, 100,000 rows against 1,000" MiB 2 "$one" "$other"
# What is measured must have happened: every row sent, and recorded as sent.
sent=$(clean "$program" "${kept[@]}" list --outcome sent | wc -l)
((sent == 100000)) || fail "the batch of 100,000 rows has sent $sent"
read -r one < <(measure cpu "$long_runs" 0 "$program" "${kept[@]}" list)
absolute "list -o jsonl of 100,000 bills, CPU" ms 1000 "$one"
again=("$program" --config "$scratch/config.toml" --data-dir "$scratch/again" -q -o jsonl send --from "$scratch/10000.csv")
read -r one < <(measure wall "$long_runs" 0 "${again[@]}")
absolute "batch of 10,000 rows with nothing left to send, wall" ms 1000 "$one"
echo
echo "load of the last minute: $(load) after"
