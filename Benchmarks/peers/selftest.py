#!/usr/bin/env python3
"""Checks the bench itself: the generators are deterministic, a wrong book is noticed, the shuffled workload
means the same, and every bar can fail.

  selftest.py      (needs nothing built)
"""
import copy, hashlib, json, os, subprocess, sys, tempfile

import bars, bench

H = os.path.dirname(os.path.abspath(__file__))


def checksum_from_jsonl(path, count):
    """an independent, plain re-computation from the messages"""
    ask, bid, t, ts, k, ks = {}, {}, 0, 0, 0, 0
    with open(path) as f:
        for _, line in zip(range(count), f):
            m = json.loads(line)
            if m["private"] == "depth":
                d = m["depth"]
                side = ask if d["type_str"] == "ask" else bid
                side[int(d["price_int"])] = int(d["total_volume_int"])
            elif m["private"] == "trade":
                t, ts = t + 1, ts + int(m["trade"]["amount_int"])
            else:
                k, ks = k + 1, ks + int(m["ticker"]["last"]["value_int"])
    s = "".join(f"{n},{p},{v}\n" for n, side in (("ask", ask), ("bid", bid)) for p, v in sorted(side.items()) if v)
    return hashlib.sha256((s + f"trade,{t},{ts}\nticker,{k},{ks}\n").encode()).hexdigest()


with tempfile.TemporaryDirectory() as d:
    for n in ("a", "b"):
        subprocess.run([sys.executable, f"{H}/gen_workload.py", f"{d}/{n}", "10000"], check=True, stdout=subprocess.DEVNULL)
    assert open(f"{d}/a.jsonl", "rb").read() == open(f"{d}/b.jsonl", "rb").read(), "generator not deterministic"
    sums = dict(l.split() for l in open(f"{d}/a.sums"))
    for n, want in sums.items():
        assert checksum_from_jsonl(f"{d}/a.jsonl", int(n)) == want, f"checksum of {n} differs"
    lines = open(f"{d}/a.jsonl").read().splitlines()
    i = next(i for i, l in enumerate(lines) if '"total_volume_int":"0"' not in l and '"depth":{' in l)
    lines[i] = lines[i].replace('"total_volume_int":"', '"total_volume_int":"1', 1)   # one wrong digit
    level = json.loads(lines[i])["depth"]["price_int"]
    keep = lines[: i + 1]
    open(f"{d}/c.jsonl", "w").write("\n".join(keep) + "\n")
    open(f"{d}/d.jsonl", "w").write("\n".join(open(f"{d}/a.jsonl").read().splitlines()[: i + 1]) + "\n")
    assert checksum_from_jsonl(f"{d}/c.jsonl", len(keep)) != checksum_from_jsonl(f"{d}/d.jsonl", len(keep)), f"wrong level {level} unnoticed"

    sittings = [{"mode": "ttt", "answered": 3, "wrong": wrong, "p50_us": p50} for wrong, p50 in ((0, 31.0), (1, 50.0), (0, 32.0))]
    assert bench.one_round(sittings) == {"mode": "ttt", "answered": 9, "wrong": 1, "p50_us": 32.0}, "a wrong answer is lost in a round"

    # the shuffled workload: deterministic, equal in meaning, with other keys
    for n in ("a", "b"):
        subprocess.run([sys.executable, f"{H}/shuffle_workload.py", f"{d}/{n}"], check=True)
    assert open(f"{d}/a-shuffled.jsonl", "rb").read() == open(f"{d}/b-shuffled.jsonl", "rb").read(), "shuffle not deterministic"
    assert open(f"{d}/a.sums").read() == open(f"{d}/a-shuffled.sums").read()
    for n, want in sums.items():
        assert checksum_from_jsonl(f"{d}/a-shuffled.jsonl", int(n)) == want, f"shuffled: checksum of {n} differs"

    def no_name_twice(pairs):
        assert len(dict(pairs)) == len(pairs), f"a name twice: {pairs}"
        return dict(pairs)

    def holds_all(whole, part):
        """whether every known field is still there, with its own text"""
        if isinstance(part, dict):
            return all(k in whole and holds_all(whole[k], v) for k, v in part.items())
        return whole == part

    kinds, orders = set(), set()
    with open(f"{d}/a.jsonl") as plain, open(f"{d}/a-shuffled.jsonl") as mixed:
        for x, y in zip(plain, mixed, strict=True):
            x = json.loads(x, parse_int=str, parse_float=str)
            y = json.loads(y, parse_int=str, parse_float=str, object_pairs_hook=no_name_twice)
            assert holds_all(y, x), (x, y)
            assert len(y) > len(x)
            kinds |= {type(v) for k, v in y.items() if k not in x}
            orders.add(tuple(k for k in y if k in x))
    assert kinds == {str, list, dict, bool, type(None)}, kinds      # numbers are read as str here
    assert len(orders) > 300, f"only {len(orders)} orders of the top keys"

