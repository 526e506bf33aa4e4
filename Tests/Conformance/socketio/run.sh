#!/usr/bin/env bash
# Socket.IO 0.9 against the programs of its time.
#   run.sh setup                    their virtualenvs, from PyPI (40 s)
#   run.sh edge OUTCRY_PEER         our server beside the recorded answers of the original (50 s; python3 alone)
#   run.sh pypi OUTCRY_PEER         PyPI's socketIO-client 0.5.7.4 at our server, by three transports (25 s)
#   run.sh tornadio2 OUTCRY_PEER    our client at TornadIO2 0.0.4, by two transports (15 s)
# Environment: SIO_HOME, where the virtualenvs live (default /tmp/outcry-socketio); PY3 and PY27, the Pythons for
# setup (default: python3, and pyenv's 2.7.18). Prints a line a case and 'N passed, N failed'; exit status 1 if
# any failed, 3 if what the run needs is not set up.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${SIO_HOME:-/tmp/outcry-socketio}
scratch=$(mktemp -d)
server=
passed=0 failed=0
trap 'stop; rm -rf "$scratch"' EXIT

stop() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    server=
}

setup() {
    local quiet=(-q --disable-pip-version-check --no-warn-script-location)
    mkdir -p "$home"
    "${PY3:-python3}" -m venv "$home/client"
    "$home/client/bin/pip" install "${quiet[@]}" socketIO-client==0.5.7.4
    local old=${PY27:-$HOME/.pyenv/versions/2.7.18/bin/python}
    [ -x "$old" ] || { echo "run.sh: no Python 2.7 at $old: TornadIO2 is not set up" >&2; exit 3; }
    "$old" -m pip install "${quiet[@]}" --target "$home/boot" virtualenv==20.15.1 2>/dev/null
    PYTHONPATH=$home/boot "$old" -m virtualenv -q "$home/tornadio2"
    "$home/tornadio2/bin/pip" install "${quiet[@]}" TornadIO2==0.0.4 tornado==2.4.1 2>/dev/null
}

need() { [ -x "$1" ] || { echo "run.sh: not set up: no $1 ($here/run.sh setup)" >&2; exit 3; }; }

# waits FILE PATTERN: until a line of the server's fits; it goes to `line`.
waits() {
    for _ in $(seq 100); do
        line=$(sed -n "/$2/p" "$1" | head -n 1)
        [ -z "$line" ] || return 0
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    echo "run.sh: expected a server that says $2, found: $(head -n 3 "$1")" >&2
    exit 1
}

# judge NAME EXPECTED FOUND: every line that the client printed, in whatever order.
judge() {
    if diff <(sort "$2") <(sort "$3") >"$scratch/difference"; then
        echo "PASS $1" && passed=$((passed + 1))
    else
        echo "FAIL $1" && failed=$((failed + 1))
        sed 's/^/     /' "$scratch/difference"
    fi
}

ended() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}

# Everything that a client of either kind has to hear: nothing lost, nothing twice.
expected() {
    cat <<TEXT
EV connect
MSG {"channel": "dbf1dee9-4f2e-4a08-8cb7-748919a71b21", "op": "subscribe"}
MSG {"channel": "d5f06780-30a8-4a48-a2f8-7ed181b4a13f", "op": "subscribe"}
MSG {"channel": "24e67e0d-1cad-4cc0-9e7a-f8523ef460fe", "op": "subscribe"}
MSG {"channel": "d5f06780-30a8-4a48-a2f8-7ed181b4a13f", "op": "subscribe"}
MSG echo:plain text: with colons
MSG msg-needs-ack
TEXT
    for i in 0 1 2 3 4; do echo "MSG {\"i\": $i}"; done
    echo "RESULT $1 msgs 12 acks 2 events ['connect', 'world', 'autoacked']"
}

pypi() {
    need "$home/client/bin/python"
    "$1" sio-server 0 >"$scratch/server" &
    server=$!
    waits "$scratch/server" '^READY'
    for transport in websocket xhr-polling jsonp-polling; do
        "$home/client/bin/python" "$here/sio_client.py" "${line#READY }" "$transport" \
            >"$scratch/found" 2>"$scratch/errors" || sed 's/^/     /' "$scratch/errors"
        {
            expected "$transport"
            echo "ACK msg ()"
            echo "EV world [{'a': 1}, {'two': 2}]"
            echo "ACK hello ('ack', 1, {'two': 2})"
            echo 'MSG {"id": "abc", "op": "result", "result": {"ok": true, "u": "\u00a0\u20ac"}}'
            echo "EV autoacked []"
        } >"$scratch/expected"
        judge "PyPI's client by $transport" "$scratch/expected" "$scratch/found"
    done
    ended
}

tornadio2() {
    need "$home/tornadio2/bin/python"
    local port=${SIO_PORT:-24610}
    "$home/tornadio2/bin/python" "$here/tornadio2_server.py" "$port" >"$scratch/server" 2>&1 &
    server=$!
    waits "$scratch/server" '^listening'
    for transport in websocket xhr-polling; do
        timeout 30 "$1" sio-client "socketio+http://127.0.0.1:$port/mtgox" "$transport" \
            >"$scratch/found" 2>"$scratch/errors" || sed 's/^/     /' "$scratch/errors"
        {
            expected "$transport"
            echo "ACK "
            echo "EV world"
            echo 'ACK [["ack", 1, {"two": 2}]]'
            echo 'MSG {"result": {"u": "\u00a0\u20ac", "ok": true}, "id": "abc", "op": "result"}'
            echo "EV autoacked"
        } >"$scratch/expected"
        judge "our client at TornadIO2 by $transport" "$scratch/expected" "$scratch/found"
    done
    ended
}

case ${1:-} in
setup) setup ;;
edge) python3 "$here/edge_run.py" "$2" ;;
pypi | tornadio2) "$1" "$2" ;;
*)
    sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
