# What a user of PyAlgoTrade 0.14 (or 0.13) writes (Python 2.7): a strategy and small programs, with the package's own classes
# and nothing of it changed. One step a run: prints `PASS STEP words` or `FAIL STEP words`, exit status 0 or 1.
#   pyalgotrade_client.py STEP        STEP: one of those in `steps`, below
# The private steps want an API key in OUTCRY_MTGOX_KEY and OUTCRY_MTGOX_SECRET, with some USD and BTC behind it.
import datetime
import logging
import os
import sys
import tempfile
import time
import traceback

import pyalgotrade.logger
from pyalgotrade import strategy
from pyalgotrade.mtgox import barfeed, base, broker, client, httpclient, tools, wsclient

PATIENCE = 40  # seconds that a step may wait for something
# Nobody has this key: what is refused with it would be taken with another.
NOBODY = ("00000000-0000-4000-8000-000000000000", "c2VjcmV0" * 11)


class Failed(Exception):
    pass


def check(isGood, words):
    if not isGood:
        raise Failed(words)


def credentials():
    return os.environ.get("OUTCRY_MTGOX_KEY", NOBODY[0]), os.environ.get("OUTCRY_MTGOX_SECRET", NOBODY[1])


# MARK: Public

def trades():
    """HTTP: the trades of the last day, then those since one of them."""
    deadline = time.time() + PATIENCE
    while True:
        found = tools.download_trades_since("USD", 0, True)
        if len(found.getTrades()) >= 20:
            break
        check(time.time() < deadline, "expected 20 trades in time, found %d" % len(found.getTrades()))
        time.sleep(0.5)
    check(all(trade.getType() in ("bid", "ask") for trade in found.getTrades()), "a type that is none")
    middle = found.getTrades()[9]
    rest = tools.download_trades_since("USD", middle.getId(), True)
    check(rest.getFirst().getId() == found.getTrades()[10].getId(), "since: expected the next trade")
    return "%d trades, the last %.2f BTC at %.5f" % (
        len(found.getTrades()), found.getLast().getAmount(), found.getLast().getPrice())


def csv():
    """HTTP: a day of trades into a file, and the package's own feed of it."""
    today = datetime.datetime.utcnow()
    path = os.path.join(tempfile.mkdtemp(), "trades.csv")
    tools.download_trades_by_day("USD", today.year, today.month, today.day, path)
    feed = barfeed.CSVTradeFeed()
    feed.addBarsFromCSV(path)
    count = 0
    for item in feed:
        bars = item[1] if isinstance(item, tuple) else item  # 0.14 gives the time beside them, 0.13 does not
        check(bars["BTC"].getClose() > 0, "a price above 0")
        count += 1
    check(count >= 10, "expected 10 trades in the file, found %d" % count)
    return "%d trades through a file" % count


class Paper(strategy.BaseStrategy):
    """Buys at the market on the third trade, sells below it when that is filled, ends when that is filled."""

    def __init__(self, feed, brk, deadline):
        strategy.BaseStrategy.__init__(self, feed, brk)
        self.bars = 0
        self.tickers = []
        self.fills = []
        self.deadline = deadline

    def onTicker(self, ticker):
        self.tickers.append(ticker)
        if time.time() > self.deadline:
            self.stop()

    def onBars(self, bars):
        self.bars += 1
        if self.bars == 3:
            self.order("BTC", 1)
        if time.time() > self.deadline or (len(self.fills) == 2 and self.bars >= 10 and self.tickers):
            self.stop()

    def onOrderUpdated(self, order):
        if order.isFilled():
            self.fills.append(order)
            if len(self.fills) == 1:
                self.order("BTC", -1)


def paper():
    """Stream: a strategy on live trades, whose orders the package fills itself (paper trading)."""
    stream = client.Client("USD", None, None)
    feed = barfeed.LiveTradeFeed(stream)
    strat = Paper(feed, broker.BacktestingBroker(1000, feed), time.time() + PATIENCE)
    strat.getDispatcher().addSubject(stream)
    stream.getTickerEvent().subscribe(strat.onTicker)
    strat.run()
    check(strat.bars >= 10, "expected 10 trades in time, found %d" % strat.bars)
    check(len(strat.fills) == 2, "expected 2 filled orders, found %d" % len(strat.fills))
    last = strat.tickers[-1]
    check(last.getBuy().getValue() < last.getSell().getValue(), "a bid below the ask")
    return "%d trades, %d tickers, bought at %.5f, sold at %.5f" % (
        (strat.bars, len(strat.tickers))
        + tuple(order.getExecutionInfo().getPrice() for order in strat.fills))