# the bars: all hold on a good result, and each fails alone when its figure is bad or missing
good = {
    "kernel": {bars.OURS: [{"ring64_ns": 4, "ping64_ns": 11, "ping192_ns": 17, "batch_ns": 5, "hop_ns": 30, "await_ns": 80, "allocations_per_event": 0, "trace_ns": 2}]},
    "engine": {bars.OURS: [{"ring64_ns": 4, "order_ns": 400, "allocations": 0, "state_hash": hash} for hash in (7, 7)]},
    "ingest": {bars.OURS: [{"cpu_us": 0.15, "ok": True, "program": {"peak_growth_kib": 900, "allocations_per_1000": 0}}],
               bars.FLOOR: [{"cpu_us": 0.16, "ok": True}]},
    "journal": {bars.OURS: [{"cpu_us": 0.15, "ok": True}], bars.RECORDED: [{"cpu_us": 0.18, "ok": True}], bars.FLOOR: [{"cpu_us": 0.16, "ok": True}]},
    "shuffled": {bars.OURS: [{"cpu_us": 0.3, "ok": True}], bars.FLOOR: [{"cpu_us": 0.2, "ok": True}]},
    "gap0": {bars.OURS: [{"ok": True}]},
    "venues": {f"{bars.OURS}, {venue}": [{"ns_a_byte": ns, "ok": True}] for venue, ns in (("mtgox", 0.9), ("midchains", 1.3))},
    "tls": {name: [{"net_us": net, "ok": True}] for name, net in
            ((bars.FLOOR, 0.2), (bars.FLOOR_TLS, 0.4), (bars.FLOOR_TLS_AHEAD, 0.35), (bars.OURS, 0.2), (bars.TLS, 0.35))},
    "json": {bars.OURS: [{"ns_per_msg": 150, "check": "7"}], bars.SIMDJSON: [{"ns_per_msg": 160, "check": "7"}]},
    "idle": {bars.OURS: [{"kib_per_conn": 0.4}], bars.TLS: [{"kib_per_conn": 15}]},
    "fanout": {f"{subs}|{window}|{name}": [{"cpu_us_per_delivery": 0.5, "ok": True}] for subs in (100, 1000, 5000) for window in (1, 16, 64)
               for name in (bars.OURS, bars.FLOOR_FANOUT)},
    "orders": {bars.OURS: [{"of_the_bar": 0.7, "ok": True}]},
    "safetynet": {"idle": [{"kib_per_conn": 0.9}],
                  "stopped|0": [{"cpu_us_per_delivery": 0.4, "p99_us": 900, "heard": True}],
                  "stopped|500": [{"cpu_us_per_delivery": 0.4, "p99_us": 900, "heard": True}],
                  "cut": [{"stopped_closed": 500, "equal": True}],
                  "through|outcry-bench fanout": [{"cpu_us_per_delivery": 0.5}], "through|outcry safetynet": [{"cpu_us_per_delivery": 0.6}],
                  **{f"http|{name}|{server}": [{"a_second": 20_000}] for name in ("ticker", "depth") for server in ("nginx", "outcry safetynet")}},
    "ttt": {name: [{"p50_us": 20, "p99_us": 40, "answered": 9, "expected": 9, "wrong": 0, "unexpected": 0}]
            for name in (bars.OURS, bars.FLOOR, bars.SPIN, bars.FLOOR_SPIN)},
}
assert set(good) == set(bars.MODES)
faults = 0
for mode, rows in good.items():
    lines = bars.judge(mode, {"rows": rows})
    assert all(line[4] for line in lines), lines
    broken = set()
    for name in rows:
        empty = {n: v for n, v in rows.items() if n != name}
        assert not all(line[4] for line in bars.judge(mode, {"rows": empty})), f"{mode}: nobody missed {name}"
        for figure in [f for f in rows[name][0] if f != "program"] + list(rows[name][0].get("program", {})):
            worse = copy.deepcopy(rows)
            row = worse[name][0]
            row = row["program"] if figure in row.get("program", {}) else row
            divisor = name in (bars.FLOOR, bars.FLOOR_SPIN, bars.SIMDJSON, bars.OURS + ", mtgox") or name.endswith(bars.FLOOR_FANOUT) \
                or name in ("stopped|0", "through|outcry-bench fanout") or name.endswith("outcry safetynet") and name.startswith("http")
            divisor = divisor or figure == "stopped_closed"
            if isinstance(row[figure], bool):
                row[figure] = False
            elif isinstance(row[figure], str):
                row[figure] = "8"
            else:
                row[figure] = row[figure] / 10 if divisor else row[figure] * 10 + 1
            failed = [line[0] for line in bars.judge(mode, {"rows": worse}) if not line[4]]
            faults += len(failed)
            broken |= set(failed)
    assert broken == {line[0] for line in lines}, f"{mode}: cannot fail: { {line[0] for line in lines} - broken}"
with tempfile.TemporaryDirectory() as d:
    run = lambda: subprocess.run([sys.executable, f"{H}/bars.py", d, *bars.MODES], stdout=subprocess.PIPE, text=True)
    for mode, rows in good.items():
        assert run().returncode == 1, "a mode that was not run passes"
        json.dump({"rows": rows}, open(f"{d}/{mode}.json", "w"))
    assert run().returncode == 0, run().stdout
print("harness self-test passed")
