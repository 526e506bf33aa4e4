#!/usr/bin/env python3
"""Plays raw_edge.py against outcry-peer's sio-server and compares every answer with the recorded one.
usage: edge_run.py OUTCRY_PEER [SECTION...]
The recordings (transcripts/sio09-edge-*.txt) are of the original server, socket.io 0.9 on node. What differs by
design stands in DEVIATIONS with its reason, exactly; anything else that differs is a failure. 50 s.
EDGE_SHOW=1 prints both texts of what failed."""
import difflib, os, re, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
PEER, WANTED = sys.argv[1], sys.argv[2:]

# section: [(the original's text, ours, why)]; both as they stand after `plain`.
GONE = r"""S> HTTP/1.1 200 OK\r\n
Connection: keep-alive\r\n
Content-Length: 7\r\n
Content-Type: text/plain; charset=UTF-8\r\n
Date: THEN\r\n
\r\n
7:::1+0 (open)"""
SUBSCRIBED = "".join(r'\x81M4::/mtgox:{"channel":"%s","op":"subscribe"}' % guid for guid in (
    "dbf1dee9-4f2e-4a08-8cb7-748919a71b21", "d5f06780-30a8-4a48-a2f8-7ed181b4a13f",
    "24e67e0d-1cad-4cc0-9e7a-f8523ef460fe"))
TRADE = (r'\x81~\x01k4::/mtgox:{"channel":"dbf1dee9-4f2e-4a08-8cb7-748919a71b21","op":"private",'
         r'"origin":"broadcast","private":"trade","trade":{"amount":2.71,"amount_int":"271000000",'
         r'"date":1310279340,"item":"BTC","price":14.43,"price_currency":"USD","price_int":"1443000",'
         r'"primary":"Y","properties":"limit, mixed_currency","tid":"1310279340877902",'
         r'"trade_type":"bid","type":"trade"}}')
DEVIATIONS = {
    "sync-disconnect": [("S>  (open)", GONE,
        "a poll of a session that is over is told so; the original leaves it without an answer for ever")],
    "close-timeout": [("t=3 HTTP/1.1\\r\\n\nHost: HOST\\r\\n\n\\r\\n\nS>  (open)",
        "t=3 HTTP/1.1\\r\\n\nHost: HOST\\r\\n\n\\r\\n\n" + GONE,
        "a session that nobody polled for the close timeout is over and unknown; the original noticed neither the "
        "client that went nor the timeout")],
    "poll-double": [("first poll:  (open)",
        "first poll: " + GONE[3:].replace("Length: 7", "Length: 3").replace("7:::1+0", "8::"),
        "the older of two polls ends with a noop; the original abandons it")],
    "nsp": [
        (TRADE, "", "the recorded application told a trade, too; ours does what tornadio2_server.py does"),
        ("C> 1::/mtgox?test=1\nS>  (open)", "C> 1::/mtgox?test=1\nS> \\x81\\x091::/mtgox" + SUBSCRIBED + " (open)",
         "the specification's form of a query is understood, too, not the code's alone"),
        ("S> \\x81\\n\n6::/nope:7 (open)", "S>  (open)",
         "what goes to an endpoint that is not there is not acknowledged: nobody got it")],
    "garbage": [
        ("'4:::{bad'                               S> '\\\\x81\\\\x093:::false'",
         "'4:::{bad'                               S> ''", "bad JSON is no message; the original makes `false` of it"),
        ("'4:::'                                   S> '\\\\x81\\\\x093:::false'",
         "'4:::'                                   S> ''", "the same"),
        ("'0'                                      S> '' (open)",
         "'0'                                      S> '\\\\x81\\\\x030::' (FIN)",
         "the specification's bare `0` ends the session, as for the PyPI client")],
    "ws-ping": [("C> ping '' S> c2 8a 00 (open)\nC> ping 'hi' S> c2 8a 00 (open)",
        "C> ping '' S> 8a 00 (open)\nC> ping 'hi' S> 8a 02 68 69 (open)",
        "a ping gets a pong (RFC 6455, 5.5.2); the original writes what is no frame")],
    "ws-close": [("C> close 1000 bye S>  (FIN)", "C> close 1000 bye S> 88 02 03 e8 (FIN)",
        "a close frame is answered (RFC 6455, 5.5.1)")],
    "ws-unmasked": [("S> \\x81\\x053:::x (open)", "S> \\x88\\x02\\x03\\xea (FIN)",
        "an unmasked frame of a client ends the connection with 1002 (RFC 6455, 5.1)")],
}

