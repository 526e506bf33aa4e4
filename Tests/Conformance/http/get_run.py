#!/usr/bin/env python3
"""Runs an HTTP client over answers that are right, odd, wrong, cut short or late (RFC 9110, 9112).

usage: get_run.py 'CMD'

CMD gets lines 'ID METHOD URL' on its standard input, makes each call on a connection of its own
within 3 s, and prints 'ID STATUS SHA1' (of the body, hexadecimal) or 'ID error'. Prints PASS or FAIL
a case, then 'N passed, N failed'; exit status 1 if any failed. The answers are served from here, on
a free port of 127.0.0.1; the path of a URL is the number of its case."""
import gzip
import hashlib
import os
import re
import socket
import subprocess
import sys
import threading
import time

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LONG = bytes(range(256)) * 4096                           # 1 MiB

# Name, method, the bytes of the answer (None: none at all), and what is wanted: status and body, or
# None for an error. A tuple of bytes is sent with pauses; the connection ends behind the last.
CASES = [
    ("length", "GET", OK + b"Content-Length: 5\r\n\r\nhello", (200, b"hello")),
    ("length 0", "GET", OK + b"Content-Length: 0\r\n\r\n", (200, b"")),
    ("length and more behind it", "GET", OK + b"Content-Length: 5\r\n\r\nhello, world", (200, b"hello")),
    ("length twice, equal", "GET", OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", (200, b"hello")),
    ("lengths that differ", "GET", OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", None),
    ("length with a sign", "GET", OK + b"Content-Length: +5\r\n\r\nhello", None),
    ("length 2^64+5", "GET", OK + b"Content-Length: 18446744073709551621\r\n\r\nhello", None),
    ("length cut short", "GET", OK + b"Content-Length: 6\r\n\r\nhello", None),
    ("until the end", "GET", OK + b"\r\nhello", (200, b"hello")),
    ("until the end, HTTP/1.0", "GET", b"HTTP/1.0 200 OK\r\n\r\nhello", (200, b"hello")),
    ("1 MiB by length", "GET", OK + b"Content-Length: 1048576\r\n\r\n" + LONG, (200, LONG)),
    ("1 MiB in one chunk", "GET", CHUNKED + b"100000\r\n" + LONG + b"\r\n0\r\n\r\n", (200, LONG)),
    ("1 MiB until the end", "GET", OK + b"\r\n" + LONG, (200, LONG)),
    ("chunks", "GET", CHUNKED + b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", (200, b"hello")),
    ("chunks, one byte at a time", "GET",
     tuple(bytes([b]) for b in CHUNKED + b"3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\nX: y\r\n\r\n"), (200, b"hello")),
    ("chunk sizes in both cases", "GET", CHUNKED + b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
     (200, b"0123456789" * 2)),
    ("trailers", "GET", CHUNKED + b"5\r\nhello\r\n0\r\nX: y\r\nZ: w\r\n\r\n", (200, b"hello")),
    ("chunks without their end", "GET", CHUNKED + b"5\r\nhello\r\n", None),
    ("chunks without the last line", "GET", CHUNKED + b"5\r\nhello\r\n0\r\n", None),
    ("chunk size is no number", "GET", CHUNKED + b"5x\r\nhello\r\n0\r\n\r\n", None),
    ("chunk size with a sign", "GET", CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n", None),
    ("chunk longer than told", "GET", CHUNKED + b"4\r\nhello\r\n0\r\n\r\n", None),
    ("chunk lines of LF alone", "GET", CHUNKED + b"5\nhello\n0\n\n", None),
    ("chunked and length", "GET",
     OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", None),
    ("an unknown coding", "GET", OK + b"Transfer-Encoding: rot13, chunked\r\n\r\n0\r\n\r\n", None),
    ("chunked twice", "GET", OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", None),
    ("HEAD with a length", "HEAD", OK + b"Content-Length: 5\r\n\r\n", (200, b"")),
    ("HEAD with chunked", "HEAD", CHUNKED, (200, b"")),
    ("204 has no body", "GET", b"HTTP/1.1 204 No Content\r\n\r\n", (204, b"")),
    ("304 with a length has no body", "GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", (304, b"")),
    ("404 with a body", "GET", b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone", (404, b"gone")),
    ("302 is not followed", "GET", b"HTTP/1.1 302 Found\r\nLocation: /0\r\nContent-Length: 0\r\n\r\n", (302, b"")),
    ("500 until the end", "GET", b"HTTP/1.1 500 \r\n\r\noops", (500, b"oops")),
    ("no reason", "GET", b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", (200, b"ok")),
    ("100 before it", "GET", b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok", (200, b"ok")),
    ("103 and 103 before it", "GET",
     b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 2 + OK + b"Content-Length: 2\r\n\r\nok", (200, b"ok")),
    ("100 and nothing more", "GET", b"HTTP/1.1 100 Continue\r\n\r\n", None),
    ("POST", "POST", OK + b"Content-Length: 2\r\n\r\nok", (200, b"ok")),
    ("DELETE", "DELETE", OK + b"Content-Length: 2\r\n\r\nok", (200, b"ok")),
    ("folded field", "GET", OK + b"X: a\r\n b\r\nContent-Length: 2\r\n\r\nok", None),
    ("blank before the colon", "GET", OK + b"Content-Length : 2\r\n\r\nok", None),
    ("NUL in a value", "GET", OK + b"X: a\0b\r\nContent-Length: 2\r\n\r\nok", None),
    ("CR in a value", "GET", OK + b"X: a\rb\r\nContent-Length: 2\r\n\r\nok", None),
    ("a field of 1 MiB", "GET", OK + b"X: " + b"a" * (1 << 20) + b"\r\n\r\n", None),
    ("HTTP/2.0", "GET", b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok", None),
    ("status of four digits", "GET", b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok", None),
    ("no HTTP", "GET", b"220 mail.example.org ESMTP\r\n", None),
    ("nothing", "GET", b"", None),
    ("half a head", "GET", OK + b"Content-Le", None),
    ("no answer in time", "GET", None, None),
    ("half an answer in time", "GET", (OK + b"Content-Length: 6\r\n\r\nhello", None), None),
]
# Hostile answers, of our own reviewers.
FIVE = b"Content-Length: 5\r\n\r\nhello"
HELLO = (200, b"hello")
GZIP = OK + b"Content-Encoding: gzip\r\n"


def packed(data):
    return b"Content-Length: %d\r\n\r\n" % len(data) + data


PACKED = gzip.compress(b"hello")
CASES += [
    ("gzip", "GET", GZIP + packed(PACKED), HELLO),
    ("gzip in chunks of a byte", "GET", GZIP + b"Transfer-Encoding: chunked\r\n\r\n"
     + b"".join(b"1\r\n%c\r\n" % byte for byte in PACKED) + b"0\r\n\r\n", HELLO),
    ("gzip until the end", "GET", GZIP + b"\r\n" + PACKED, HELLO),
    ("gzip of two members", "GET", GZIP + packed(gzip.compress(b"hel") + gzip.compress(b"lo")), HELLO),
    ("gzip cut short", "GET", GZIP + packed(PACKED[:-3]), None),
    ("gzip with a wrong sum", "GET", GZIP + packed(PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:]), None),
    ("gzip with bytes behind it", "GET", GZIP + packed(PACKED + b"xx"), None),
    ("gzip that is none", "GET", GZIP + FIVE, None),
    ("gzip of 64 MiB of zeros", "GET", GZIP + packed(gzip.compress(bytes(64 << 20))), None),
    ("gzip of nothing", "GET", GZIP + b"Content-Length: 0\r\n\r\n", (200, b"")),
    ("HEAD of gzip", "HEAD", GZIP + b"Content-Length: 25\r\n\r\n", (200, b"")),
    ("another content coding is left as it is", "GET", OK + b"Content-Encoding: br\r\n" + FIVE, HELLO),
    ("lengths in a list that differ", "GET", OK + b"Content-Length: 5, 6\r\n\r\nhello", None),
    ("length of 1 TiB", "GET", OK + b"Content-Length: 1099511627776\r\n\r\nhello", None),
    ("33 MiB until the end", "GET", OK + b"\r\n" + b"a" * (33 << 20), None),
    ("gzip as a transfer coding", "GET", OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", None),
    ("a chunk extension", "GET", CHUNKED + b"5;a=\"b;c\" ; d\r\nhello\r\n0 ; e\r\n\r\n", HELLO),
    ("a chunk extension without a name", "GET", CHUNKED + b"5;\r\nhello\r\n0\r\n\r\n", None),
    ("a chunk extension with an open quote", "GET", CHUNKED + b"5;a=\"\r\nhello\r\n0\r\n\r\n", None),
    ("a trailer with a length", "GET", CHUNKED + b"5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n", HELLO),
    ("trailers of 1 MiB", "GET", CHUNKED + b"0\r\nX: " + b"a" * (1 << 20) + b"\r\n\r\n", None),
    ("an answer behind chunks", "GET", CHUNKED + b"5\r\nhello\r\n0\r\n\r\n" + OK + FIVE, HELLO),
    ("204 with a length and a body", "GET", b"HTTP/1.1 204 No Content\r\n" + FIVE, (204, b"")),
    ("304 with a body", "GET", b"HTTP/1.1 304 Not Modified\r\n" + FIVE, (304, b"")),
    ("HEAD with a body", "HEAD", OK + FIVE, (200, b"")),
    ("102 with a length before it", "GET",
     b"HTTP/1.1 102 Processing\r\nContent-Length: 3\r\n\r\n" + OK + FIVE, HELLO),
    ("1,000 interim answers", "GET", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000 + OK + FIVE, None),
    ("101 that nobody asked for", "GET", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nhello", None),
    ("status 999", "GET", b"HTTP/1.1 999 What\r\n" + FIVE, (999, b"hello")),
    ("status 099", "GET", b"HTTP/1.1 099 What\r\n" + FIVE, None),
    ("status of two digits", "GET", b"HTTP/1.1 20 OK\r\n" + FIVE, None),
    ("two spaces before the status", "GET", b"HTTP/1.1  200 OK\r\n" + FIVE, None),
    ("8 bits in the reason and a value", "GET", b"HTTP/1.1 200 \xe9\xff\r\nX: \xe9\xff\r\n" + FIVE, HELLO),
    ("CR in the reason", "GET", b"HTTP/1.1 200 O\rK\r\n" + FIVE, None),
    ("tab before the colon", "GET", OK + b"Content-Length\t: 5\r\n\r\nhello", None),
    ("blank before the first field", "GET", OK + b" X: y\r\n" + FIVE, None),
    ("10,000 fields", "GET", OK + b"X: y\r\n" * 10000 + FIVE, None),
    ("HTTP/1.0 with a length cut short", "GET", b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello", None),
    ("a head byte by byte", "GET", tuple(bytes([b]) for b in OK + FIVE), HELLO),
]
# Without an answer, since nobody is there to give it.
LAST = [("nobody listens", "GET", None, None), ("a port that does not exist", "GET", None, None)]


def serve(client):
    """Reads a request and sends the answer of its case."""
    with client:
        request = b""
        while b"\r\n\r\n" not in request:
            part = client.recv(65536)
            if not part:
                return
            request += part
        found = re.match(rb"([A-Z]+) /(\d+) HTTP/1\.1\r\n", request)
        if not found or not re.search(rb"(?i)\r\nhost: 127\.0\.0\.1:\d+\r\n", request):
            return client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        answer = CASES[int(found[2])][2]
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in answer if isinstance(answer, tuple) else (answer,):
            if part is None:
                time.sleep(6)
                return
            client.sendall(part)
            if isinstance(answer, tuple):
                time.sleep(0.002)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass


def accept(door):
    def quietly(client):
        try:
            serve(client)
        except OSError:
            pass
    while True:
        client, _ = door.accept()
        threading.Thread(target=quietly, args=(client,), daemon=True).start()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    door = socket.create_server(("127.0.0.1", 0), backlog=64)
    threading.Thread(target=accept, args=(door,), daemon=True).start()
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    lines = [f"{i} {case[1]} {url}/{i}\n" for i, case in enumerate(CASES)]
    refuser = socket.create_server(("127.0.0.1", 0))
    lines.append(f"{len(CASES)} GET http://127.0.0.1:{refuser.getsockname()[1]}/\n")
    refuser.close()
    lines.append(f"{len(CASES) + 1} GET http://127.0.0.1:99999/\n")
    done = subprocess.run(sys.argv[1], shell=True, input="".join(lines), stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, timeout=60,
                          env=dict(os.environ, no_proxy="*"))
    found = dict(line.partition(" ")[::2] for line in done.stdout.splitlines())
    failed = 0
    for i, (name, _, _, wanted) in enumerate(CASES + LAST):
        want = f"{wanted[0]} {hashlib.sha1(wanted[1]).hexdigest()}" if wanted else "error"
        got = found.get(str(i), "nothing")
        failed += got != want
        print("PASS" if got == want else "FAIL", f"get: {name}: want {want}, found {got}")
    print(f"{len(lines) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
