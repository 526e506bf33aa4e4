#!/usr/bin/env bash
# Who may come to an `outcry safetynet` from another address: two networks with a wire between them, the server in one,
# curl in the other. By TLS and with a token it is let in, without either it is not; a door that others can reach is not
# opened without both.
#   far.sh [OUTCRY]        (default: the debug build's)
# Prints a line a step and 'N passed, N failed'; exit status 1 if any failed, 77 if there can be no such networks here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
me=$here/$(basename "${BASH_SOURCE[0]}")
outcry=${1:-${OUTCRY:-$here/../../../.build/debug/outcry}}

if [ "${FAR_INSIDE:-}" != 1 ]; then
    for tool in unshare nsenter ip curl; do
        command -v "$tool" >/dev/null || { echo "far: skipped: no \`$tool\` here" >&2; exit 77; }
    done
    [ "$(id -u)" -eq 0 ] && unshare --net true 2>/dev/null \
        || { echo "far: skipped: no network of its own can be made here" >&2; exit 77; }
    [ -x "$outcry" ] || { echo "far: expected a program at $outcry, found none" >&2; exit 2; }
    FAR_INSIDE=1 exec unshare --net "$me" "$outcry"
fi

work=$(mktemp -d)
started=()
finish() {
    for id in "${started[@]}"; do kill -TERM "$id" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

passed=0 failed=0
# expect WHAT EXPECTED FOUND
expect() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1)) && echo "PASS $1"
    else
        failed=$((failed + 1)) && echo "FAIL $1: expected $2, found $3"
    fi
}
# until_said FILE WORDS
until_said() {
    for _ in $(seq 200); do
        grep -q "$2" "$1" && return
        sleep 0.05
    done
    echo "far: expected \"$2\", found:" >&2
    cat "$1" >&2
    exit 2
}

# The other network, and the wire.
ip link set lo up
unshare --net sleep 300 &
far=$!
started+=("$far")
sleep 0.3
ip link add near type veth peer name far
ip link set far netns "$far"
ip address add 10.9.8.1/24 dev near
ip link set near up
nsenter -t "$far" -n ip address add 10.9.8.2/24 dev far
nsenter -t "$far" -n ip link set far up

"$outcry" sandbox --port 8080 --tls-port 8443 --tls "$work/tls" --no-admin --no-account --speed 60 \
    </dev/null >"$work/sandbox" 2>&1 &
started+=($!)
until_said "$work/sandbox" '^^C ends it'
echo far-away >"$work/tokens"
chmod 600 "$work/tokens"

net=("$outcry" safetynet --upstream ws://127.0.0.1:8080/mtgox --bind 10.9.8.1 --port 443)
secret=(--cert "$work/tls/sandbox.pem" --key "$work/tls/sandbox.key")

status=0
timeout 10 "${net[@]}" >"$work/refused" 2>&1 || status=$?
expect "no door without TLS and tokens" 1 "$status"
status=0
timeout 10 "${net[@]}" "${secret[@]}" >"$work/refused" 2>&1 || status=$?
expect "no door without tokens" 1 "$status"

"${net[@]}" "${secret[@]}" --tokens "$work/tokens" </dev/null >"$work/net" 2>&1 &
started+=($!)
until_said "$work/net" '^^C ends it'

# ask SCHEME [CURL-OPTION...]: the status that the far network gets.
ask() {
    local scheme=$1
    shift
    nsenter -t "$far" -n curl -s -o "$work/body" -w '%{http_code}' -m 5 --cacert "$work/tls/ca.pem" \
        --connect-to "::10.9.8.1:443" "$@" "$scheme://data.mtgox.com/api/1/BTCUSD/ticker" || true
}
for _ in $(seq 100); do
    [ "$(ask https -H 'X-SafetyNet-Token: far-away')" = 200 ] && break
    sleep 0.1
done
expect "TLS and a token" 200 "$(ask https -H 'X-SafetyNet-Token: far-away')"
expect "a token as a password" 200 "$(ask https -u anybody:far-away)"
expect "no token" 401 "$(ask https)"
expect "another token" 401 "$(ask https -H 'X-SafetyNet-Token: far')"
expect "no TLS" 000 "$(ask http -H 'X-SafetyNet-Token: far-away')"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
