#!/usr/bin/env python3
"""Holds saved results against the bars: gate (must) and aim (wanted).

usage: bars.py DIRECTORY [MODE...]     (kernel engine ingest journal shuffled gap0 venues tls json idle fanout ttt orders safetynet; default: all)

DIRECTORY holds what bench.py saved with --out, MODE.json. A mode that is asked for and has no file has
failed, and so has a figure that was not reported. Exit status 1 if any gate failed.
"""
import json, os, statistics, sys

OURS, SPIN, RECORDED = "Outcry", "Outcry, busy-polling", "Outcry, recorded"
FLOOR, FLOOR_SPIN = "floor: C++ raw socket + simdjson, by hand", "floor, busy-polling (SPIN=1)"
SIMDJSON = "simdjson On-Demand"
FLOOR_FANOUT = "floor: C, one epoll loop, by hand"
TLS, FLOOR_TLS, FLOOR_TLS_AHEAD = "Outcry, TLS", "floor_tls", "floor_tls, READ_AHEAD=1"
MODES = ("kernel", "engine", "ingest", "journal", "shuffled", "gap0", "venues", "tls", "json", "idle", "fanout", "ttt", "orders", "safetynet")


def median(rows, name, figure):
    """over the runs of one program; None when a run lacks it"""
    values = [row.get(figure) for row in rows.get(name, [])]
    return statistics.median(values) if values and None not in values else None


def worst(rows, name, figure):
    """the largest over the runs; None when a run lacks it"""
    values = [row.get("program", row).get(figure) for row in rows.get(name, [])]
    return max(values) if values and None not in values else None


def at_most(bar, found, gate, aim=None):
    """one line of the verdict: bar, found, gate, aim, whether the gate holds, whether the aim does"""
    if found is None or gate is None:
        return (bar, "not reported", gate, aim, False, False)
    return (bar, found, gate, aim, found <= gate, aim is not None and found <= aim)


def holds(bar, right):
    return (bar, "yes" if right else "NO", "yes", None, right, False)


def ratio(bar, rows, ours, floor, figure, gate, aim=None):
    a, b = median(rows, ours, figure), median(rows, floor, figure)
    return at_most(f"{bar}, x the floor", a / b if a is not None and b else None, gate, aim)


def all_right(rows, name, right):
    return bool(rows.get(name)) and all(right(row) for row in rows[name])


def kernel(rows):
    ring = median(rows, OURS, "ring64_ns")
    yield at_most("ping, 64 B, ns (20 or 3 x ring64)", median(rows, OURS, "ping64_ns"), None if ring is None else max(20, 3 * ring), 12)
    yield at_most("ping, 192 B, ns (30 or 4 x ring64)", median(rows, OURS, "ping192_ns"), None if ring is None else max(30, 4 * ring), 18)
    yield at_most("256 queued, then drained, ns", median(rows, OURS, "batch_ns"), 10, 6)
    hop = median(rows, OURS, "hop_ns")
    yield at_most("an awaited event, ns (3 x a bare continuation)", median(rows, OURS, "await_ns"), None if hop is None else 3 * hop)
    yield at_most("allocations an event", worst(rows, OURS, "allocations_per_event"), 0)
    yield at_most("tracing, ns an event (1 x ring64)", median(rows, OURS, "trace_ns"), ring)


def engine(rows):
    ring = median(rows, OURS, "ring64_ns")
    yield at_most("matching engine, ns an order (2,000 or 25 x ring64)", median(rows, OURS, "order_ns"), None if ring is None else max(2000, 25 * ring), 500)
    yield at_most("matching engine, allocations in all measured orders", worst(rows, OURS, "allocations"), 0)
    yield holds("matching engine, every run ends alike", len({row["state_hash"] for row in rows.get(OURS, [])}) == 1)


