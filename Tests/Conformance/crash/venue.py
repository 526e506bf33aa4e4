"""What a client of Mt. Gox needs, in Python's own library: signed calls, a WebSocket, and the sandbox's commands."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time
import urllib.parse


class Refused(Exception):
    """The venue said no; anything else that goes wrong means that there was no answer."""


class Caller:
    """Signed calls of version 1 on one connection. One a thread; the nonces are the account's."""

    def __init__(self, account, port):
        self.account = account
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    def sign(self, form):
        body = urllib.parse.urlencode([("nonce", self.account.nonce())] + form)
        code = hmac.new(base64.b64decode(self.account.secret), body.encode(), hashlib.sha512)
        return body, {
            "Rest-Key": self.account.key, "Rest-Sign": base64.b64encode(code.digest()).decode(),
            "Content-Type": "application/x-www-form-urlencoded", "User-Agent": "crash"}

    def put(self, path, body, fields):
        self.connection.request("POST", "/api/1/" + path, body, fields)
        reply = self.connection.getresponse()
        return reply.status, json.loads(reply.read())

    def call(self, path, *form):
        # Nonces have to arrive in their order: one call of an account at a time.
        with self.account.turn:
            body, fields = self.sign(list(form))
            status, answer = self.put(path, body, fields)
        self.last = (path, body, fields)
        if status != 200 or answer.get("result") != "success":
            raise Refused("%s: %s %s" % (path, status, answer))
        return answer["return"]


class Account:
    def __init__(self, name, key, secret):
        self.name, self.key, self.secret = name, key, secret
        self.turn = threading.Lock()
        self.last_nonce = 0

    def nonce(self):
        self.last_nonce = max(self.last_nonce + 1, int(time.time() * 1e6))
        return str(self.last_nonce)


class Channel(threading.Thread):
    """Hears an account's private channel until the connection ends; each message goes to `heard`."""

    def __init__(self, port, idkey, heard):
        super().__init__(daemon=True)
        self.heard = heard
        self.stream = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.stream.sendall((
            "GET /?Channel=none HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nOrigin: *\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n").encode())
        self.file = self.stream.makefile("rb")
        if b"101" not in self.file.readline():
            raise OSError("no WebSocket")
        while self.file.readline() not in (b"\r\n", b""):
            pass
        text = json.dumps({"op": "mtgox.subscribe", "key": idkey}).encode()
        mask = b"\1\2\3\4"
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(text))
        size = struct.pack("!B", 0x80 | len(text)) if len(text) < 126 else struct.pack("!BH", 0xFE, len(text))
        self.stream.sendall(b"\x81" + size + mask + masked)
        while (self.message() or {}).get("op") != "subscribe":
            pass

    def message(self):
        head = self.file.read(2)
        if len(head) < 2:
            raise OSError("the stream has ended")
        size = head[1] & 127
        if size > 125:
            more = self.file.read(2 if size == 126 else 8)
            size = int.from_bytes(more, "big")
        content = self.file.read(size)
        if len(content) < size:
            raise OSError("the stream has ended")
        return json.loads(content) if head[0] & 15 == 1 else None

    def run(self):
        try:
            self.stream.settimeout(None)
            while True:
                message = self.message()
                if message and message.get("op") == "private":
                    self.heard(message)
        except (OSError, ValueError):
            pass


class Sandbox:
    """`outcry sandbox --data` as a process that can be killed."""

    def __init__(self, program, folder, options):
        self.program, self.folder, self.options = program, folder, options
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [self.program, "sandbox", "--data", self.folder, "--port", "0", "--no-account"] + self.options,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        said = b""
        for line in self.process.stdout:
            said += line
            if line.startswith(b"^C"):
                break
        else:
            raise SystemExit("the sandbox did not start:\n" + said.decode())
        self.port = int(re.search(rb"^http +http://127.0.0.1:(\d+)", said, re.M).group(1))
        # What it says later is of no interest, and must not stop it.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        note = dict(line.split(" ", 1) for line in open(os.path.join(self.folder, "admin")).read().splitlines())
        self.admin, self.token = note["address"], note["token"]
        return said.decode()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)

    def ask(self, method, path, body=None):
        """One request to the administrator."""
        connection = http.client.HTTPConnection(self.admin, timeout=60)
        connection.request(
            method, path, None if body is None else json.dumps(body), {"Authorization": "Bearer " + self.token})
        reply = connection.getresponse()
        answer = json.loads(reply.read())
        connection.close()
        if reply.status != 200:
            raise Refused("%s %s: %s" % (method, path, answer))
        return answer
