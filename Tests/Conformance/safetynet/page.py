#!/usr/bin/env python3
"""SafetyNet's page in headless Chromium (Debian's), before a SafetyNet before a sandbox.

    page.py [OUTCRY] [--port 24700] [--shots FOLDER]

It must fill its ladder, charts, tape and cards from its own server and nothing else, say without an error what
happens, come back by itself after the server was gone, fit a phone, be used by keyboard, be dark where one wants
that, and move nothing where one wants no motion. Skipped (exit 0) where there is no Chromium. Only Python's own
library: Chromium is spoken to through a pipe.
"""
import argparse, base64, json, os, select, shutil, subprocess, sys, tempfile, time, urllib.request

options = argparse.ArgumentParser()
options.add_argument("outcry", nargs="?", default=".build/debug/outcry")
options.add_argument("--port", type=int, default=24700)
options.add_argument("--shots")
options = options.parse_args()
chromium = shutil.which("chromium") or shutil.which("chromium-browser")
if not chromium:
    print("skipped: no Chromium (apt-get install chromium)")
    sys.exit(0)
folder = tempfile.mkdtemp()
passed = failed = 0


def check(name, ok, more=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'PASS' if ok else 'FAIL'} {name}{'' if ok else ': ' + str(more)[:300]}", flush=True)


