"""growth.py NAME PROGRAM [NAME PROGRAM]: the measuring part of growth.sh, which says what it measures and how."""
import http.server, json, math, os, pathlib, re, signal, socket, statistics, subprocess, sys, threading, time

RUNS, BOUND = int(os.environ["RUNS"]), float(os.environ["BOUND"])
SIZES = [int(size) for size in os.environ["SIZES"].split()]
LEDGERS, ROOT = pathlib.Path(os.environ["LEDGERS"]), pathlib.Path(os.environ["ROOT"])
FIXTURES, OUTPUT = ROOT / "tests/fixtures", ROOT / "target"
PROGRAMS = dict(zip(sys.argv[1::2], sys.argv[2::2]))
# Seconds after which a command is measured once.
LONG = 5

paid, noti = (json.loads((FIXTURES / name).read_text()) for name in ("urlcert-paid.json", "noti-card.json"))
unpaid = json.loads((FIXTURES / "urlcert-unpaid.json").read_text())


def payment_of(key):
    """What tells one payment from another."""
    return {"ORDERNO": f"ORDER{key[4:]}", "TID": f"T{key[4:]}"}


class Provider(http.server.BaseHTTPRequestHandler):
    """CookiePay: a link `key-NUMBER` for every bill, of which those of bills `PAID…` are paid."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = {"RTN_CD": "0000", "RTN_MSG": "ok", "TOKEN": "opaque"}
        if self.path == "/urlpay/request":
            number = asked["BILL_NO"]
            # Those of fill.rs have their links already.
            key = f"key{int(number[1:]):017}" if re.fullmatch("N[0-9]{9}", number) else f"key-{number}"
            answer = {"RESULTCODE": "0000", "RESULTMSG": "ok", "URLKEY": key, "BILL_NO": number}
            answer["PAYURL"] = f"https://sandbox.cookiepayments.com/pay/{key}"
        elif self.path == "/api/urlcert":
            self.server.asked.set()
            key = asked["URLKEY"]
            answer = {**paid, **payment_of(key)} if key.startswith("key-PAID") else unpaid
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve():
    """A server on a port of its own; `asked` tells that a link was asked after."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.daemon_threads, server.asked = True, threading.Event()
    # A program that is stopped drops its connections.
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


provider = serve()


class TooLong(Exception):
    pass


class Child:
    """A run of the program, stopped at the bound, and what it cost."""

    def __init__(self, program, home, words, **streams):
        self.is_late = False
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [program, "--config", home / "config.toml", "--data-dir", home / "data", *words],
            stdin=subprocess.DEVNULL, env={"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            **{"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **streams})
        self.timer = threading.Timer(BOUND, self.stop)
        self.timer.start()

    def stop(self):
        self.is_late = True
        self.process.kill()

    def end(self, codes):
        """CPU and wall time in milliseconds."""
        said = self.process.stderr.read()
        _, state, usage = os.wait4(self.process.pid, 0)
        wall = time.monotonic() - self.begun
        self.timer.cancel()
        self.process.returncode = code = os.waitstatus_to_exitcode(state)
        if self.is_late:
            raise TooLong
        if code not in codes:
            sys.exit(f"{self.process.args}: exit {code}: {said.decode(errors='replace')}")
        return (usage.ru_utime + usage.ru_stime) * 1000, wall * 1000


