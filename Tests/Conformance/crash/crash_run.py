#!/usr/bin/env python3
"""Kills a sandbox at random points; what it had acknowledged is there once after each restart.

    crash_run.py OUTCRY [--kills N] [--seed N] [--tear N] [--option OPTION]...

Clients of two accounts trade with each other and with the market, at HTTP and on their private channels, and log
every acknowledgement that they receive; the owner deposits. The process is killed by SIGKILL after 0 to 600 ms and
started again on its folder. Then every order, cancel, fill, wallet entry and balance of the log is asked for by
signed calls. At every N-th kill (--tear, 10) a random piece of the tail of the journal's WAL is cut off too: then the
newest may be lost, and nothing else. The seed decides what is done and when the kill comes, not what the process is
doing then. A line a fault, and 'N passed, N failed'; exit status 1 if any failed.
"""
import argparse
import http.client
import os
import random
import shutil
import struct
import sys
import tempfile
import threading
import time

from venue import Account, Caller, Channel, Refused, Sandbox

PAIRS = [("BTCUSD", "USD", 5, 17.5), ("BTCEUR", "EUR", 5, 12.0), ("BTCJPY", "JPY", 3, 1400.0)]
CURRENCIES = ["BTC", "USD", "EUR", "JPY"]
# No answer: the process was gone. It says nothing of what was done.
GONE = (OSError, http.client.HTTPException, ValueError)


class Log:
    """What one account was told, and what it knows of its orders and wallets since the last check."""

    def __init__(self, account):
        self.account = account
        self.lock = threading.Lock()
        # By oid: side, amount, isMarket, cancel ('', 'sent', 'acked'), ended, tids.
        self.orders = {}
        self.messages = []
        # What was checked of each wallet: kind, value, balance, info; the place is the index less 1.
        self.wallets = {c: [] for c in CURRENCIES}
        self.acked_tags = []
        self.last_order = None

    def hear(self, message):
        with self.lock:
            self.messages.append(message)


def trade(log, port, seed, over):
    """One client: orders and cancels until the process is gone."""
    dice = random.Random(seed)
    caller = Caller(log.account, port)
    try:
        while not over.is_set():
            pair, _, decimals, middle = dice.choice(PAIRS)
            known = [o for o, s in list(log.orders.items()) if not s["cancel"]]
            if known and dice.random() < 0.35:
                oid = dice.choice(known)
                log.orders[oid]["cancel"] = "sent"
                try:
                    caller.call("generic/private/order/cancel", ("oid", oid))
                    log.orders[oid]["cancel"] = "acked"
                except Refused:
                    pass  # it was filled before
                continue
            side = dice.choice(["bid", "ask"])
            amount = dice.randrange(1_000_000, 200_000_000)
            form = [("type", side), ("amount_int", str(amount))]
            is_market = dice.random() < 0.1
            if not is_market:
                price = int(middle * dice.uniform(0.95, 1.05) * 10 ** decimals)
                form.append(("price_int", str(price)))
            oid = caller.call("%s/private/order/add" % pair, *form)
            with log.lock:
                log.orders[oid] = {"side": side, "amount": amount, "market": is_market, "cancel": "", "pair": pair}
                log.last_order = caller.last
    except Refused as refusal:
        log.refused = refusal
    except GONE:
        pass


def deposit(sandbox, logs, number, seed, over):
    """The owner, until the process is gone."""
    dice = random.Random(seed)
    count = 0
    try:
        while not over.is_set():
            log = dice.choice(logs)
            count += 1
            tag = "deposit %d.%d" % (number, count)
            sandbox.ask("POST", "/deposits", {
                "account": log.account.name, "currency": dice.choice(CURRENCIES), "amount": "1.5", "info": tag})
            with log.lock:
                log.acked_tags.append(tag)
    except GONE:
        pass


class Check:
    def __init__(self):
        self.passed = self.failed = 0
        self.facts = dict.fromkeys(["orders", "cancels", "fills", "entries", "deposits", "replays", "tears"], 0)

    def that(self, truth, *words):
        if truth:
            self.passed += 1
        else:
            self.failed += 1
            print("FAIL", *words, flush=True)
        return truth


def integer(amount):
    return int(amount["value_int"])


def result(caller, oid, order):
    """What an order has traded: by the number of the trade."""
    try:
        answer = caller.call("generic/private/order/result", ("type", order["side"]), ("order", oid))
    except Refused:
        return []
    return [(str(t["trade_id"]), integer(t["amount"])) for t in answer["trades"]]