class Browser:
    """DevTools through a pipe: JSON texts with a zero behind each."""

    def __init__(self):
        to_read, self.to = os.pipe()
        self.back, back_write = os.pipe()

        def ready():
            os.dup2(to_read, 3) if to_read != 3 else os.set_inheritable(3, True)
            os.dup2(back_write, 4) if back_write != 4 else os.set_inheritable(4, True)

        # Ends of the pipe that are not 3 and 4 already, so that neither overwrites the other.
        spare = [os.dup(to_read) for _ in range(6)]
        to_read, back_write = os.dup(to_read), os.dup(back_write)
        for number in spare:
            os.close(number)
        self.process = subprocess.Popen(
            [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             f"--user-data-dir={folder}/profile", "--remote-debugging-pipe", "about:blank"],
            preexec_fn=ready, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.buffer, self.number, self.events, self.session = b"", 0, [], None
        target = next(t for t in self.ask("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Network", "Log"]:
            self.ask(domain + ".enable")

    def message(self, limit):
        end = time.monotonic() + limit
        while b"\0" not in self.buffer:
            if not select.select([self.back], [], [], max(0, end - time.monotonic()))[0]:
                return None
            self.buffer += os.read(self.back, 1 << 20)
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def ask(self, method, **params):
        self.number += 1
        command = {"id": self.number, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.to, json.dumps(command).encode() + b"\0")
        while True:
            message = self.message(30)
            assert message, f"no answer to {method}"
            if message.get("id") == self.number:
                assert "result" in message, message
                return message["result"]
            self.events.append(message)

    def value(self, expression):
        reply = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in reply, reply
        return reply["result"].get("value")

    def until(self, expression, limit=20):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if self.value(expression):
                return True
            while (event := self.message(0.2)):
                self.events.append(event)
        return False

    def key(self, name, code=None):
        text = {"text": name} if len(name) == 1 else {}
        for kind in ["keyDown", "keyUp"]:
            self.ask("Input.dispatchKeyEvent", type=kind, key=name, code=code or name, **(text if kind == "keyDown" else {}))

    def view(self, width, height, mobile=False, scale=1, **features):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": k.replace("_", "-"), "value": v} for k, v in features.items()])
        time.sleep(0.4)

    def shot(self, name, whole=False):
        if options.shots:
            os.makedirs(options.shots, exist_ok=True)
            image = self.ask("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
            with open(f"{options.shots}/{name}.png", "wb") as file:
                file.write(base64.b64decode(image))


def wait_for(port, limit=20):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).read()
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"FAIL nothing listens on {port}")


running = []


def start(*words):
    log = open(f"{folder}/{words[0]}.log", "a")
    process = subprocess.Popen([options.outcry, *words], stdout=log, stderr=log)
    running.append(process)
    return process


def safetynet():
    process = start("safetynet", "--upstream", f"ws://127.0.0.1:{options.port}/mtgox", "--port", str(options.port + 1),
                    "--data", f"{folder}/data", "--history", "recent")
    wait_for(options.port + 1)
    return process


browser = None
try:
    start("sandbox", "--port", str(options.port), "--speed", "300", "--loop")
    time.sleep(1)
    net = safetynet()
    browser = Browser()
    browser.view(1440, 1000, scale=1, prefers_color_scheme="light")
    browser.ask("Page.navigate", url=f"http://127.0.0.1:{options.port + 1}/")
    check("it is live", browser.until("document.getElementById('link')?.textContent === 'live'", 30), browser.value("document.getElementById('link')?.textContent"))
    browser.key("Tab")
    check("Tab comes first to a way past the head", browser.value("document.activeElement.className") == "skip")
    browser.value("document.activeElement.blur()")
    filled = "[...document.querySelectorAll('#ladder .asks tr, #ladder .bids tr')].filter(r => r.cells[0].textContent).length"
    check("the ladder is full", browser.until(filled + " >= 20"), browser.value(filled))
    check("the tape fills", browser.until("document.querySelector('#tape tbody').rows.length >= 10", 30))
    check("candles come from the history", browser.until("candles.size >= 3", 30), browser.value("candles.size"))
    check("four cards say how it is", browser.until("document.querySelectorAll('#state .card').length === 4"))
    inked = "(id => { const c = document.querySelector(id + ' canvas'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 40; return n / d.length * 4; })"
    check("both charts are drawn", browser.until(f"{inked}('#depth') > .002 && {inked}('#candles') > .002"))
    equal = """(async () => {
        for (let i = 0; i < 20; i++) {
            const of = (side, list) => { const m = new Map(list.map(l => [+l.price_int, +l.amount_int])); return m.size === side.size && [...m].every(([p, a]) => side.get(p) === a); };
            const reply = await (await fetch('api/1/BTCUSD/fulldepth')).json(), whole = reply.return;
            if (of(book.bids, whole.bids) && of(book.asks, whole.asks)) return true;
            await new Promise(done => setTimeout(done, 150));
        }
        return false; })()"""
    check("its book is the server's", browser.value(equal))
    time.sleep(6)
    browser.value("scrollTo(0, 0)")
    browser.shot("light")
    browser.view(1440, 1000, scale=1, prefers_color_scheme="dark")
    dark = browser.value("getComputedStyle(document.documentElement).backgroundColor")
    browser.shot("dark")
    check("it is dark where one wants that", sum(map(int, dark[4:-1].split(",")[:3])) < 120, dark)
    browser.view(390, 844, mobile=True, scale=2, prefers_color_scheme="light")
    check("it fits a phone", browser.value("document.documentElement.scrollWidth <= innerWidth"), browser.value("document.documentElement.scrollWidth"))
    browser.shot("phone")
    browser.shot("phone-whole", whole=True)
    browser.view(1440, 1000, scale=1, prefers_color_scheme="light", prefers_reduced_motion="reduce")
    moving = "document.getAnimations().length"
    check("nothing moves where one wants no motion", browser.value(moving) == 0, browser.value(moving))
    browser.view(1440, 1000, scale=1, prefers_color_scheme="light", prefers_reduced_motion="no-preference")
    browser.key("2", "Digit2")
    check("2 makes the candles a minute long", browser.until("span === 60 && document.querySelector('#spans input:checked').value === '60'"))
    browser.value("document.querySelector('#depth .chart').focus()")
    browser.key("ArrowRight")
    browser.key("ArrowRight")
    check("arrows read the depth aloud", browser.until("/asked up to/.test(document.getElementById('say').textContent)"), browser.value("document.getElementById('say').textContent"))
    browser.key("m", "KeyM")
    check("m goes to the market", browser.value("document.activeElement.id") == "market")
    net.terminate()
    net.wait(15)
    check("it says that the server is gone", browser.until("/reconnecting|connecting|answer/.test(document.getElementById('link').textContent)"))
    bad = [e for e in browser.events if e["method"] in ("Runtime.exceptionThrown",) or (e["method"] == "Runtime.consoleAPICalled" and e["params"]["type"] == "error")]
    net = safetynet()
    check("it comes back by itself", browser.until("document.getElementById('link').textContent === 'live'", 30), browser.value("document.getElementById('link').textContent"))
    check("with the server's book", browser.value(equal))
    urls = [e["params"]["request"]["url"] for e in browser.events if e["method"] == "Network.requestWillBeSent"]
    foreign = [u for u in urls if not u.startswith((f"http://127.0.0.1:{options.port + 1}/", "data:", "about:"))]
    check("it asks nobody else for anything", urls and not foreign, foreign)
    bad += [e for e in browser.events if e["method"] == "Runtime.exceptionThrown"]
    check("no script failed", not bad, bad)
    violations = [e for e in browser.events if e["method"] == "Log.entryAdded" and e["params"]["entry"]["source"] in ("security", "violation", "javascript")]
    check("nothing broke its rules", not violations, violations)
finally:
    for process in running + ([browser.process] if browser else []):
        process.terminate()
    for process in running + ([browser.process] if browser else []):
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
    if failed:
        for name in ("safetynet", "sandbox"):
            print(open(f"{folder}/{name}.log").read()[-600:])
    shutil.rmtree(folder, ignore_errors=True)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