class Depth(wsclient.WebSocketClient):
    """Keeps what the stream says of the book."""

    def __init__(self):
        wsclient.WebSocketClient.__init__(self, "USD", None, None)
        self.levels = {}
        self.news = []
        self.subscribed = []
        self.remarks = []
        self.answers = 0
        self.done = lambda: False
        self.deadline = time.time() + PATIENCE

    def onOpened(self):
        pass

    def onClosed(self, code, reason):
        pass

    def onDisconnectionDetected(self):
        self.close_connection()

    def onSubscribe(self, data):
        self.subscribed.append(data["channel"])

    def onUnsubscribe(self, data):
        self.news.append(("unsubscribed", data["channel"]))

    def onRemark(self, data):
        self.remarks.append(data)

    def onDepth(self, depth):
        check(depth.getCurrency() == "USD", "depth in USD")
        self.levels[(depth.getType(), depth.getPrice())] = depth.getTotalVolume()
        self.news.append("depth")

    def onTrade(self, trade):
        self.news.append("trade")

    def onTicker(self, ticker):
        self.news.append("ticker")

    def received_message(self, message):
        wsclient.WebSocketClient.received_message(self, message)
        if "keep-alive-msg" in str(message.data):
            self.answers += 1
        if self.done() or time.time() > self.deadline:
            self.close_connection()

    def listen(self, done):
        self.done = done
        self.connect()
        self.startClient()


def book():
    """Stream: order book by depth messages, trades and tickers, and a channel that is left."""
    stream = Depth()
    stream.listen(lambda: stream.news.count("depth") >= 50 and "trade" in stream.news
                  and "ticker" in stream.news)
    check(len(stream.subscribed) == 3, "expected 3 subscriptions, found %s" % stream.subscribed)
    check(stream.news.count("depth") >= 50, "expected 50 depth messages in time, found %d"
          % stream.news.count("depth"))
    check(stream.remarks and stream.remarks[0]["success"], "expected a greeting")
    return "%d levels by %d depth messages" % (len(stream.levels), stream.news.count("depth"))


def leave():
    """Stream: unsubscribes from depth, and hears no more of it."""
    stream = Depth()
    channel = Depth.DEPTH_NOTIFICATIONS_CHANNEL
    confirmed = ("unsubscribed", channel)

    def done():
        if len(stream.subscribed) == 3 and not stream.left:
            stream.left = True
            stream.unsubscribeChannel(channel)
        if confirmed not in stream.news:
            return False
        return len(stream.news) - stream.news.index(confirmed) > 20
    stream.left = False
    stream.listen(done)
    check(confirmed in stream.news, "expected the same message back")
    behind = stream.news[stream.news.index(confirmed) + 1:]
    check("depth" not in behind and len(behind) >= 20, "expected trades and tickers alone, found %s" % behind)
    return "%d messages of other channels behind it" % len(behind)


def keepalive():
    """Stream: `keep-alive-msg`, which is no JSON, is sent every 5 s and has to come back in a remark."""
    stream = Depth()
    stream.listen(lambda: stream.answers >= 2)
    check(stream.answers >= 2, "expected 2 answers in time, found %d" % stream.answers)
    return "%d answers" % stream.answers


# MARK: Private

def calls():
    key, secret = credentials()
    return httpclient.HTTPClient(key, secret, "USD")


def returned(reply):
    check(reply.get("result") == "success", "expected success, found %s" % reply)
    return reply["return"]


def idkey():
    """HTTP: the key of the account channel."""
    found = returned(calls().requestPrivateKeyId())
    check(len(found) == 75, "expected 75 characters, found %s" % found)
    return found[:8] + "..."


def balance(info, currency):
    return base.Price(info["Wallets"][currency]["Balance"]).getValue()


