#!/usr/bin/env python3
"""Side-by-side measurement of WebSocket market-data clients and fan-out servers.

  bench.py client [--n 200000] [--runs 5] [--workload plain|shuffled] [--gap-ms N] [--only a,b] [--add NAME=CMD]... [--out FILE]
  bench.py ttt    [--rate 2000] [--n 20000] [--runs 5] [--sittings 1] [--only ...] [--add ...]
  bench.py tls    [--n 1000000] [--runs 5] [--add ...]      as client, plain and behind stunnel4 (core 0)
  bench.py floor  [--n 1000000] [--runs 5]
  bench.py fanout [--subs 100,1000,5000] [--window 1,16] [--runs 5] [--only ...] [--add NAME=CMD]...
  bench.py idle   [--subs 10000] [--tls] [--only ...] [--add ...]
  bench.py json   [--n 200000] [--runs 5] [--workload plain|shuffled] [--only ...] [--add NAME=CMD]...
  bench.py kernel [--runs 5] [--only ...] [--add NAME=CMD]...
  bench.py safetynet [--runs 5] [--seconds 20] [--only idle,stopped,through,http] --add NAME=OUTCRY --ingest FANOUT

Plugging in one more program:
  client: CMD is run as   CMD ws://127.0.0.1:PORT/ COUNT        (ttt: CMD URL COUNT ttt)
          it connects, receives COUNT text messages, keeps the book, sends the text "done",
          prints {"count":COUNT,"checksum":"<sha256>"} and exits (checksum: see gen_workload.py).
          In ttt mode it answers each best-ask change with an order and exits 0 when the server closes.
  server: CMD is run as   CMD PORT ; it prints READY (stdout or stderr) when listening on 127.0.0.1:PORT.
          Text received on /pub is broadcast, unchanged, to every connection on /sub.
          idle --tls runs each CMD of --add once more, as   CMD PORT CHAIN.pem KEY.pem   , and connects by TLS.
  json:   CMD is run as   CMD FILE COUNT PASSES ; it parses the first COUNT lines PASSES times and prints
          {"ns_per_msg":best of the passes,"check":"<sum>"}.
  kernel: CMD is run as it stands; it prints one JSON line of nanoseconds an event: ping_ns (or ping64_ns), batch_ns,
          call_ns, timer_set_ns, null for what it cannot express, and whatever else it measures (saved as it is).

--workload shuffled reads work-shuffled.jsonl (shuffle_workload.py). --gap-ms is blast's: milliseconds between the 101
response and the first frame; 0 puts frames into the same read as the 101. What a client prints beside count and
checksum is saved with its row, under "program".

Every run pins the load (blast/swarm) to core 0 and the program under test to core 1 and takes the
program's user+sys time from wait4 (clients) or /proc/PID/task/*/schedstat (servers).  Runs alternate:
each round visits every peer once, odd rounds in reverse order.
"""
import argparse, json, os, shlex, socket, statistics, subprocess, sys, tempfile, time

H = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get("ROOT", os.path.join(os.environ.get("TMPDIR", "/tmp"), "outcry-bench"))   # build products, data, results
B = ROOT + "/build"
PY = B + "/venv/bin/python"
DATA = ROOT + "/data/work.jsonl"                           # work-shuffled.jsonl with --workload shuffled

