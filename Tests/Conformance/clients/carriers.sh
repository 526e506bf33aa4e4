#!/usr/bin/env bash
# PyPI's socketIO-client 0.5.7.4 and websocket-client, unchanged, at the venue's own addresses: Socket.IO at
# http(s)://socketio.mtgox.com, a plain WebSocket at ws(s)://websocket.mtgox.com. In Chromium, where there is one, the
# page of the venue's wiki, unchanged.
#   carriers.sh setup              the virtualenv, from PyPI (15 s)
#   carriers.sh run                both packages, by four carriers (15 s)
#   carriers.sh page               the page (10 s)
# Environment: CLIENTS_HOME (default /tmp/outcry-clients); PY3, the Python for setup (python3); that of in-namespace.sh.
# Prints a line a step and 'N passed, N failed'; exit status 1 if any failed, 3 if it is not set up, 77 if there can be
# no network of its own here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${CLIENTS_HOME:-/tmp/outcry-clients}
python=$home/carriers/bin/python

setup() {
    mkdir -p "$home"
    "${PY3:-python3}" -m venv "$home/carriers"
    "$home/carriers/bin/pip" install -q --disable-pip-version-check socketIO-client==0.5.7.4 websocket-client==1.9.2
}

# The page of the wiki (2012-07), not a letter of it changed; behind it a witness. Chromium keeps its authorities in a
# store of its own: it is told by the certificate's key whom to trust.
page() {
    local browser folder pin client passed=1
    browser=$(command -v chromium || command -v chromium-browser || true)
    [ -n "$browser" ] || { echo "carriers.sh: skipped: no Chromium" >&2; exit 77; }
    folder=$(mktemp -d)
    cat >"$folder/page.html" <<'PAGE'
<html><body>
<script src="https://socketio.mtgox.com/socket.io/socket.io.js"></script>
<script>
var conn = io.connect('https://socketio.mtgox.com/mtgox');
conn.on('message', function(data) {
// Handle incoming data object.
});
</script>
<script>
    var count = 0;
    conn.on('message', function (data) { if (++count === 50) console.log('OUTCRY fifty'); });
</script></body></html>
PAGE
    pin=$(openssl s_client -connect socketio.mtgox.com:443 </dev/null 2>/dev/null | openssl x509 -pubkey -noout \
        | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)
    timeout 40 "$browser" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --ignore-certificate-errors-spki-list="$pin" --user-data-dir="$folder/profile" --enable-logging=stderr \
        --v=0 "file://$folder/page.html" >"$folder/log" 2>&1 &
    client=$!
    for _ in $(seq 60); do
        if grep -q 'OUTCRY fifty' "$folder/log"; then passed=0 && break; fi
        sleep 0.5
    done
    kill "$client" 2>/dev/null || true
    wait "$client" 2>/dev/null || true
    if [ "$passed" -eq 0 ]; then
        echo "PASS page: 50 messages"
        echo "1 passed, 0 failed"
    else
        tail -n 5 "$folder/log"
        echo "FAIL page"
        echo "0 passed, 1 failed"
    fi
    rm -rf "$folder" 2>/dev/null || true
    return "$passed"
}

steps() {
    local passed=0 failed=0 step
    for step in http https ws wss; do
        if timeout 60 "$python" "$here/socketio_client.py" "$step"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
        fi
    done
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}

case ${1:-} in
setup) setup ;;
page) exec "$here/in-namespace.sh" --speed 300 -- "$here/carriers.sh" __page ;;
run)
    [ -x "$python" ] || { echo "carriers.sh: not set up: no $python ($here/carriers.sh setup)" >&2; exit 3; }
    exec "$here/in-namespace.sh" --speed 300 -- "$here/carriers.sh" __steps
    ;;
__steps) steps ;;
__page) page ;;
*)
    sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
