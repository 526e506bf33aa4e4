#!/usr/bin/env python3
"""Which of the venue's hosts serves what, by http and https, over real sockets; for in-namespace.sh.

    in-namespace.sh --speed 300 --fulldepth 100 -- hosts_run.py [OUTCRY]

Each of the eight hosts is asked for a call, a Socket.IO handshake and a WebSocket, with its certificate checked for its
name by the system's authorities; then our own client listens at the venue's addresses. A line a case that is wrong,
and 'N passed, N failed'; exit status 1 if any failed.
"""
import base64
import os
import socket
import ssl
import subprocess
import sys

CALLS = ["mtgox.com", "www.mtgox.com", "data.mtgox.com", "data-beta.mtgox.com"]
SOCKET_IO = ["socketio.mtgox.com", "socketio-beta.mtgox.com"]
WEB_SOCKET = ["websocket.mtgox.com", "websocket-beta.mtgox.com"]
EVERYTHING = ["localhost", "127.0.0.1"]
ASKED = {
    "call": "/api/1/BTCUSD/ticker",
    "handshake": "/socket.io/1/?Currency=USD",
    "websocket": "/mtgox?Currency=USD",
    "bare websocket": "/?Channel=depth.BTCUSD/ticker.BTCUSD",
}
UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nOrigin: *\r\n"
    "Sec-WebSocket-Key: %s\r\n" % base64.b64encode(b"0123456789abcdef").decode())


def expected(host, what):
    if host in EVERYTHING or host in {"call": CALLS, "handshake": SOCKET_IO}.get(what, WEB_SOCKET):
        return "101" if "websocket" in what else "200"
    return "404"


def status(scheme, host, what):
    stream = socket.create_connection((host, 443 if scheme == "https" else 80), timeout=10)
    if scheme == "https":
        stream = ssl.create_default_context().wrap_socket(stream, server_hostname=host)
    with stream:
        more = UPGRADE if "websocket" in what else ""
        stream.sendall(("GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n" % (ASKED[what], host, more)).encode())
        return stream.recv(65536).split(b" ")[1].decode()


def listens(outcry, url):
    """Our own client, which trusts the system's authorities, gets a book within 30 s and says so."""
    watch = subprocess.Popen([outcry, "watch", url, "--seconds", "30"], stdout=subprocess.PIPE, text=True)
    found = any("levels)" in line for line in watch.stdout)
    watch.terminate()
    watch.communicate()
    return found


def main():
    outcry = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("OUTCRY")
    passed = failed = 0

    def judge(name, wanted, found):
        nonlocal passed, failed
        if found == wanted:
            passed += 1
        else:
            failed += 1
            print("FAIL %s: expected %s, found %s" % (name, wanted, found))

    for scheme in ("http", "https"):
        for host in CALLS + SOCKET_IO + WEB_SOCKET + EVERYTHING:
            for what in ASKED:
                try:
                    found = status(scheme, host, what)
                except (OSError, IndexError) as error:
                    found = repr(error)
                judge("%s://%s, %s" % (scheme, host, what), expected(host, what), found)
    for url in ("ws://websocket.mtgox.com/mtgox", "wss://websocket.mtgox.com/mtgox",
                "socketio+http://socketio.mtgox.com/mtgox", "socketio+https://socketio.mtgox.com/mtgox"):
        if outcry:
            judge("outcry watch " + url, True, listens(outcry, url))
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
