"""What an order costs a client: the mode `orders` of bench.py."""
import json, os, shlex, subprocess, sys


def hmac_ns(bench):
    """one HMAC-SHA512 of 256 bytes, by `openssl speed` on core 1"""
    out = bench.run_pinned(["openssl", "speed", "-mr", "-seconds", "2", "-bytes", "256", "-hmac", "sha512"], 1, 30)[0]
    for line in out.splitlines():
        if line.startswith("+F:"):
            return 256 / float(line.split(":")[-1]) * 1e9
    raise RuntimeError(f"openssl speed said no figure: {out!r}")


def run(args, bench):
    """an order placed and cancelled: client CPU beside two HMACs, and beside what its inbound bytes cost to ingest"""
    if not args.sandbox or not args.ingest:
        sys.exit("bench.py orders: expected --sandbox and --ingest, the programs it needs")
    raw = {k: [] for k in bench.pick({}, args)}
    peers = bench.pick({}, args)
    mean = os.path.getsize(bench.DATA) / sum(1 for _ in open(bench.DATA, "rb"))
    for r, k in bench.rounds(list(peers), args.runs):
        bench.quiet()
        hmac = hmac_ns(bench)
        n = 200_000
        cpu = []
        for count in (100, n):
            res, got, ru, st, err = bench.client_once(args.ingest, ["--file", bench.DATA, "--count", str(count)], [str(count)])
            cpu.append(ru.ru_utime + ru.ru_stime)
        byte = (cpu[1] - cpu[0]) / (n - 100) / mean * 1e9
        bench.quiet()
        venue = subprocess.Popen(shlex.split(args.sandbox), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=bench.pin(0))
        try:
            url = key = secret = None
            while not (url and key and secret):
                line = venue.stdout.readline().decode()
                if not line:
                    raise RuntimeError("the sandbox ended")
                words = line.split()
                url = url or next((w for w in words if w.startswith("ws://") and w.endswith("/mtgox")), None)
                for word in words:
                    name, _, value = word.partition("=")
                    key = value if name.endswith("_KEY") else key
                    secret = value if name.endswith("_SECRET") else secret
            # The rest is not read, and little.
            env = ["env", f"OUTCRY_MTGOX_KEY={key}", f"OUTCRY_MTGOX_SECRET={secret}"]
            out, err, ru = bench.run_pinned(env + shlex.split(peers[k][0]) + [url, str(args.n)], 1, 170)
        finally:
            venue.terminate()
            venue.communicate()
        lines = [l for l in out.splitlines() if l.startswith("{")]
        if not lines:
            print(f"# {r} {k}: FAILED {err[-300:]}", file=sys.stderr, flush=True)
            continue
        res = json.loads(lines[-1])
        res.update(ok=ru.status == 0, hmac_ns=hmac, ingest_ns_a_byte=byte)
        res["bar_ns"] = 1.5 * 2 * hmac + 2000 + res["bytes_in_an_order"] * 1.5 * byte
        res["of_the_bar"] = res["ns_cpu_an_order"] / res["bar_ns"]
        raw[k].append(res)
        print(f"# {r} {k}: {res}", file=sys.stderr, flush=True)
    bench.table(["client", "CPU ns an order", "the bar", "of the bar", "HMAC ns", "ingest ns a byte", "orders/s", "bytes in", "right"],
          [[k, bench.span([x["ns_cpu_an_order"] for x in v], "{:.0f}"), bench.span([x["bar_ns"] for x in v], "{:.0f}"), bench.span([x["of_the_bar"] for x in v]),
            bench.span([x["hmac_ns"] for x in v], "{:.0f}"), bench.span([x["ingest_ns_a_byte"] for x in v]), bench.span([x["orders_a_second"] for x in v], "{:.0f}"),
            f"{v[0]['bytes_in_an_order']:.0f}", "yes" if all(x["ok"] for x in v) else "NO"] for k, v in raw.items() if v])
    for k, v in raw.items():
        if v:
            print(f"messages an order, {k}: in {v[0]['messages_in_an_order']}, out {v[0]['messages_out_an_order']}\n")
    bench.save(args, "orders", raw)