def ingest(rows):
    yield ratio("ingest, CPU a message", rows, OURS, FLOOR, "cpu_us", 1.25, 1.0)
    yield holds("ingest, book equal in every run", all_right(rows, OURS, lambda r: r["ok"]))
    yield holds("ingest, the floor's book too", all_right(rows, FLOOR, lambda r: r["ok"]))
    yield at_most("ingest, peak memory less memory at start, KiB", worst(rows, OURS, "peak_growth_kib"), 3 * 1024)
    # A thousand messages to one is the heartbeat, which asks once a second and allocates nine times for it.
    yield at_most("ingest, allocations in 1,000 messages after 10,000", worst(rows, OURS, "allocations_per_1000"), 0.1)


def journal(rows):
    floor, plain, recorded = (median(rows, name, "cpu_us") for name in (FLOOR, OURS, RECORDED))
    more = None if None in (floor, plain, recorded) or not floor else (recorded - plain) / floor
    yield at_most("journal, CPU a message more, x the floor's all", more, 0.5, 0.25)
    yield holds("journal, book equal in every run", all_right(rows, RECORDED, lambda r: r["ok"]))


def shuffled(rows):
    yield ratio("shuffled, CPU a message", rows, OURS, FLOOR, "cpu_us", 2.0)
    yield holds("shuffled, book equal in every run", all_right(rows, OURS, lambda r: r["ok"]))
    yield holds("shuffled, the floor's book too", all_right(rows, FLOOR, lambda r: r["ok"]))


def gap0(rows):
    yield holds("frames in the same read as the 101 (--gap-ms 0)", all_right(rows, OURS, lambda r: r["ok"]))


def venues(rows):
    a, b = median(rows, OURS + ", midchains", "ns_a_byte"), median(rows, OURS + ", mtgox", "ns_a_byte")
    yield at_most("MidChains' ingest, CPU a byte, x Mt. Gox's", a / b if a is not None and b else None, 1.5)
    yield holds("both venues' books equal in every run", all(all_right(rows, f"{OURS}, {venue}", lambda r: r["ok"]) for venue in ("mtgox", "midchains")))


def tls(rows):
    """what TLS adds to a message, against what it adds to the better of the floor's two ways to read"""
    ours, plain, floor, *others = (median(rows, name, "net_us") for name in (TLS, OURS, FLOOR, FLOOR_TLS, FLOOR_TLS_AHEAD))
    known = None not in (ours, plain, floor, *others) and min(others) > floor
    yield at_most("TLS less plain, x the floor's", (ours - plain) / (min(others) - floor) if known else None, 1.5)
    yield holds("TLS, book equal in every run", all(all_right(rows, name, lambda r: r["ok"]) for name in (TLS, OURS)))
    yield holds("TLS, the floor's book too", all(all_right(rows, name, lambda r: r["ok"]) for name in (FLOOR, FLOOR_TLS, FLOOR_TLS_AHEAD)))


def idle(rows):
    yield at_most("idle WebSocket connection, KiB", median(rows, OURS, "kib_per_conn"), 1, 0.5)
    # Nearly all of it is libssl's; the gate only notices when ours is on top of it.
    yield at_most("idle by TLS, KiB", median(rows, TLS, "kib_per_conn"), 20)


def fanout(rows):
    """rows by SUBSCRIBERS|WINDOW|PROGRAM"""
    for subs in (100, 1000, 5000):
        for window, gate in ((1, 1.05), (16, 1.05), (64, 1.25)):
            ours, floor = (f"{subs}|{window}|{name}" for name in (OURS, FLOOR_FANOUT))
            yield ratio(f"fan-out to {subs}, window {window}, CPU a delivery", rows, ours, floor, "cpu_us_per_delivery", gate, 1.0)
    yield holds("fan-out, all arrived everywhere", bool(rows) and all(row["ok"] for runs in rows.values() for row in runs))


def json_(rows):
    yield ratio("JSON, ns a message", rows, OURS, SIMDJSON, "ns_per_msg", 1.25, 1.0)
    checks = {row["check"] for name in (OURS, SIMDJSON) for row in rows.get(name, [])}
    yield holds("JSON, sums equal", len(checks) == 1 and bool(rows.get(OURS)) and bool(rows.get(SIMDJSON)))


