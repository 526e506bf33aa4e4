# What a user of PyPI's socketIO-client 0.5.7.4 (and websocket-client below it) wrote to listen to the venue.
#   socketio_client.py STEP       STEP: http, https (Socket.IO), ws, wss (plain WebSocket); PASS or FAIL and words
import json
import sys
import time

KINDS = {"remark", "subscribe", "depth", "ticker", "trade", "lag"}
seen = {}


def note(message):
    data = json.loads(message) if isinstance(message, str) else message
    kind = data["private"] if data["op"] == "private" else data["op"]
    seen[kind] = seen.get(kind, 0) + 1
    return not is_missing()


def is_missing():
    return sum(seen.values()) < 50 or not KINDS <= set(seen)


def carried(step):
    """Socket.IO 0.9, the endpoint /mtgox, a channel more by mtgox.subscribe."""
    from socketIO_client import BaseNamespace, SocketIO

    class Gox(BaseNamespace):
        def on_message(self, message):
            note(message)

    host = ("https://" if step == "https" else "") + "socketio.mtgox.com"
    port = 443 if step == "https" else 80
    with SocketIO(host, port) as client:
        gox = client.define(Gox, "/mtgox")
        gox.message({"op": "mtgox.subscribe", "type": "lag"})
        deadline = time.time() + 30
        while is_missing() and time.time() < deadline:
            client.wait(seconds=0.2)


def plain(step):
    """As goxtool: the path /, channels in the query, an Origin of host and port, trades by a message."""
    import websocket

    stream = websocket.create_connection(
        step + "://websocket.mtgox.com?Channel=depth.BTCUSD/ticker.BTCUSD", timeout=30,
        origin="websocket.mtgox.com:" + ("443" if step == "wss" else "80"))
    stream.send(json.dumps({"op": "mtgox.subscribe", "channel": "trade.BTC"}))
    stream.send(json.dumps({"op": "mtgox.subscribe", "type": "lag"}))
    deadline = time.time() + 30
    while not note(stream.recv()) and time.time() < deadline:
        pass
    stream.close()


def main():
    step = sys.argv[1]
    try:
        (carried if step in ("http", "https") else plain)(step)
        verdict, words = ("FAIL", "not all of %s" % sorted(KINDS)) if is_missing() else ("PASS", seen)
    except Exception as error:
        verdict, words = "FAIL", "%s: %s" % (type(error).__name__, error)
    print(verdict, step, words)
    return verdict != "PASS"


if __name__ == "__main__":
    sys.exit(main())