CLIENTS = {  # name: (command, scale of the message count: slow peers get a shorter prefix)
    "floor: C++ raw socket + simdjson, by hand": (f"{B}/floor", 1),
    "Beast + simdjson": (f"{B}/beast", 1),
    "Beast over buffered_read_stream + simdjson": (f"{B}/beast_buf", 1),
    "Swift NIO + JSONDecoder": (f"{B}/swift/.build/release/nio-client", 1),
    "Swift NIO + JSONSerialization": (f"{B}/swift/.build/release/nio-client --serialization", 1),
    # URLSessionWebSocketTask: builds, but fails at run time here ("WebSockets not supported by libcurl")
    "Node built-in WebSocket": (f"node --experimental-websocket {H}/clients/node_builtin.js", 1),
    "picows + orjson (uvloop)": (f"{PY} {H}/clients/py_picows.py", 1),
    "aiohttp + orjson (uvloop)": (f"{PY} {H}/clients/py_aiohttp.py", 1),
    "websockets + orjson (asyncio)": (f"{PY} {H}/clients/py_websockets.py", 1),
    "websocket-client + orjson": (f"{PY} {H}/clients/py_wsclient.py --orjson", 1),
    "websocket-client + json": (f"{PY} {H}/clients/py_wsclient.py", 1),
    "Perl POE + Protocol::WebSocket + JSON::XS": (f"perl {H}/clients/poe.pl", 1),
}
SERVERS = {
    "floor: C, one epoll loop, by hand": f"{B}/floor_server",
    "Python websockets": f"{PY} {H}/servers/py_websockets_server.py",
    "Python picows": f"{PY} {H}/servers/py_picows_server.py",
    "Swift NIO": f"{B}/swift/.build/release/nio-server",
    "Swift NIO, flush once per read cycle": f"{B}/swift/.build/release/nio-server --coalesce",
}
JSONS = {
    "simdjson On-Demand": f"{B}/json_simd",
    "simdjson DOM": f"{B}/json_simd_dom",
    "orjson": f"{PY} {H}/json/py_json.py --orjson",
    "Python json": f"{PY} {H}/json/py_json.py",
    "JSON.parse (Node 20)": f"node {H}/json/node_json.js",
    "Swift JSONDecoder": f"{B}/swift/.build/release/json-bench --decoder",
    "Swift JSONSerialization": f"{B}/swift/.build/release/json-bench --serialization",
    "Perl JSON::XS": f"perl {H}/json/json_xs.pl",
}
KERNELS = {
    "POE: post between two sessions": f"perl {H}/kernel/poe.pl",
    "asyncio: call_soon": f"{PY} {H}/kernel/loop.py",
    "uvloop: call_soon": f"{PY} {H}/kernel/loop.py --uvloop",
    "Node: setImmediate, EventEmitter": f"node {H}/kernel/loop.js",
}


def pin(core):
    return lambda: os.sched_setaffinity(0, {core})


def have(cmd):
    for w in shlex.split(cmd):
        if w.startswith("/") and not os.path.exists(w):
            return False
    return True


def pick(table, args):
    t = {k: (v if isinstance(v, tuple) else (v, 1)) for k, v in table.items()}
    for a in args.add or []:
        name, _, cmd = a.partition("=")
        t[name] = (cmd, 1)
    if args.only:
        keys = args.only.split(",")
        t = {k: v for k, v in t.items() if any(x.lower() in k.lower() for x in keys)}
    out = {}
    for k, v in t.items():
        if have(v[0]):
            out[k] = v
        else:
            print(f"# not built, left out: {k}", file=sys.stderr)
    return out


def rounds(names, runs):
    for r in range(runs):
        for n in (names if r % 2 == 0 else list(reversed(names))):
            yield r, n


def med(xs):
    return statistics.median(xs)


def free_port():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    p = s.getsockname()[1]
    s.close()
    return p


class Usage:
    """what runner.c reports, under getrusage's names"""

    def __init__(self, text=""):
        d = json.loads(text) if text.strip() else {"status": -1, "user": 0, "sys": 0, "rss_mib": 0, "invol": 0}
        self.status, self.ru_utime, self.ru_stime = d["status"], d["user"], d["sys"]
        self.rss_mib, self.ru_nivcsw = d["rss_mib"], d["invol"]


def run_pinned(argv, core, limit):
    """(stdout, stderr, Usage) of argv on one core"""
    r, w = os.pipe()
    def setup():
        os.dup2(w, 3)
    p = subprocess.Popen([f"{B}/runner", str(core)] + argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         preexec_fn=setup, close_fds=False)
    os.close(w)
    try:
        out, err = p.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        p.terminate()
        out, err = p.communicate()
    with os.fdopen(r) as f:
        return out.decode(), err.decode(), Usage(f.read())