class Ledger:
    """The ledger of one program and size, and the commands that are run on it."""

    def __init__(self, name, program, size):
        self.program, self.home = program, LEDGERS / f"{name}-{size}"
        is_new = not (self.home / "filled").exists()
        (self.home / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
        self.configure(provider)
        if is_new:
            self.run(self.send("FIRST"))
            self.run(["status", "--bill-no", "FIRST"], 8)
            subprocess.run([os.environ["FILL"], self.home / "data", str(size)], check=True, stdout=subprocess.DEVNULL)
            (self.home / "filled").touch()
        # A batch of which nothing is open, and payments to be told of.
        self.settled, self.payments = f"settled-{fresh()}", [f"PAID{fresh()}" for _ in range(2 * RUNS + 2)]
        self.run(["send", "--from", self.sheet([f"PAID{fresh()}" for _ in range(3)]), "--batch", self.settled])
        self.run(["status", "--batch", self.settled])
        self.run(["send", "--from", self.sheet(self.payments), "--batch", f"open-{fresh()}"])
        # Bills that may be messaged again: not those that an earlier run has taken just now.
        child = Child(program, self.home, ["list", "--state", "unpaid", "--limit", "300", "-o", "jsonl"],
                      stdout=subprocess.PIPE)
        listed = [json.loads(line) for line in child.process.stdout]
        child.end((0,))
        earlier = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 9 * 3600 - 15 * 60))
        self.old = [bill for bill in listed if bill["outcome"] == "sent" and bill["batch"]
                    and bill["bill_no"][0] == "N" and bill["updated_at"] < earlier]
        if len(self.old) <= RUNS:
            sys.exit(f"{self.home}: too few unpaid bills are left to be messaged again; wait, or remove the directory")
        self.key, self.bill, self.batch = (self.old[-1][field] for field in ("url_key", "bill_no", "batch"))

    def configure(self, server):
        config = self.home / "config.toml"
        config.write_text(f"""default_profile = "shop"
[profiles.shop]
environment = "sandbox"
api_id = "sandbox_shop01"
api_key = "bench-key"
base_url = "http://127.0.0.1:{server.server_port}"
via = "sms"
""")
        config.chmod(0o600)

    def run(self, words, *codes):
        return Child(self.program, self.home, ["-q", *words]).end(codes or (0,))

    def send(self, number):
        return ["send", "--product", noti["PRODUCTNAME"], "--amount", "4500", "--buyer", noti["BUYERNAME"],
                "--phone", phone(), "--bill-no", number]

    def sheet(self, numbers):
        """A sheet of these bills."""
        path = self.home / "rows.jsonl"
        row = {"product": noti["PRODUCTNAME"], "amount": 4500, "buyer": noti["BUYERNAME"]}
        path.write_text("".join(json.dumps({**row, "bill_no": number, "phone": phone()}) + "\n" for number in numbers))
        return path

    def batch_of_100(self):
        rows = self.sheet([f"B{fresh()}" for _ in range(100)])
        return self.run(["send", "--from", rows, "--batch", f"hundred-{fresh()}"])

    def first_question(self):
        """Until the first link is asked after; what follows is as many questions as there are open links."""
        # Questions of a run before this one may still be on their way to another server.
        server = serve()
        self.configure(server)
        child = Child(self.program, self.home, ["-q", "status", "--pending"])
        server.asked.wait(BOUND)
        wall = (time.monotonic() - child.begun) * 1000
        child.process.kill()
        server.shutdown()
        server.server_close()
        self.configure(provider)
        return child.end((-signal.SIGKILL,))[0], wall

    def notification(self):
        number = self.payments.pop()
        return json.dumps({**noti, **payment_of(f"key-{number}"), "SMS_INPUT": f"key-{number}"})

    def verify(self):
        path = self.home / "noti.json"
        path.write_text(self.notification())
        return self.run(["noti", "verify", path])

    def listen(self):
        """From the start until a payment is confirmed."""
        body = self.notification().encode()
        child = Child(self.program, self.home, ["-o", "jsonl", "noti", "listen", "--verify", "--listen", "127.0.0.1:0"],
                      stdout=subprocess.PIPE)
        line = child.process.stdout.readline()
        if not line:
            return child.end((0,))
        host, port, path = re.match("http://([0-9.]+):([0-9]+)(.*)", json.loads(line)["url"]).groups()
        with socket.create_connection((host, int(port))) as post:
            post.sendall(f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
                         f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
            if b" 200 " not in post.recv(4096):
                sys.exit("`noti listen` did not take a notification")
        for line in child.process.stderr:
            if re.search(rb"\bconfirmed", line):
                break
        wall = (time.monotonic() - child.begun) * 1000
        child.process.terminate()
        return child.end((0,))[0], wall

    def commands(self):
        """Every command that reads the ledger, whether it touches one bill or a page, and how it is run."""
        listed = lambda *words: lambda: self.run(["list", "--limit", "20", *words])
        month = ["--since", "2026-10-01", "--until", "2026-10-31"]
        return {
            "send": (True, lambda: self.run(self.send(f"S{fresh()}"))),
            "send, a batch of 100": (True, self.batch_of_100),
            "resend": (True, lambda: self.run(["resend", self.old.pop(0)["bill_no"]])),
            "status of a link": (True, lambda: self.run(["status", self.key], 8)),
            "status of a bill": (True, lambda: self.run(["status", "--bill-no", self.bill], 8)),
            "status --pending, first question": (True, self.first_question),
            "reconcile --batch, none open": (True, lambda: self.run(["reconcile", "--batch", self.settled])),
            "noti verify": (True, self.verify),
            "noti listen --verify": (True, self.listen),
            "noti list": (True, lambda: self.run(["noti", "list", "--limit", "20"])),
            "list --bill-no": (True, lambda: self.run(["list", "--bill-no", self.bill])),
            "list": (True, listed()),
            "list --state unpaid": (True, listed("--state", "unpaid")),
            "list --state error --since": (True, listed("--state", "error", *month)),
            "list --outcome refused": (True, listed("--outcome", "refused")),
            "list --outcome unknown": (True, listed("--outcome", "unknown")),
            "list --outcome linked --state paid": (True, listed("--outcome", "linked", "--state", "paid")),
            "list --outcome refused --state paid": (True, listed("--outcome", "refused", "--state", "paid")),
            "list --batch": (True, listed("--batch", self.batch)),
            "list --batch --state unpaid": (True, listed("--state", "unpaid", "--batch", self.batch)),
            "list --since --until": (True, listed(*month)),
            "list --buyer, none": (False, listed("--buyer", "nobody")),
            "list -o jsonl, all": (False, lambda: self.run(["list", "-o", "jsonl"])),
            "list -o csv, all": (False, lambda: self.run(["list", "-o", "csv"])),
        }


started = int(time.time() * 1000)


def fresh():
    """A number that no bill and no batch has had."""
    global started
    started += 1
    return started


def phone():
    # Those of fill.rs are below 10,000,000.
    return f"010{10_000_000 + fresh() % 90_000_000}"


def measure(commands):
    """The medians of CPU and wall time of each, or `None` where the bound was passed. They take turns, since the
    machine is not always the same."""
    figures = [[] for _ in commands]
    for turn in range(RUNS + 1):
        for place, command in enumerate(commands):
            if turn > 0 and (figures[place] is None or figures[place][0][1] > LONG * 1000):
                continue
            try:
                figures[place].append(command())
            except TooLong:
                figures[place] = None
    # The first does not count, unless it was the only one.
    return [runs and tuple(map(statistics.median, zip(*(runs[1:] or runs)))) for runs in figures]


def load():
    """The load of the last minute."""
    return f"{os.getloadavg()[0]:.2f}"


def machine():
    """The processor, as far as the system tells."""
    try:
        models = re.findall("model name\\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    except OSError:
        models = []
    return f"{os.cpu_count()} processors" + (f" ({models[0]})" if models else "")


def slope(figures):
    """That of the logarithms; `None` where a figure is missing."""
    points = [(math.log(size), math.log(max(figure, 0.01))) for size, figure in zip(SIZES, figures) if figure]
    if len(points) < max(2, len(SIZES)):
        return None
    x, y = (statistics.mean(values) for values in zip(*points))
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)


def milliseconds(figure):
    return f"> {BOUND * 1000:,.0f}" if figure is None else f"{figure:,.1f}" if figure < 1000 else f"{figure:,.0f}"


def table(title, rows, stays):
    """A table in Markdown: a row a command, CPU time at each size, slope, and wall time at the last size."""
    lines = ["| " + " | ".join([title, *(f"{size:,}" for size in SIZES), "slope", "", "wall"]) + " |",
             "|---|" + "---:|" * len(SIZES) + "---:|---|---:|"]
    for name, row in rows.items():
        grows = slope([figures and figures[0] for figures in row])
        verdict = "" if not stays[name] else "met" if grows is not None and grows < 0.1 else "not met"
        cells = [name, *(milliseconds(figures and figures[0]) for figures in row),
                 "" if grows is None else f"{grows:.2f}", verdict, milliseconds(row[-1] and row[-1][1])]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


STYLE = """
svg { --ink: #24292f; --faint: #d8dee4; --before: #9a6700; --after: #0969da; --paper: #ffffff }
@media (prefers-color-scheme: dark) {
  svg { --ink: #e6edf3; --faint: #30363d; --before: #d29922; --after: #58a6ff; --paper: #0d1117 } }
text { fill: var(--ink); font: 10px sans-serif } .title { font-weight: bold } .paper { fill: var(--paper) }
line { stroke: var(--faint) } polyline { fill: none; stroke-width: 2 }
.before { stroke: var(--before) } .after { stroke: var(--after) } .key { stroke-width: 2 }
"""


def draw(results):
    """A small plot a command, all of one scale: bills to the right, milliseconds of CPU time upwards."""
    columns, wide, high, left, right, top, bottom = 4, 230, 150, 52, 14, 28, 24
    every = [figures[0] for rows in results.values() for row in rows.values() for figures in row if figures]
    low, most = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))
    names = list(results["after"])
    width, height = columns * wide, -(-len(names) // columns) * high + 30
    x = lambda size: left + math.log(size / SIZES[0]) / math.log(max(SIZES[-1] / SIZES[0], 2)) * (wide - left - right)
    y = lambda ms: top + (most - math.log10(ms)) / max(most - low, 1) * (high - top - bottom)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
           f"<title>CPU time of each command beside a growing number of bills</title><style>{STYLE}</style>",
           f'<rect class="paper" width="{width}" height="{height}"/>',
           '<text x="10" y="19">CPU time in milliseconds, beside so many bills</text>']
    for place, name in enumerate(reversed(results)):
        out.append(f'<line class="key {name}" x1="{300 + place * 90}" x2="{324 + place * 90}" y1="15" y2="15"/>'
                   f'<text x="{330 + place * 90}" y="19">{name}</text>')
    for place, name in enumerate(names):
        out.append(f'<g transform="translate({place % columns * wide} {place // columns * high + 30})">'
                   f'<text class="title" x="{left}" y="16">{name}</text>')
        for power in range(low, most + 1):
            out.append(f'<line x1="{left}" x2="{wide - right}" y1="{y(10**power):.1f}" y2="{y(10**power):.1f}"/>'
                       f'<text x="{left - 5}" y="{y(10**power) + 3:.1f}" text-anchor="end">{10**power:,g}</text>')
        for size in SIZES:
            short = f"{size // 1_000_000}M" if size >= 1_000_000 else f"{size // 1000}k" if size >= 1000 else size
            out.append(f'<text x="{x(size):.1f}" y="{high - bottom + 14}" text-anchor="middle">{short}</text>')
        for program in reversed(results):
            points = [(x(size), y(figures[0])) for size, figures in zip(SIZES, results[program][name]) if figures]
            points = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
            out.append(f'<polyline class="{program}" points="{points}"/>')
        out.append("</g>")
    return "\n".join(out) + "\n</svg>\n"