def recordings():
    "The recorded sections, by name."
    found = {}
    for name in sorted(os.listdir(os.path.join(HERE, "transcripts"))):
        with open(os.path.join(HERE, "transcripts", name), encoding="utf-8") as file:
            found.update(sections(file.read()))
    return found

def sections(text):
    parts = re.split(r"^===== ([a-z-]+): .*\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))

def plain(text):
    "Without what differs from run to run, and what no client can tell apart: names, times, the order of fields."
    text = re.sub(r"127\.0\.0\.1:\d+", "HOST", text)
    text = re.sub(r"(/socket\.io/1/[a-z-]*/)(?!NOPE)[A-Za-z0-9_-]{20}", r"\1SID", text)
    # Of the original's sessions none began with "-", where `\b` is no boundary.
    text = re.sub(r"(?<![\w-])[A-Za-z0-9_-]{20}:60:60:", "SID:60:60:", text)
    text = re.sub(r"(\+|after )(\d+\.\d)s", lambda m: f"{m[1]}{float(m[2]):.0f}s", text)
    # Whether two things came in one piece or in two is the network's affair.
    text = re.sub(r"\\r\\n\n\n\+0s S> (?=\\x81)", r"\\r\\n\n", text)
    lines, head = [], None
    for line in text.rstrip().split("\n"):
        line = line.rstrip()
        if re.search(r"S> HTTP/1\.1 \d", line) or (line.find(": HTTP/1.1 ") > 0):
            head = []
            lines.append(line)
        elif head is not None and line == r"\r\n":
            lines += sorted(head) + [line]
            head = None
        elif head is not None:
            line = line.replace("Connection: Keep-Alive", "Connection: keep-alive")
            line = re.sub(r"^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "Date: THEN", line)
            if not line.startswith("Keep-Alive: "):
                head.append(line)
        else:
            lines.append(line)
    return re.sub(r"\n{2,}", "\n", "\n".join(lines))

def play(mode, names):
    "Our sections, by name."
    server = subprocess.Popen([PEER, "sio-server", "0"] + mode, stdout=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        if not re.fullmatch(r"READY \d+\n", line):
            sys.exit(f"edge_run.py: expected a server that says READY and its port, found: {line!r}")
        port = line.split()[1]
        done = subprocess.run([sys.executable, os.path.join(HERE, "raw_edge.py"), port] + names,
                              capture_output=True, text=True, timeout=180)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
        return sections(done.stdout)
    finally:
        server.terminate()
        server.wait()

def main():
    recorded = recordings()
    names = WANTED or list(recorded)
    fast = ["noop", "heartbeat", "heartbeat-reply", "close-timeout"]
    groups = [([], [n for n in names if n not in fast + ["auth", "expiry"]]),
              (["fast"], [n for n in names if n in fast]),
              (["auth"], [n for n in names if n == "auth"]),
              ([], [n for n in names if n == "expiry"])]
    ours = {}
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda g: play(*g), [g for g in groups if g[1]]):
            ours.update(found)
    failed = 0
    for name in names:
        expected, notes = plain(recorded[name]), []
        for theirs, mine, why in DEVIATIONS.get(name, []):
            if theirs not in expected:
                notes.append(f"this deviation does not fit the recording: {theirs}")
            expected = expected.replace(theirs, mine)
            notes.append("differs by design: " + why)
        found = plain(ours.get(name, "nothing"))
        if found == expected and not any("does not fit" in note for note in notes):
            print(f"PASS {name}" + "".join(f"\n     {note}" for note in notes))
            continue
        failed += 1
        print(f"FAIL {name}")
        for note in notes:
            print("     " + note)
        for line in difflib.unified_diff(expected.split("\n"), found.split("\n"), "expected", "found", lineterm="", n=0):
            print("     " + line)
        if os.environ.get("EDGE_SHOW"):
            print(expected, "\n-----\n" + found)
    print(f"{len(names) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)

main()