def wait_ready(proc, stream):
    line = stream.readline()
    if b"READY" not in line:
        raise RuntimeError(f"server did not start: {line!r}")


def cpu_ticks():
    f = [int(x) for x in open("/proc/stat").readline().split()[1:9]]
    return sum(f), f[3] + f[4]                             # all, idle + iowait


def quiet(limit=3, busy=0.25):
    """Other work shares this machine: wait (bounded) until both cores were mostly idle for 0.2 s."""
    end = time.time() + limit
    while time.time() < end:
        a = cpu_ticks()
        time.sleep(0.2)
        b = cpu_ticks()
        if 1 - (b[1] - a[1]) / max(1, b[0] - a[0]) <= busy:
            return True
    return False


GAP = []                                                   # --gap-ms, for blast


def client_once(cmd, blast_args, client_args, limit=180, tunnel=None):
    quiet()
    port = free_port()
    front = None
    srv = subprocess.Popen([f"{B}/blast", "--port", str(port)] + GAP + blast_args, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, preexec_fn=pin(0))
    try:
        wait_ready(srv, srv.stderr)
        scheme = "ws"
        if tunnel:
            scheme, (front, port) = "wss", tunnel.before(port)
        out, err, ru = run_pinned(shlex.split(cmd) + [f"{scheme}://127.0.0.1:{port}/"] + client_args, 1, limit)
        st = ru.status
        if st != 0:
            srv.kill()                                     # the client failed: do not wait for its answer
        srv_out = srv.communicate(timeout=15)[0].decode()
    except subprocess.TimeoutExpired:
        srv_out = ""
    finally:
        for p in (srv, front):
            if p and p.poll() is None:
                p.kill()
                p.wait()
    res = json.loads(srv_out) if srv_out.strip() else {}
    got = {}
    for line in out.splitlines():
        if line.startswith("{"):
            got = json.loads(line)
    return res, got, ru, st, err


def sums(path=None):
    return {int(a): b for a, b in (l.split() for l in open((path or DATA).replace(".jsonl", ".sums")))}


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "|".join("---" if i == 0 else "---:" for i in range(len(head))) + "|")
    for r in rows:
        print("| " + " | ".join(str(c) for c in r) + " |")
    print(flush=True)


def save(args, kind, raw):
    os.makedirs(ROOT + "/results", exist_ok=True)
    path = args.out or f"{ROOT}/results/{kind}-{time.strftime('%H%M%S')}.json"
    json.dump({"argv": sys.argv[1:], "kind": kind, "workload": args.workload, "load": os.getloadavg(), "rows": raw}, open(path, "w"), indent=1)
    print(f"raw: {path}; load average {os.getloadavg()[0]:.2f}\n", flush=True)


def span(xs, fmt="{:.2f}"):
    return f"{fmt.format(med(xs))} ({fmt.format(min(xs))}–{fmt.format(max(xs))})"


