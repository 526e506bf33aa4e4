#!/usr/bin/env python3
"""Runs an HTTP client through proxies that the environment names: CONNECT, SOCKS 5 and forwarded calls.

usage: proxy_run.py 'CMD'

CMD gets a line 'ID METHOD URL' on its standard input, and prints 'ID STATUS SHA1' (of the body, hexadecimal)
or 'ID error'. Prints PASS or FAIL a case, then 'N passed, N failed'; exit status 1 if any failed. The proxies
and the host behind them, far.example, are served from here; openssl makes its certificate."""
import base64
import hashlib
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

BODY = b"behind the proxy"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
BASIC = b"Proxy-Authorization: Basic " + base64.b64encode(b"me:se:cr et") + b"\r\n"
log = []


def head(sock):
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(1)                 # nothing behind the head is taken
        if not part:
            raise OSError("ended")
        data += part
    return data


def exactly(sock, count):
    data = b""
    while len(data) < count:
        part = sock.recv(count - len(data))
        if not part:
            raise OSError("ended")
        data += part
    return data


def listen(handler):
    door = socket.create_server(("127.0.0.1", 0), backlog=64)

    def quietly(client):
        with client:
            try:
                handler(client)
            except OSError as error:
                log.append(str(error))

    def accept():
        while True:
            client, _ = door.accept()
            threading.Thread(target=quietly, args=(client,), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    return door.getsockname()[1]


def serve(client):
    while True:
        log.append(head(client).split(b"\r\n")[0].decode())
        client.sendall(REPLY)


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def relay(client, port):
    with socket.create_connection(("127.0.0.1", port)) as far:
        threading.Thread(target=pump, args=(far, client), daemon=True).start()
        pump(client, far)


def http_proxy(wants):
    def handle(client):
        request = head(client)
        line = request.split(b"\r\n")[0].decode()
        log.append(line)
        if wants and BASIC not in request:
            return client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        if line == f"CONNECT far.example:{secure} HTTP/1.1":
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            return relay(client, secure)
        good = line == f"GET http://far.example:{plain}/x?y HTTP/1.1" and f"Host: far.example:{plain}".encode() in request
        client.sendall(REPLY if good else b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
    return handle


def socks_proxy(wants):
    def handle(client):
        version, count = exactly(client, 2)
        methods = exactly(client, count)
        if wants and 2 not in methods:
            return client.sendall(b"\5\xff")
        client.sendall(b"\5\2" if wants else b"\5\0")
        if wants:
            _, size = exactly(client, 2)
            user = exactly(client, size)
            word = exactly(client, exactly(client, 1)[0])
            client.sendall(b"\1\0" if (user, word) == (b"me", b"se:cr et") else b"\1\1")
            if (user, word) != (b"me", b"se:cr et"):
                return
        _, command, _, kind = exactly(client, 4)
        name = exactly(client, exactly(client, 1)[0]) if kind == 3 else exactly(client, 4 if kind == 1 else 16)
        port, = struct.unpack(">H", exactly(client, 2))
        log.append(f"socks {version} {command} {kind} {name!r} {port}")
        if name != b"far.example" or port not in (plain, secure):
            return client.sendall(b"\5\4\0\1\0\0\0\0\0\0")
        client.sendall(b"\5\0\0\3\3far\0\1")
        relay(client, port)
    return handle


def main():
    global plain, secure
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        cert = os.path.join(folder, "cert.pem")
        key = os.path.join(folder, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=x", "-addext",
                        "subjectAltName=DNS:far.example"], check=True, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        plain = listen(serve)
        secure = listen(lambda client: serve(context.wrap_socket(client, server_side=True)))
        web, locked = listen(http_proxy(False)), listen(http_proxy(True))
        socks, shut = listen(socks_proxy(False)), listen(socks_proxy(True))
        me = "me:se%3Acr%20et@127.0.0.1"
        http, https = f"http://far.example:{plain}/x?y", f"https://far.example:{secure}/x?y"
        cases = [
            ("forwarded", {"HTTP_PROXY": f"http://127.0.0.1:{web}"}, http, True),
            ("forwarded, no scheme", {"http_proxy": f"127.0.0.1:{web}"}, http, True),
            ("forwarded with a password", {"http_proxy": f"http://{me}:{locked}"}, http, True),
            ("forwarded, refused (407 is the answer)", {"http_proxy": f"http://127.0.0.1:{locked}"}, http, 407),
            ("CONNECT", {"HTTPS_PROXY": f"http://127.0.0.1:{web}"}, https, True),
            ("CONNECT by ALL_PROXY", {"ALL_PROXY": f"http://127.0.0.1:{web}/"}, https, True),
            ("CONNECT with a password", {"https_proxy": f"http://{me}:{locked}"}, https, True),
            ("CONNECT refused", {"https_proxy": f"http://127.0.0.1:{locked}"}, https, False),
            ("CONNECT with a wrong password", {"https_proxy": f"http://me:no@127.0.0.1:{locked}"}, https, False),
            ("SOCKS", {"ALL_PROXY": f"socks5://127.0.0.1:{socks}"}, http, True),
            ("SOCKS, then TLS", {"all_proxy": f"socks5h://127.0.0.1:{socks}"}, https, True),
            ("SOCKS with a password", {"ALL_PROXY": f"socks5://{me}:{shut}"}, https, True),
            ("SOCKS with a wrong password", {"ALL_PROXY": f"socks5://me:no@127.0.0.1:{shut}"}, http, False),
            ("SOCKS without the password", {"ALL_PROXY": f"socks5://127.0.0.1:{shut}"}, http, False),
            ("SOCKS, another host", {"ALL_PROXY": f"socks5://127.0.0.1:{socks}"}, "http://near.example/", False),
            ("another name behind TLS", {"ALL_PROXY": f"http://127.0.0.1:{web}"}, https.replace("far.", "near."), False),
            ("NO_PROXY", {"ALL_PROXY": f"http://127.0.0.1:{web}", "NO_PROXY": "a.b,127.0.0.0/8"},
             f"http://127.0.0.1:{plain}/x?y", True),
        ]
        base = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        failed = 0
        for name, environment, url, wanted in cases:
            log.clear()
            done = subprocess.run(sys.argv[1], shell=True, input=f"1 GET {url}\n", stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, timeout=20,
                                  env={**base, "SSL_CERT_FILE": cert, **environment})
            found = done.stdout.strip()
            want = {True: f"1 200 {hashlib.sha1(BODY).hexdigest()}", False: "1 error",
                    407: f"1 407 {hashlib.sha1(b'').hexdigest()}"}[wanted]
            isSecret = any(word in done.stderr for word in ("cr et", "cr%20et", "me:no", base64.b64encode(b"me:no").decode()))
            good = found == want and not isSecret
            failed += not good
            print("PASS" if good else "FAIL", f"proxy: {name}: want {want}, found {found}, said {done.stderr.strip()!r}, {log}")
        print(f"{len(cases) - failed} passed, {failed} failed")
        sys.exit(failed > 0)


if __name__ == "__main__":
    main()