results, stays, loads = {program: {} for program in PROGRAMS}, {}, [load()]
ledgers = [Ledger(program, path, size).commands() for program, path in PROGRAMS.items() for size in SIZES]
for name in ledgers[0]:
    stays[name] = ledgers[0][name][0]
    figures = measure([commands[name][1] for commands in ledgers])
    for place, program in enumerate(PROGRAMS):
        results[program][name] = figures[place * len(SIZES):(place + 1) * len(SIZES)]
version = subprocess.run([PROGRAMS["after"], "--version"], capture_output=True, text=True).stdout.strip()
loads.append(load())
told = (f"{version}, {time.strftime('%Y-%m-%d')}; {machine()}; medians of {RUNS} runs;"
        f" load {loads[0]} before, {loads[1]} after")
tables = "\n\n".join(table(f"{name}: CPU, ms", rows, stays) for name, rows in results.items())
text = f"{told}\n\n{tables}\n"
print(text)
(OUTPUT / "growth.md").write_text(text)
(OUTPUT / "growth.svg").write_text(draw(results))
if os.environ.get("RECORD"):
    page = ROOT / "BENCHMARKS.md"
    begin, end = "<!-- growth -->\n", "<!-- /growth -->"
    before, rest = page.read_text().split(begin)
    page.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}")
    (ROOT / "benches/growth.svg").write_text(draw(results))