def do_client(args):
    peers = pick(CLIENTS, args)
    good = sums()
    raw = {k: [] for k in peers}
    start = {}
    for k, (cmd, _) in peers.items():                       # start-up cost: 100 messages
        res, got, ru, st, err = client_once(cmd, ["--file", DATA, "--count", "100"], ["100"])
        if got.get("checksum") != good[100]:
            print(f"# {k}: WRONG on 100 messages: {got} {err[-300:]}", file=sys.stderr)
        start[k] = ru.ru_utime + ru.ru_stime
    for r, k in rounds(list(peers), args.runs):
        cmd, scale = peers[k]
        n = int(args.n * scale)
        res, got, ru, st, err = client_once(cmd, ["--file", DATA, "--count", str(n)], [str(n)])
        ok = got.get("checksum") == good[n] and got.get("count") == n and res
        cpu = ru.ru_utime + ru.ru_stime
        row = dict(ok=bool(ok), n=n, rate=n / res["seconds"] if res else 0, cpu_us=cpu / n * 1e6,
                   net_us=(cpu - start[k]) / n * 1e6, rss=ru.rss_mib, user=ru.ru_utime, sys=ru.ru_stime,
                   invol=ru.ru_nivcsw, start_ms=start[k] * 1000,
                   program={f: v for f, v in got.items() if f not in ("count", "checksum")})
        raw[k].append(row)
        print(f"# {r} {k}: {row['rate']:.0f}/s {row['cpu_us']:.3f} us net {row['net_us']:.3f} {row['rss']:.0f} MiB ok={row['ok']} {'' if ok else err[-300:]}",
              file=sys.stderr, flush=True)
    best = min((med([x["net_us"] for x in v]) for v in raw.values() if all(x["ok"] for x in v)), default=float("nan"))
    rows = []
    for k, v in sorted(raw.items(), key=lambda kv: med([x["net_us"] for x in kv[1]])):
        rows.append([k, f"{v[0]['n']:,}", span([x["rate"] / 1000 for x in v], "{:.1f}"), span([x["cpu_us"] for x in v], "{:.3f}"),
                     span([x["net_us"] for x in v], "{:.3f}"), f"{med([x['user']/(x['user']+x['sys']) for x in v])*100:.0f} %",
                     f"{med([x['rss'] for x in v]):.1f}", f"{v[0]['start_ms']:.0f}",
                     f"{med([x['net_us'] for x in v])/best:.2f}", "yes" if all(x["ok"] for x in v) else "NO"])
    table(["client", "messages", "k msgs/s", "CPU µs/msg, all", "CPU µs/msg, less start-up", "user share", "peak RSS MiB", "start-up ms CPU", "ratio", "book equal"], rows)
    save(args, "client", raw)


