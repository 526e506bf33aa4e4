#!/usr/bin/env bash
# TLS against other people's programs: the 53 cases of tls_cases.py (our client), then openssl s_client and
# sslscan (our server). Needs openssl and python3; sslscan (Debian package) is left out where it is missing.
#   Tests/Conformance/tls/run.sh [PEER] [BASEPORT]
# PEER is the program to try, default the debug build's outcry-peer; 60 ports from BASEPORT (24000) are used.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peer=${1:-$(swift build --show-bin-path)/outcry-peer}
base=${2:-24000}
work=$(mktemp -d)
children=()
failed=0
passed=0
trap 'kill "${children[@]}" 2>/dev/null; rm -rf "$work"' EXIT

check() { # WHAT COMMAND...: says whether the command succeeds
    local what=$1
    shift
    if "$@"; then
        echo "PASS $what"
        passed=$((passed + 1))
    else
        echo "FAIL $what"
        failed=$((failed + 1))
    fi
}

"$here/mkcerts.sh" "$work/certs" >/dev/null
python3 "$here/tls_cases.py" serve "$work/certs" "$base" >"$work/serve.log" 2>&1 &
children+=($!)
for _ in $(seq 50); do grep -q serving "$work/serve.log" && break; sleep 0.1; done
python3 "$here/tls_cases.py" list "$base" \
    | timeout 60 "$peer" tls-get "$work/certs/root.pem" >"$work/get.out" 2>"$work/get.err"
python3 "$here/tls_cases.py" check "$work/get.out" >"$work/check.out" || true
grep ^FAIL "$work/check.out"
passed=$(grep -c ^PASS "$work/check.out")
failed=$((53 - passed))
echo "$passed of 53 cases right"

# The system's authorities, and what the environment puts in their place.
first=$(python3 "$here/tls_cases.py" list "$base" | sed -n 1p)
mkdir "$work/folder"
cp "$work/certs/root.pem" "$work/folder"
openssl rehash "$work/folder"
says() { [ "$(echo "$first" | timeout 20 env "$1" "$peer" tls-get system 2>/dev/null)" = "$2" ]; }
check "the system's authorities do not know ours" says NOTHING= "0 fail"
check "SSL_CERT_FILE" says "SSL_CERT_FILE=$work/certs/root.pem" "0 ok"
check "SSL_CERT_DIR" says "SSL_CERT_DIR=$work/folder" "0 ok"

port=$((base + 59))
"$peer" tls-echo "$port" "$work/certs/good.chain.pem" "$work/certs/good.key" >"$work/echo.log" 2>&1 &
children+=($!)
for _ in $(seq 50); do grep -q READY "$work/echo.log" && break; sleep 0.1; done

# A request, and what s_client says of the session.
ask() {
    { printf 'GET / HTTP/1.1\r\nHost: good.test\r\n\r\n'; sleep 0.5; } | openssl s_client \
        -connect "127.0.0.1:$port" -servername good.test -CAfile "$work/certs/root.pem" \
        -verify_return_error "$@" 2>&1
}
for version in 1_2 1_3; do
    ask "-tls$version" -alpn http/1.1 -sess_out "$work/session" >"$work/first"
    ask "-tls$version" -alpn http/1.1 -sess_in "$work/session" >"$work/second"
    check "TLS $version: an answer" grep -q '^HTTP/1.1 200' "$work/first"
    check "TLS $version: ALPN" grep -q 'ALPN protocol: http/1.1' "$work/first"
    check "TLS $version: the session is new" grep -q '^New, TLSv1' "$work/first"
    check "TLS $version: the session goes on" grep -q '^Reused, TLSv1' "$work/second"
done
openssl s_client -tls1_2 -reconnect -connect "127.0.0.1:$port" </dev/null >"$work/reconnect" 2>&1
check "s_client -reconnect: five times reused" [ "$(grep -c ^Reused "$work/reconnect")" = 5 ]
ask -alpn h2 >"$work/alpn"
check "ALPN h2 only: refused" grep -q 'alert number 120' "$work/alpn"

if command -v sslscan >/dev/null; then
    sslscan --no-colour "127.0.0.1:$port" >"$work/scan"
    check "sslscan: TLS 1.2 and 1.3 alone" [ "$(grep -cE '^(SSL|TLS)v[0-9.]+ +enabled' "$work/scan")" = 2 ]
    check "sslscan: nothing weak" bash -c "! grep -qE \
        '(Accepted|Preferred).*( (0|40|56|112) bits|RC4|3DES|CBC|NULL|anon|MD5)|is vulnerable|Insecure' '$work/scan'"
    check "sslscan: no renegotiation" grep -q 'renegotiation not supported' "$work/scan"
else
    echo "skipped: no sslscan"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