def history(caller, currency, known):
    """The entries of a wallet after the first `known`, oldest first."""
    found = []
    page = 1
    while True:
        answer = caller.call("generic/wallet/history", ("currency", currency), ("page", str(page)))
        for entry in answer["result"]:
            if int(entry["Index"]) <= known:
                break
            found.append((int(entry["Index"]), entry["Type"], integer(entry["Value"]), integer(entry["Balance"]),
                          entry["Info"]))
        else:
            if page < answer["max_page"]:
                page += 1
                continue
        return list(reversed(found)), int(answer["records"])


def gather(caller, log, sandbox, torn):
    """What the exchange says of an account, of one moment: the market goes on, so it may take some tries."""
    for _ in range(100):
        before = sandbox.ask("GET", "/accounts")
        histories = {c: history(caller, c, 0 if torn else len(log.wallets[c])) for c in CURRENCIES}
        info = caller.call("generic/info")
        found = caller.call("generic/private/orders")
        own = [str(t["tid"]) for t in caller.call("generic/private/trades")]
        known = [o for o in log.orders if not torn or any(f["oid"] == o for f in found)]
        results = {o: result(caller, o, log.orders[o]) for o in known}
        if sandbox.ask("GET", "/accounts") == before:
            return histories, info, found, own, results
    raise SystemExit("the market does not stand still for a moment")


def verify(check, where, log, sandbox, torn):
    caller = Caller(log.account, sandbox.port)
    histories, info, found, own, results = gather(caller, log, sandbox, torn)
    name = "%s, %s:" % (where, log.account.name)
    # The wallets: what was checked before stands as it stood; then comes what the account was told, in its order.
    told = {c: [] for c in CURRENCIES}
    fills, ended = set(), set()
    for message in log.messages:
        if message["private"] == "wallet":
            w = message["wallet"]
            told[w["amount"]["currency"]].append((w["op"], integer(w["amount"]), integer(w["balance"]), w["info"]))
        elif message["private"] == "trade":
            fills.add(str(message["trade"]["tid"]))
        elif "status" not in message["user_order"]:
            ended.add(message["user_order"]["oid"])
    tags = []
    for currency in CURRENCIES:
        before = log.wallets[currency]
        entries, records = histories[currency]
        places = [e[0] for e in entries]
        first = 1 if torn else len(before) + 1
        check.that(places == list(range(first, records + 1)), name, currency, "entries", places[:3], "of", records)
        fresh = [e[1:] for e in entries]
        if torn:
            both = min(len(fresh), len(before))
            check.that(fresh[:both] == before[:both], name, currency, "what is left is not what was there")
            log.wallets[currency] = fresh
        else:
            place = 0
            for one in told[currency]:
                while place < len(fresh) and fresh[place] != one:
                    place += 1
                check.that(place < len(fresh), name, currency, "was told and is not there:", one)
                place += 1
                check.facts["entries"] += 1
            log.wallets[currency] = before + fresh
        tags += [e[3] for e in fresh]
        balance = log.wallets[currency][-1][2] if log.wallets[currency] else 0
        check.that(integer(info["Wallets"][currency]["Balance"]) == balance, name, currency, "balance", balance)
    if not torn:
        for tag in log.acked_tags:
            check.that(tags.count(tag) == 1, name, tag, "is there", tags.count(tag), "times")
            check.facts["deposits"] += 1
    # The orders.
    open_orders = {o["oid"]: integer(o["amount"]) for o in found}
    check.that(len(open_orders) == len(found), name, "an order is open twice")
    if torn:
        log.orders = {o: s for o, s in log.orders.items() if o in open_orders}
    for oid, order in log.orders.items():
        trades = results[oid]
        numbers = [t[0] for t in trades]
        check.that(len(numbers) == len(set(numbers)), name, oid, "has a trade twice", numbers)
        check.that(all(n in own for n in numbers), name, oid, "has a trade that the account has not", numbers)
        sum_ = sum(t[1] for t in trades) + open_orders.get(oid, 0)
        may_lack = order["cancel"] or order["market"]
        check.that(
            sum_ == order["amount"] or (oid not in open_orders and may_lack and sum_ < order["amount"]), name, oid,
            "has", sum_, "of", order)
        if order["cancel"] == "acked" and not torn:
            check.that(oid not in open_orders, name, oid, "was cancelled and is open")
            check.facts["cancels"] += 1
        if oid in ended and not torn:
            check.that(oid not in open_orders, name, oid, "had ended and is open")
        check.facts["orders"] += 1
    if not torn:
        for tid in fills:
            check.that(tid in own, name, "trade", tid, "was told and is not there")
            check.facts["fills"] += 1
        if log.last_order:
            # The same call once more is refused, since its nonce was kept.
            status, _ = caller.put(*log.last_order)
            check.that(status == 403, name, "a call was taken twice:", status)
            check.facts["replays"] += 1
    known = set(log.orders)
    strangers = {o["oid"]: o for o in found if o["oid"] not in known}
    log.orders = {o: s for o, s in log.orders.items() if o in open_orders}
    for order in log.orders.values():
        order["cancel"] = ""
    # Orders that were taken on, with the answer lost: cancelled now, so that all that stands is known.
    for oid in strangers:
        caller.call("generic/private/order/cancel", ("oid", oid))
    log.messages, log.acked_tags, log.last_order = [], [], None
    for currency in CURRENCIES:
        # What the cancels have moved, if anything.
        entries, _ = history(caller, currency, len(log.wallets[currency]))
        log.wallets[currency] += [e[1:] for e in entries]