def info():
    """HTTP: the account."""
    found = returned(calls().privateInfo())
    return "%.5f USD, %.8f BTC, fee %s%%" % (balance(found, "USD"), balance(found, "BTC"), found["Trade_Fee"])


class Account:
    """The package's client with the account's channel joined, and all it says of orders."""

    def __init__(self):
        key, secret = credentials()
        self.stream = client.Client("USD", key, secret)
        self.orders = []
        self.ticker = None
        self.stream.getUserOrderEvent().subscribe(self.orders.append)
        self.stream.getTickerEvent().subscribe(self.note)
        self.stream.start()
        self.calls = calls()

    def note(self, ticker):
        self.ticker = ticker

    def wait(self, done, words):
        deadline = time.time() + PATIENCE
        while not done():
            check(time.time() < deadline, "expected %s in time, found %s"
                  % (words, [order.getDict() for order in self.orders]))
            self.stream.dispatch()

    def about(self, oid):
        return [order for order in self.orders if order.getId() == oid]

    def isGone(self, oid):
        # Since 2013 a reason stands beside the oid; isCanceled() wants the oid alone.
        return any("status" not in order.getDict() for order in self.about(oid))

    def end(self):
        self.stream.stop()
        self.stream.join()


def account():
    """Stream: idkey by HTTP, then the account's channel."""
    own = Account()
    own.wait(lambda: own.ticker, "a ticker")
    own.end()
    return "joined"


def cancel():
    """An order far below the market rests, and is canceled."""
    own = Account()
    try:
        own.wait(lambda: own.ticker, "a ticker")
        price = round(own.ticker.getBuy().getValue() / 2, 2)
        oid = returned(own.calls.addOrder("bid", 0.5, price))
        own.wait(lambda: any(order.getDict().get("status") == "open" for order in own.about(oid)), "an open order")
        order = own.about(oid)[-1]
        check(abs(order.getPrice() - price) < 1e-9 and order.getAmount() == 0.5, "expected what was asked for")
        answer = returned(own.calls.cancelOrder(oid))
        check(answer["oid"] == oid, "expected the oid back")
        own.wait(lambda: own.isGone(oid), "its removal")
        return "%s, isCanceled() %s" % (oid, [order.isCanceled() for order in own.about(oid)][-1])
    finally:
        own.end()


def buy():
    """An order at the market is filled, and the balances tell."""
    own = Account()
    try:
        own.wait(lambda: own.ticker, "a ticker")
        before = returned(own.calls.privateInfo())
        oid = returned(own.calls.addOrder("bid", 0.25))
        own.wait(lambda: own.isGone(oid), "a filled order")
        after = returned(own.calls.privateInfo())
        gained = balance(after, "BTC") - balance(before, "BTC")
        spent = balance(before, "USD") - balance(after, "USD")
        check(0.24 < gained <= 0.25 and spent > 0, "expected 0.25 BTC less a fee, found %.8f" % gained)
        return "%.8f BTC for %.5f USD" % (gained, spent)
    finally:
        own.end()


def sell():
    """A limit order below the bid is filled at once."""
    own = Account()
    try:
        own.wait(lambda: own.ticker, "a ticker")
        oid = returned(own.calls.addOrder("ask", 0.25, round(own.ticker.getBuy().getValue() * 0.9, 2)))
        own.wait(lambda: own.isGone(oid), "a filled order")
        return oid
    finally:
        own.end()


steps = {step.__name__: step for step in (
    trades, csv, paper, book, leave, keepalive, idkey, info, account, cancel, buy, sell)}


def main():
    step = steps[sys.argv[1]]
    # ws4py 0.3.4 tells tornado of every stream that it closed itself.
    for noisy in ("mtgox", "tornado.application"):
        pyalgotrade.logger.getLogger(noisy).setLevel(logging.CRITICAL)
    try:
        words, status = step(), 0
    except Failed as error:
        words, status = str(error), 1
    except Exception as error:
        if os.environ.get("VERBOSE"):
            traceback.print_exc()
        words, status = "%s: %s" % (type(error).__name__, error), 1
    print "%s %s: %s" % (("PASS", "FAIL")[status], step.__name__, words)
    sys.stdout.flush()
    # The package's thread may still wait for a connection that is over.
    os._exit(status)


if __name__ == "__main__":
    main()
