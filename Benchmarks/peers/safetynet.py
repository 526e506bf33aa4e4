"""`outcry safetynet` between a sandbox and a room full of clients: the mode `safetynet` of bench.py.

idle     what a client that only waits takes in memory
stopped  5,000 clients, and the same beside 500 more that have stopped reading: what a delivery costs, and how old a message is
through  1,000 clients: what a delivery costs beside `outcry-bench fanout` with messages of 300 bytes at window 1
http     ticker and depth over kept connections by wrk, beside nginx that serves the same bytes from a file

The sandbox and the load are on core 0, the program under test on core 1.
"""
import json, os, re, shlex, shutil, subprocess, sys, tempfile, time, urllib.request

SPEED = 300                        # of the recorded market: some 75 messages a second


def address(process, name, patience=20):
    """the port in the first line that begins with `name`; what follows is not read, and little"""
    end = time.time() + patience
    said = ""
    while time.time() < end:
        line = process.stdout.readline().decode()
        if not line:
            break
        said += line
        found = re.search(r":(\d+)", line)
        if line.startswith(name) and found:
            return int(found.group(1))
    raise RuntimeError(f"expected a line that begins with {name!r} and has a port, found {said[-300:]!r}")


class Room:
    """a sandbox and a SafetyNet at it, until the end of a `with`"""

    def __init__(self, bench, outcry, speed=SPEED):
        self.bench, self.outcry, self.speed, self.processes = bench, shlex.split(outcry), speed, []

    def start(self, core, *words):
        process = subprocess.Popen(self.outcry + list(words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=self.bench.pin(core))
        self.processes.append(process)
        return process

    def __enter__(self):
        try:
            venue = address(self.start(0, "sandbox", "--port", "0", "--speed", str(self.speed), "--loop"), "http")
            net = self.start(1, "safetynet", "--upstream", f"ws://127.0.0.1:{venue}/mtgox", "--port", "0", "--requests", "1000000/1",
                             "--connections", "100000", "--stale", "3600")
            self.port, self.pid = address(net, "http"), net.pid
            self.wait_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_ready(self, patience=30):
        end = time.time() + patience
        while time.time() < end:
            try:
                return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=5).read()
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"expected /ready to answer 200 within {patience} s")

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            process.communicate()

    def swarm(self, *words, limit=240):
        command = [f"{self.bench.B}/swarm", "--port", str(self.port), "--pid", str(self.pid), "--path", "/mtgox", *map(str, words)]
        out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=self.bench.pin(0), timeout=limit)
        if not out.stdout.strip():
            raise RuntimeError(out.stderr.decode()[-300:])
        return json.loads(out.stdout.decode().splitlines()[-1])


def idle(args, bench, outcry, raw):
    for _ in range(min(args.runs, 3)):
        with Room(bench, outcry, speed=1) as room:
            raw.setdefault("idle", []).append(room.swarm("--subs", 10000, "--idle", 1))
    values = [x["kib_per_conn"] for x in raw["idle"]]
    bench.table(["idle clients of a SafetyNet", "KiB a client"], [["10,000", bench.span(values)]])


def stopped(args, bench, outcry, raw):
    rows = {0: [], 500: []}
    for r in range(args.runs):
        for more in (0, 500) if r % 2 == 0 else (500, 0):
            bench.quiet()
            with Room(bench, outcry) as room:
                rows[more].append(room.swarm("--subs", 5000, "--stopped", more, "--listen", args.seconds))
            print(f"# {r} {more} stopped: {rows[more][-1]}", file=sys.stderr, flush=True)
        for row in rows.values():
            row[-1]["heard"] = row[-1]["equal"] and not row[-1]["closed"]
    raw |= {f"stopped|{k}": v for k, v in rows.items()}
    # Long enough for all that stopped to be behind for as long as a client may.
    with Room(bench, outcry) as room:
        raw["cut"] = [room.swarm("--subs", 5000, "--stopped", 500, "--listen", 75)]
    print(f"# {raw['cut'][0]}", file=sys.stderr, flush=True)
    bench.table(["5,000 clients and", "CPU us a delivery", "p50 us", "p99 us", "peak RSS MiB", "cut off in that time", "all heard the same"],
                [[f"{k} that stopped", bench.span([x["cpu_us_per_delivery"] for x in v], "{:.3f}"), bench.span([x["p50_us"] for x in v], "{:.0f}"),
                  bench.span([x["p99_us"] for x in v], "{:.0f}"), bench.span([x["peak_rss_mib"] for x in v], "{:.0f}"),
                  bench.span([x["stopped_closed"] for x in v], "{:.0f}"), "yes" if all(x["heard"] for x in v) else "NO"] for k, v in rows.items()])
    print(f"of 500 that stopped {raw['cut'][0]['stopped_closed']} were cut off in 75 s\n")


