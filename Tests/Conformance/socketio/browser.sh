#!/usr/bin/env bash
# The page of the venue's wiki (2012), unchanged but for the host, in headless Chromium (Debian's): it loads
# socket.io.js from our sandbox and must receive messages.
#   browser.sh [PORT] [websocket|xhr-polling] [OUTCRY]
# With xhr-polling the browser has no WebSocket. Skipped (exit 0) where there is no Chromium.
set -euo pipefail
port=${1:-18260} transport=${2:-websocket} outcry=${3:-.build/debug/outcry}
browser=$(command -v chromium || command -v chromium-browser || true)
[ -n "$browser" ] || { echo "skipped: no Chromium (apt-get install chromium)"; exit 0; }
folder=$(mktemp -d)
"$outcry" sandbox --port "$port" --speed 600 --loop >"$folder/sandbox.log" 2>&1 &
sandbox=$!
trap 'kill $sandbox 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT
before=''
[ "$transport" = websocket ] || before='<script>delete window.WebSocket;</script>'
cat >"$folder/page.html" <<PAGE
<html><body>$before
<script src="http://127.0.0.1:$port/socket.io/socket.io.js"></script>
<script>
    var conn = io.connect('http://127.0.0.1:$port/mtgox');
    conn.on('message', function(data) {
        // Handle incoming data object.
    });
</script>
<script>
    // The witness; all above is the wiki's.
    var ops = {}, count = 0;
    conn.on('connect', function () { console.log('OUTCRY connect ' + (conn.session.carrier.name || '')); });
    conn.on('message', function (data) {
        count += 1;
        ops[data.op] = (ops[data.op] || 0) + 1;
        if (count % 50 === 0) console.log('OUTCRY messages ' + count + ' ' + JSON.stringify(ops));
    });
    conn.on('disconnect', function () { console.log('OUTCRY disconnect'); });
    conn.on('error', function (e) { console.log('OUTCRY error ' + e); });
</script></body></html>
PAGE
sleep 1
timeout 25 "$browser" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
    --user-data-dir="$folder/profile" --enable-logging=stderr --v=0 "file://$folder/page.html" \
    >"$folder/browser.log" 2>&1 &
page=$!
for _ in $(seq 1 40); do
    if grep -q 'OUTCRY messages 100 ' "$folder/browser.log"; then break; fi
    sleep 0.5
done
kill $page 2>/dev/null || true
grep -o 'OUTCRY [^"]*' "$folder/browser.log" | head -12 || true
if grep -q 'OUTCRY connect' "$folder/browser.log" && grep -q 'OUTCRY messages 100 ' "$folder/browser.log"; then
    echo "PASS browser $transport"
    echo "1 passed, 0 failed"
else
    tail -5 "$folder/browser.log" "$folder/sandbox.log"
    echo "FAIL browser $transport"
    echo "0 passed, 1 failed"
    exit 1
fi