def tear(path, dice):
    """Cuts a piece off the frames that a checkpoint has not taken yet; false where there may be none such."""
    try:
        data = open(path, "rb").read()
    except FileNotFoundError:
        return False
    if len(data) < 32:
        return False
    page, salts = struct.unpack("!I", data[8:12])[0], data[16:24]
    frames = 0
    while True:
        at = 32 + frames * (page + 24)
        if at + page + 24 > len(data) or data[at + 8:at + 16] != salts:
            break
        frames += 1
    # At 1,000 pages SQLite carries them over, in order, on the disk: those cannot be torn off any more.
    if not 0 < frames < 1000:
        return False
    end = 32 + frames * (page + 24)
    os.truncate(path, max(32, end - dice.randrange(1, min(end - 31, 65_536))))
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("outcry")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--tear", type=int, default=10)
    parser.add_argument("--option", action="append", default=[])
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    print("seed", options.seed, flush=True)
    dice = random.Random(options.seed)
    folder = tempfile.mkdtemp(prefix="outcry-crash-")
    sandbox = Sandbox(options.outcry, os.path.join(folder, "data"), ["--speed", "60"] + options.option)
    check = Check()
    sandbox.start()
    logs = []
    for name in ["alice", "bob"]:
        made = sandbox.ask("POST", "/accounts", {
            "name": name, "money": {"BTC": "100000", "USD": "1000000", "EUR": "1000000", "JPY": "100000000"}})
        logs.append(Log(Account(name, made["key"], made["secret"])))
    slowest = 0
    try:
        for kill in range(1, options.kills + 1):
            where = "kill %d" % kill
            over = threading.Event()
            for log in logs:
                log.refused = None
                key = Caller(log.account, sandbox.port).call("generic/private/idkey")
                channel = Channel(sandbox.port, key, log.hear)
                channel.start()
                log.channel = channel
            workers = [
                threading.Thread(target=trade, args=(log, sandbox.port, dice.randrange(1 << 30), over), daemon=True)
                for log in logs for _ in range(2)]
            workers.append(threading.Thread(
                target=deposit, args=(sandbox, logs, kill, dice.randrange(1 << 30), over), daemon=True))
            for worker in workers:
                worker.start()
            time.sleep(dice.uniform(0, 0.6))
            sandbox.kill()
            over.set()
            for worker in workers + [log.channel for log in logs]:
                worker.join(30)
                check.that(not worker.is_alive(), where, "a client did not end")
            for log in logs:
                check.that(log.refused is None, where, log.account.name, log.refused)
            torn = kill % options.tear == 0 and tear(os.path.join(sandbox.folder, "journal.sqlite-wal"), dice)
            check.facts["tears"] += bool(torn)
            began = time.monotonic()
            sandbox.start()
            slowest = max(slowest, time.monotonic() - began)
            for log in logs:
                verify(check, where + (" (torn)" if torn else ""), log, sandbox, torn)
        status = sandbox.ask("GET", "/status")
        print("%d kills with seed %d; %s; %s records, the slowest start %.2f s" % (
            options.kills, options.seed, ", ".join("%d %s" % (n, w) for w, n in check.facts.items()),
            status["records"], slowest))
    finally:
        if sandbox.process.poll() is None:
            sandbox.stop()
        if check.failed or options.keep:
            print("kept:", folder)
        else:
            shutil.rmtree(folder)
    print("%d passed, %d failed" % (check.passed, check.failed))
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