def through(args, bench, outcry, raw):
    rows = {"outcry-bench fanout": [], "outcry safetynet": []}
    for r in range(args.runs):
        bench.quiet()
        rows["outcry-bench fanout"].append(bench.with_server(args.ingest, lambda port, pid: bench.swarm(port, pid, "--subs", 1000, "--msgs", 500, "--window", 1)))
        bench.quiet()
        with Room(bench, outcry) as room:
            rows["outcry safetynet"].append(room.swarm("--subs", 1000, "--listen", args.seconds))
        print(f"# {r} {[v[-1] for v in rows.values()]}", file=sys.stderr, flush=True)
    raw |= {f"through|{k}": v for k, v in rows.items()}
    ratios = [b["cpu_us_per_delivery"] / a["cpu_us_per_delivery"] for a, b in zip(*rows.values())]
    bench.table(["1,000 clients of", "CPU us a delivery"], [[k, bench.span([x["cpu_us_per_delivery"] for x in v], "{:.3f}")] for k, v in rows.items()])
    print(f"ratio {bench.span(ratios)}\n")


def wrk(bench, url, seconds):
    out = subprocess.run(["wrk", "-t1", "-c50", f"-d{seconds}s", url], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=bench.pin(0), timeout=seconds + 60).stdout.decode()
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    if not rate or "Non-2xx" in out:
        raise RuntimeError(f"expected a rate and no refusals of wrk, found {out[-300:]!r}")
    return float(rate.group(1))


def http(args, bench, outcry, raw):
    missing = [name for name in ("wrk", "nginx") if not shutil.which(name)]
    if missing:
        return print(f"# http left out: expected {' and '.join(missing)}: apt-get install {' '.join(missing)}", file=sys.stderr)
    rows = {}
    for r in range(args.runs):
        with tempfile.TemporaryDirectory() as d, Room(bench, outcry, speed=1) as room:
            # Nothing changes meanwhile, so that both serve the same bytes.
            for name, path in (("ticker", "/api/1/BTCUSD/ticker"), ("depth", "/api/1/BTCUSD/depth")):
                body = urllib.request.urlopen(f"http://127.0.0.1:{room.port}{path}", timeout=10).read()
                open(f"{d}/{name}", "wb").write(body)
                rows.setdefault(name, {"bytes": len(body), "nginx": [], "outcry safetynet": []})
            port = bench.free_port()
            os.chmod(d, 0o755)
            open(f"{d}/nginx.conf", "w").write(
                f"worker_processes 1; daemon off; pid {d}/pid; error_log stderr crit;\nevents {{ worker_connections 1024; }}\n"
                f"http {{ access_log off; sendfile on; keepalive_requests 1000000000; open_file_cache max=10; default_type application/json;\n"
                f"server {{ listen 127.0.0.1:{port}; root {d}; }} }}\n")
            server = subprocess.Popen(["nginx", "-e", "stderr", "-c", f"{d}/nginx.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=bench.pin(1))
            try:
                time.sleep(0.5)
                for name, path in (("ticker", "/api/1/BTCUSD/ticker"), ("depth", "/api/1/BTCUSD/depth")):
                    bench.quiet()
                    rows[name]["nginx"].append(wrk(bench, f"http://127.0.0.1:{port}/{name}", args.seconds))
                    bench.quiet()
                    rows[name]["outcry safetynet"].append(wrk(bench, f"http://127.0.0.1:{room.port}{path}", args.seconds))
                    print(f"# {r} {name}: {rows[name]['nginx'][-1]:.0f} {rows[name]['outcry safetynet'][-1]:.0f}", file=sys.stderr, flush=True)
            finally:
                server.terminate()
                server.wait()
    raw |= {f"http|{k}|{server}": [{"a_second": rate} for rate in v[server]] for k, v in rows.items() for server in ("nginx", "outcry safetynet")}
    bench.table(["answer", "bytes", "nginx, a second", "outcry safetynet, a second", "ratio"],
                [[k, v["bytes"], bench.span(v["nginx"], "{:.0f}"), bench.span(v["outcry safetynet"], "{:.0f}"),
                  bench.span([b / a for a, b in zip(v["nginx"], v["outcry safetynet"])])] for k, v in rows.items()])


PARTS = {"idle": idle, "stopped": stopped, "through": through, "http": http}


def run(args, bench):
    """`--add Outcry=PROGRAM` is `outcry`; `--ingest` the command of the fan-out beside it"""
    if not args.add:
        sys.exit("bench.py safetynet: expected --add Outcry=PROGRAM")
    outcry = args.add[0].partition("=")[2]
    wanted = args.only.split(",") if args.only else list(PARTS)
    unknown = [part for part in wanted if part not in PARTS]
    if unknown or ("through" in wanted and not args.ingest):
        sys.exit(f"bench.py safetynet: expected --only of {', '.join(PARTS)}, and --ingest for `through`; found {', '.join(unknown) or 'no --ingest'}")
    raw = {}
    for part in wanted:
        PARTS[part](args, bench, outcry, raw)
    bench.save(args, "safetynet", raw)
