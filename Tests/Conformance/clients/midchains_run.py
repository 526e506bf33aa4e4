#!/usr/bin/env python3
"""The two programs of MidChains' page "Python Websockets", with PyPI's websocket-client, at `outcry sandbox` by TLS.

    midchains_run.py OUTCRY PYTHON      the program outcry, and a Python that has websocket-client

Each program runs as the page prints it (midchains/seed_*.py; the page's line breaks are lost in the copy that we have and
were put back), but for the URL, which is replaced by the sandbox's. What it prints is compared with the exchange's own book,
asked for over HTTP at its Mt. Gox door. Prints a line a step and 'N passed, N failed'.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE_URL = "wss://ws-sandbox.midchains.com:8081/"
results = []


def check(name, is_right, found=""):
    results.append(is_right)
    print(("PASS " if is_right else "FAIL ") + name + ("" if is_right else ": found %s" % str(found)[:300]))


class Sandbox:
    """An `outcry sandbox` with a door for MidChains by TLS, whose market stands still once it has begun."""

    def __init__(self, outcry, folder):
        self.output = open(os.path.join(folder, "sandbox"), "w+")
        self.process = subprocess.Popen(
            [outcry, "sandbox", "--port", "0", "--tls", folder, "--tls-port", "0", "--midchains-tls-port", "0",
             "--no-account", "--no-admin", "--fulldepth", "1000", "--speed", "1"],
            stdout=self.output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.authority = os.path.join(folder, "ca.pem")
        for _ in range(200):
            text = open(self.output.name).read()
            secret = re.search(r"midchains\s+wss://localhost:(\d+)/", text)
            plain = re.search(r"http\s+http://([^/]+)/", text)
            if secret and plain:
                self.url, self.http = "wss://localhost:%s/" % secret.group(1), plain.group(1)
                return
            time.sleep(0.05)
        raise SystemExit("the sandbox did not start: " + open(self.output.name).read())

    def book(self):
        """Price to amount, of both sides."""
        request = urllib.request.Request(
            "http://%s/api/1/BTCUSD/fulldepth" % self.http, headers={"User-Agent": "midchains_run"})
        with urllib.request.urlopen(request) as reply:
            depth = json.loads(reply.read(), parse_float=Decimal, parse_int=Decimal)["return"]
        return {
            (side, Decimal(level["price_int"]) / 100000): Decimal(level["amount_int"]) / 100000000
            for side, name in (("B", "bids"), ("S", "asks")) for level in depth[name]}

    def stop(self):
        self.process.terminate()
        self.process.wait()


def levels(lines):
    """The levels that follow from what was printed."""
    orders = {}
    for line in lines:
        message = json.loads(line, parse_float=Decimal)
        if message["type"] != "book" or message["security"] != "BCHUSD":
            raise ValueError("expected BCHUSD's book, found " + line[:100])
        for entry in message["books"]:
            if entry["act"] == "R":
                orders.pop(entry["id"], None)
            else:
                orders[entry["id"]] = (entry["side"], Decimal(entry["price"]), Decimal(entry["qty"]))
    book = defaultdict(Decimal)
    for side, price, amount in orders.values():
        book[side, price] += amount
    return dict(book)


def play(python, name, sandbox, seconds):
    source = open(os.path.join(HERE, "midchains", name)).read()
    assert source.count(PAGE_URL) == 1
    with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as program:
        program.write(source.replace(PAGE_URL, sandbox.url))
    environment = dict(os.environ, SSL_CERT_FILE=sandbox.authority, WEBSOCKET_CLIENT_CA_BUNDLE=sandbox.authority)
    try:
        done = subprocess.run(
            [python, "-u", program.name], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=seconds, text=True)
        return done.stdout, "it ended: " + done.stderr
    except subprocess.TimeoutExpired as end:
        return (end.stdout or b"").decode(), (end.stderr or b"").decode()
    finally:
        os.unlink(program.name)


def main():
    outcry, python = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(outcry, folder)
        try:
            for name, seconds, head in (("seed_sync.py", 4, ""), ("seed_async.py", 7, "WebSocket thread: ")):
                before = sandbox.book()
                output, errors = play(python, name, sandbox, seconds)
                after = sandbox.book()
                printed = output.splitlines()
                # The last line may have been cut off with the program.
                lines = [line[len(head):] for line in printed if line.startswith(head + "{") and line.endswith("}")]
                check(name + " runs, and goes on", errors.strip() == "" and len(lines) > 0, errors or output)
                image = levels(lines[:1]) if lines else {}
                check(name + " prints all levels of the book at once", len(image) > 100, len(image))
                # The market goes on meanwhile: what it did not touch has to be the same in all three.
                kept = {key for key in before if before.get(key) == after.get(key)}
                ours = levels(lines)
                wrong = [key for key in kept if ours.get(key) != before[key]]
                check("%s: %d levels are the exchange's" % (name, len(kept)), len(kept) > 100 and not wrong, wrong[:3])
                if head:
                    check(name + ": the main thread goes on", any(line.startswith("Main thread: ") for line in printed), output)
        finally:
            sandbox.stop()
    print("%d passed, %d failed" % (results.count(True), results.count(False)))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