def ttt(rows):
    yield ratio("tick to trade asleep, p50", rows, OURS, FLOOR, "p50_us", 1.05)
    yield ratio("tick to trade asleep, median of p99", rows, OURS, FLOOR, "p99_us", 1.5)
    yield ratio("tick to trade busy-polling, p50", rows, SPIN, FLOOR_SPIN, "p50_us", 1.25, 1.0)
    for name in (OURS, SPIN):
        yield holds(f"tick to trade, answers right: {name}", all_right(
            rows, name, lambda r: r["answered"] == r["expected"] and not r["wrong"] and not r["unexpected"]))


def orders(rows):
    yield at_most("an order placed and cancelled, CPU: of two HMACs x 1.5 + 2 us + its bytes x 1.5 x ingest", median(rows, OURS, "of_the_bar"), 1.0)
    yield holds("orders: none lost, none doubled, the portfolio is the ledger", all_right(rows, OURS, lambda r: r["ok"]))


def safetynet(rows):
    yield at_most("SafetyNet, an idle client, KiB", median(rows, "idle", "kib_per_conn"), 1)
    both = [median(rows, f"stopped|{stopped}", "cpu_us_per_delivery") for stopped in (0, 500)]
    yield at_most("SafetyNet, 500 of 5,500 stopped: CPU a delivery of the rest, x without them", both[1] / both[0] if None not in both else None, 1.1)
    both = [median(rows, f"stopped|{stopped}", "p99_us") for stopped in (0, 500)]
    yield at_most("SafetyNet, 500 of 5,500 stopped: median of p99 of the rest, x without them", both[1] / both[0] if None not in both else None, 1.5)
    yield holds("SafetyNet, the rest heard everything", all(all_right(rows, f"stopped|{stopped}", lambda r: r["heard"]) for stopped in (0, 500)))
    yield holds("SafetyNet, all that stopped were cut off", all_right(rows, "cut", lambda r: r["stopped_closed"] >= 500 and r["equal"]))
    both = [median(rows, f"through|{name}", "cpu_us_per_delivery") for name in ("outcry-bench fanout", "outcry safetynet")]
    yield at_most("fan-out through SafetyNet, CPU a delivery, x the fan-out alone", both[1] / both[0] if None not in both else None, 1.3)
    for name in ("ticker", "depth"):
        both = [median(rows, f"http|{name}|{server}", "a_second") for server in ("nginx", "outcry safetynet")]
        yield at_most(f"{name} by wrk: nginx's answers a second for one of SafetyNet's", both[0] / both[1] if None not in both else None, 2, 1.25)


def judge(mode, saved):
    """the lines of one mode's verdict, from the object that bench.py saved"""
    return list({"json": json_}.get(mode, globals().get(mode))(saved["rows"]))


def text(value):
    return "" if value is None else value if isinstance(value, str) else f"{value:.3g}" if value < 100 else f"{value:,.0f}"


def main():
    failed = judged = 0
    loaded = []
    print("| bar | found | gate | aim | |\n|---|---:|---:|---:|---|")
    for mode in sys.argv[2:] or MODES:
        path = os.path.join(sys.argv[1], mode + ".json")
        saved = None
        if os.path.exists(path):
            with open(path) as f:
                saved = json.load(f)
            if saved.get("load", [0])[0] > 2.5:                   # the bench itself makes about 2 at most
                loaded.append(f"{mode} {saved['load'][0]:.1f}")
        for bar, found, gate, aim, good, better in judge(mode, saved) if saved else [holds(f"{mode} was run to its end", False)]:
            judged += 1
            failed += not good
            print(f"| {bar} | {text(found)} | {text(gate)} | {text(aim)} | {'FAIL' if not good else 'pass, aim met' if better else 'pass'} |")
    print(f"\n{judged} bars, {failed} failed")
    if loaded:
        print(f"other work was running (load average: {', '.join(loaded)}): this verdict is worth little; run again alone")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