class Stunnel:
    """TLS in front of a port, on core 0: a certificate of a day for 127.0.0.1, by an authority made for the run"""

    def __init__(self):
        self.dir = tempfile.TemporaryDirectory()
        d = self.authority = self.dir.name
        new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
        for extra in (["-keyout", f"{d}/ca.key", "-out", f"{d}/ca.pem", "-subj", "/CN=bench"],
                      ["-keyout", f"{d}/key.pem", "-out", f"{d}/cert.pem", "-subj", "/CN=blast", "-CA", f"{d}/ca.pem", "-CAkey", f"{d}/ca.key",
                       "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]):
            subprocess.run(new + extra, check=True, stderr=subprocess.DEVNULL)
        self.authority = f"{d}/ca.pem"

    def before(self, target):
        """starts it; (process, port)"""
        port, d = free_port(), self.dir.name
        with open(f"{d}/conf", "w") as f:
            f.write(f"foreground=yes\npid=\nsyslog=no\n[blast]\naccept=127.0.0.1:{port}\nconnect=127.0.0.1:{target}\ncert={d}/cert.pem\n"
                    f"key={d}/key.pem\nsocket=l:TCP_NODELAY=1\nsocket=r:TCP_NODELAY=1\n")
        proc = subprocess.Popen(["stunnel4", f"{d}/conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=pin(0))
        for _ in range(100):
            time.sleep(0.02)
            listening = open("/proc/net/tcp").read()
            if f"0100007F:{port:04X} 00000000:0000 0A" in listening:
                return proc, port
        proc.kill()
        raise RuntimeError("stunnel4 does not listen")


def do_tls(args):
    """what TLS adds to a message, ours against the floor's"""
    floor = "floor: C++ raw socket + simdjson, by hand"
    peers = {floor: (f"{B}/floor", None), "floor_tls": (f"{B}/floor_tls", floor),
             "floor_tls, READ_AHEAD=1": (f"env READ_AHEAD=1 {B}/floor_tls", floor)}
    for a in args.add or []:
        name, _, cmd = a.partition("=")
        peers |= {name: (cmd, None), name + ", TLS": (cmd, name)}
    good, raw, start, tunnel = sums(), {k: [] for k in peers}, {}, Stunnel()
    os.environ["SSL_CERT_FILE"] = tunnel.authority

    def once(k, n):
        cmd, plain = peers[k]
        return client_once(cmd, ["--file", DATA, "--count", str(n)], [str(n)], tunnel=tunnel if plain else None)

    for k in peers:
        res, got, ru, st, err = once(k, 100)
        start[k] = ru.ru_utime + ru.ru_stime
    for r, k in rounds(list(peers), args.runs):
        res, got, ru, st, err = once(k, args.n)
        cpu = ru.ru_utime + ru.ru_stime
        ok = got.get("checksum") == good[args.n] and got.get("count") == args.n
        raw[k].append(dict(ok=ok, cpu_us=cpu / args.n * 1e6, net_us=(cpu - start[k]) / args.n * 1e6, rss=ru.rss_mib,
                           rate=args.n / res["seconds"] if res else 0))
        print(f"# {r} {k}: {raw[k][-1]} {'' if ok else err[-300:]}", file=sys.stderr, flush=True)

    def net(k):
        return med([x["net_us"] for x in raw[k]])

    best = min(net(k) - net(floor) for k in peers if k.startswith("floor_tls"))
    rows = []
    for k, (cmd, plain) in peers.items():
        v = raw[k]
        more = "" if plain is None else f"{net(k) - net(plain):.3f}"
        share = "" if plain is None else f"{(net(k) - net(plain)) / best:.2f}"
        rows.append([k, span([x["rate"] / 1000 for x in v], "{:.0f}"), span([x["net_us"] for x in v], "{:.3f}"), more, share,
                     f"{med([x['rss'] for x in v]):.1f}", "yes" if all(x["ok"] for x in v) else "NO"])
    table(["client", "k msgs/s", "CPU µs/msg, less start-up", "of that TLS", "x the floor's", "peak RSS MiB", "book equal"], rows)
    save(args, "tls", raw)


def do_floor(args):
    n = args.n
    raw = {}
    nbytes = None
    for r in range(args.runs):
        steps = ["recv", "frames", "json", "book", "shape", "Swift NIO, frames only"]
        if not os.path.exists(f"{B}/swift/.build/release/nio-client"):
            steps.pop()
        for mode in steps:
            cmd = f"{B}/floor"
            if mode.startswith("Swift"):
                cmd, a = f"{B}/swift/.build/release/nio-client --frames", [str(n)]
            elif mode == "recv":
                if nbytes is None:
                    res, *_ = client_once(f"{B}/floor", ["--file", DATA, "--count", str(n)], [str(n), "frames"])
                    nbytes = res["bytes"]
                a = [str(nbytes), "recv"]
            else:
                a = [str(n), mode]
            res, got, ru, st, err = client_once(cmd, ["--file", DATA, "--count", str(n)], a)
            cpu = ru.ru_utime + ru.ru_stime
            raw.setdefault(mode, []).append(dict(cpu_ns=cpu / n * 1e9, user_ns=ru.ru_utime / n * 1e9, sys_ns=ru.ru_stime / n * 1e9,
                                                 wall_ns=res["seconds"] / n * 1e9, rss=ru.rss_mib))
    table(["floor step", "CPU ns/msg", "user ns", "sys ns", "wall ns/msg", "M msgs/s"],
          [[k, span([x["cpu_ns"] for x in v], "{:.0f}"), f"{med([x['user_ns'] for x in v]):.0f}", f"{med([x['sys_ns'] for x in v]):.0f}",
            span([x["wall_ns"] for x in v], "{:.0f}"), f"{1000/med([x['wall_ns'] for x in v]):.2f}"] for k, v in raw.items()])
    save(args, "floor", raw)


def one_round(sittings):
    """counts are added up; times are the medians"""
    return {k: v if isinstance(v, str) else (sum if isinstance(v, int) else med)([x[k] for x in sittings]) for k, v in sittings[0].items()}


def do_ttt(args):
    peers = pick({**CLIENTS, "floor, busy-polling (SPIN=1)": (f"env SPIN=1 {B}/floor", 1)}, args)
    raw = {k: [] for k in peers}
    n = args.n // args.sittings
    for r, k in rounds(list(peers), args.runs * args.sittings):
        cmd, _ = peers[k]
        extra = [str(n), "ttt"]
        res, got, ru, st, err = client_once(cmd, ["--ttt", str(args.rate), "--count", str(n)], extra)
        if res:
            res["cpu_us"] = (ru.ru_utime + ru.ru_stime) / n * 1e6
            raw[k].append(res)
        print(f"# {r} {k}: {res} {err[-300:] if not res else ''}", file=sys.stderr, flush=True)
    raw = {k: [one_round(v[i:i + args.sittings]) for i in range(0, len(v), args.sittings)] for k, v in raw.items()}
    rows = []
    for k, v in sorted(raw.items(), key=lambda kv: med([x["p50_us"] for x in kv[1]]) if kv[1] else 1e9):
        if not v:
            rows.append([k] + ["-"] * 7)
            continue
        ok = all(x["answered"] == x["expected"] and x["wrong"] == 0 and x["unexpected"] == 0 for x in v)
        rows.append([k, span([x["p50_us"] for x in v], "{:.1f}"), span([x["p90_us"] for x in v], "{:.1f}"), span([x["p99_us"] for x in v], "{:.1f}"),
                     span([x["p999_us"] for x in v], "{:.0f}"), f"{med([x['max_us'] for x in v]):.0f}", f"{med([x['cpu_us'] for x in v]):.2f}", "yes" if ok else "NO"])
    table(["client", "p50 µs", "p90 µs", "p99 µs", "p99.9 µs", "max µs", "CPU µs/msg", "answers right"], rows)
    save(args, f"ttt{int(args.rate)}", raw)


def with_server(cmd, body, more=()):
    quiet()
    port = free_port()
    srv = subprocess.Popen(shlex.split(cmd) + [str(port), *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=pin(1))
    try:
        wait_ready(srv, srv.stdout)
        return body(port, srv.pid)
    finally:
        srv.terminate()
        try:
            srv.wait(5)
        except subprocess.TimeoutExpired:
            srv.kill()
            srv.wait()


def swarm(port, pid, *a, program="swarm"):
    p = subprocess.run([f"{B}/{program}", "--port", str(port), "--pid", str(pid), *map(str, a)], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, preexec_fn=pin(0), timeout=170)
    if p.returncode:
        raise RuntimeError(p.stderr.decode()[-300:])
    return json.loads(p.stdout)


def do_fanout(args):
    peers = pick(SERVERS, args)
    raw = {}
    for subs in map(int, args.subs.split(",")):
        for win in map(int, args.window.split(",")):
            names = list(peers)
            for r, k in rounds(names, args.runs):
                msgs = max(64, args.deliveries // subs)
                try:
                    res = with_server(peers[k][0], lambda port, pid: swarm(port, pid, "--subs", subs, "--msgs", msgs, "--window", win))
                    raw.setdefault(f"{subs}|{win}|{k}", []).append(res)
                    print(f"# {r} {subs} {win} {k}: {res}", file=sys.stderr, flush=True)
                except Exception as e:
                    print(f"# {r} {subs} {win} {k}: FAILED {e}", file=sys.stderr, flush=True)
            rows = []
            best = min((med([x["cpu_us_per_delivery"] for x in raw[f"{subs}|{win}|{k}"]]) for k in names if f"{subs}|{win}|{k}" in raw), default=1)
            for k in names:
                v = raw.get(f"{subs}|{win}|{k}")
                if not v:
                    rows.append([k] + ["-"] * 6)
                    continue
                rows.append([k, span([x["deliveries_per_s"] / 1000 for x in v], "{:.0f}"), span([x["cpu_us_per_delivery"] for x in v], "{:.3f}"),
                             f"{med([x['swarm_us_per_delivery'] for x in v]):.3f}", f"{med([x['server_rss_mib'] for x in v]):.0f}",
                             f"{med([x['cpu_us_per_delivery'] for x in v])/best:.2f}", "yes" if all(x["ok"] for x in v) else "NO"])
            print(f"### {subs} subscribers, window {win}, {msgs} messages of 300 B\n")
            table(["server", "k deliveries/s", "server CPU µs/delivery", "swarm CPU µs/delivery", "server RSS MiB", "ratio", "all arrived"], rows)
    save(args, "fanout", raw)


def do_idle(args):
    peers = pick(SERVERS, args)
    secret = {}
    if args.tls:
        tunnel = Stunnel()
        secret = {a.partition("=")[0] + ", TLS": a.partition("=")[2] for a in args.add or []}
        peers |= {k: (cmd, 1) for k, cmd in secret.items()}
    raw = {}
    for r, k in rounds(list(peers), args.runs):
        more = [f"{tunnel.dir.name}/cert.pem", f"{tunnel.dir.name}/key.pem"] if k in secret else []
        program = "swarm_tls" if k in secret else "swarm"
        try:
            res = with_server(peers[k][0], lambda port, pid: swarm(port, pid, "--subs", args.subs, "--idle", "1", program=program), more)
            raw.setdefault(k, []).append(res)
            print(f"# {r} {k}: {res}", file=sys.stderr, flush=True)
        except Exception as e:
            print(f"# {r} {k}: FAILED {e}", file=sys.stderr, flush=True)
    table(["server", "RSS before MiB", "RSS with idle MiB", "KiB per connection", "accept CPU µs/connection"],
          [[k, f"{med([x['rss_before_mib'] for x in v]):.1f}", f"{med([x['rss_after_mib'] for x in v]):.1f}",
            span([x["kib_per_conn"] for x in v]), f"{med([x['connect_cpu_us'] for x in v]):.1f}"] for k, v in raw.items()])
    save(args, "idle", raw)


def do_json(args):
    peers = pick(JSONS, args)
    mean = os.path.getsize(DATA) / 1_000_000 - 1
    raw = {k: [] for k in peers}
    for r, k in rounds(list(peers), args.runs):
        quiet()
        p = subprocess.run(shlex.split(peers[k][0]) + [DATA, str(args.n), "3"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           preexec_fn=pin(1), timeout=170)
        try:
            res = json.loads(p.stdout)
        except ValueError:
            print(f"# {k}: {p.stderr.decode()[-300:]}", file=sys.stderr)
            continue
        raw[k].append(res)
        print(f"# {r} {k}: {res}", file=sys.stderr, flush=True)
    raw = {k: v for k, v in raw.items() if v}
    checks = {x["check"] for v in raw.values() for x in v}
    best = min((med([x["ns_per_msg"] for x in v]) for v in raw.values()), default=float("nan"))
    table(["parser", "ns/msg", "GB/s", "ratio"],
          [[k, span([x["ns_per_msg"] for x in v], "{:.0f}"), f"{mean/med([x['ns_per_msg'] for x in v]):.2f}",
            f"{med([x['ns_per_msg'] for x in v])/best:.2f}"] for k, v in sorted(raw.items(), key=lambda kv: med([x["ns_per_msg"] for x in kv[1]]))])
    print("checks equal" if len(checks) == 1 else f"CHECKS DIFFER: {checks}")
    save(args, "json", raw)


def do_kernel(args):
    peers = pick(KERNELS, args)
    raw = {k: [] for k in peers}
    for r, k in rounds(list(peers), args.runs):
        quiet()
        out, err, ru = run_pinned(shlex.split(peers[k][0]), 1, 170)
        lines = [l for l in out.splitlines() if l.startswith("{")]
        if ru.status != 0 or not lines:
            print(f"# {r} {k}: FAILED {err[-300:]}", file=sys.stderr, flush=True)
            continue
        res = json.loads(lines[-1])
        raw[k].append(res)
        print(f"# {r} {k}: {res}", file=sys.stderr, flush=True)

    def cell(v, *names):
        xs = [next((x[n] for n in names if x.get(n) is not None), None) for x in v]
        return "-" if not xs or None in xs else span(xs, "{:.1f}")

    table(["kernel, ns an event", "ping", "batch of 256", "call", "timer set"],
          [[k, cell(v, "ping_ns", "ping64_ns"), cell(v, "batch_ns"), cell(v, "call_ns"), cell(v, "timer_set_ns")]
           for k, v in sorted(raw.items(), key=lambda kv: med([x.get("ping_ns", x.get("ping64_ns")) for x in kv[1]]) if kv[1] else 1e9)])
    shown = {"ping_ns", "ping64_ns", "batch_ns", "call_ns", "timer_set_ns"}
    rest = [(k, n, cell(v, n)) for k, v in raw.items() if v for n in v[0] if n not in shown and not n.endswith("_range")]
    if rest:
        table(["also", "figure", "median (min–max)"], rest)
    save(args, "kernel", raw)


def do_venues(args):
    """the same client on both venues' streams of the same market: what a byte costs"""
    (name, (cmd, _)), = pick({}, args).items()
    streams = {"mtgox": (DATA, []), "midchains": (DATA.replace("work", "work-midchains"), ["midchains"])}
    raw = {f"{name}, {venue}": [] for venue in streams}
    for r, venue in rounds(list(streams), args.runs):
        path, words = streams[venue]
        n = min(args.n, max(sums(path)))
        size = 0
        with open(path, "rb") as f:
            for _, line in zip(range(n), f):
                size += len(line) - 1
        res, got, ru, st, err = client_once(cmd, ["--file", path, "--count", str(n)], [str(n)] + words)
        ok = got.get("checksum") == sums(path)[n] and got.get("count") == n and res
        cpu = ru.ru_utime + ru.ru_stime
        row = dict(ok=bool(ok), n=n, bytes=size, cpu_us=cpu / n * 1e6, ns_a_byte=cpu / size * 1e9, invol=ru.ru_nivcsw, program=got)
        raw[f"{name}, {venue}"].append(row)
        print(f"# {r} {venue}: {row['cpu_us']:.3f} us {row['ns_a_byte']:.3f} ns a byte ok={row['ok']} {'' if ok else err[-300:]}", file=sys.stderr, flush=True)
    table(["ingest", "messages", "bytes a message", "CPU us a message", "CPU ns a byte"],
          [[k, f"{v[0]['n']:,}", f"{v[0]['bytes'] / v[0]['n']:.1f}", span([x["cpu_us"] for x in v], "{:.3f}"), span([x["ns_a_byte"] for x in v], "{:.3f}")]
           for k, v in raw.items()])
    save(args, "venues", raw)


def do_orders(args):
    import orders
    orders.run(args, sys.modules[__name__])


def do_safetynet(args):
    import safetynet
    safetynet.run(args, sys.modules[__name__])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=["client", "tls", "floor", "ttt", "fanout", "idle", "json", "kernel", "venues", "orders", "safetynet"])
    p.add_argument("--n", type=int, default=None)
    p.add_argument("--runs", type=int, default=5)
    p.add_argument("--rate", type=float, default=2000)
    p.add_argument("--sittings", type=int, default=1, help="ttt: in how many pieces each round is run, in turn with the others'")
    p.add_argument("--subs", default=None)
    p.add_argument("--window", default="1,16")
    p.add_argument("--deliveries", type=int, default=1_000_000)
    p.add_argument("--workload", choices=["plain", "shuffled"], default="plain")
    p.add_argument("--gap-ms", type=int, default=None)
    p.add_argument("--tls", action="store_true")
    p.add_argument("--sandbox", help="orders: the command of a sandbox that prints its address and a key")
    p.add_argument("--ingest", help="orders: the command of the client whose cost a byte counts")
    p.add_argument("--seconds", type=int, default=20, help="safetynet: how long clients listen, and wrk asks")
    p.add_argument("--only")
    p.add_argument("--add", action="append")
    p.add_argument("--out")
    a = p.parse_args()
    if a.n is None:
        a.n = {"client": 200_000, "tls": 1_000_000, "floor": 1_000_000, "ttt": 20_000, "json": 200_000, "venues": 500_000, "orders": 10_000}.get(a.what, 0)
    if a.subs is None:
        a.subs = "10000" if a.what == "idle" else "100,1000,5000"
    if a.workload == "shuffled":
        global DATA
        DATA = DATA.replace("work.jsonl", "work-shuffled.jsonl")
    if a.gap_ms is not None:
        GAP.extend(["--gap-ms", str(a.gap_ms)])
    globals()["do_" + a.what](a)


if __name__ == "__main__":
    main()
