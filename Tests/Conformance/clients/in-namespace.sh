#!/usr/bin/env bash
# Runs a program that knows Mt. Gox's hosts by heart, unchanged, at an `outcry sandbox`.
#   in-namespace.sh [SANDBOX-OPTION...] -- COMMAND...
#   SAFETYNET=1 in-namespace.sh …      an `outcry safetynet` listens there, before a sandbox on 8080 and 8443
#   in-namespace.sh can                says by its exit status (0, 77) whether such a network can be made here
# In a network of its own (nothing but lo) and with mounts of its own the venue's hosts are 127.0.0.1, a sandbox listens
# there on 80 and 443, and its authority is trusted: by /etc/ssl/certs and by the variables that programs look
# at. COMMAND's exit status is this one's; then the sandbox is ended. Nothing outside is changed.
# Needs root, or a system that lets users make namespaces (unshare, mount: util-linux; ip: iproute2); exit status
# 77 and a word about what is missing where that is not so; 2 where COMMAND could not be tried.
# Environment: OUTCRY, the program (default: the debug build's); SANDBOX_TLS, the folder of its certificates and
# SANDBOX_LOG, the file of what it says (default: temporary ones).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
me=$here/$(basename "${BASH_SOURCE[0]}")

usage() {
    sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$me" >&2
    exit 2
}

skip() {
    echo "in-namespace: skipped: $1" >&2
    exit 77
}

# Sets `namespaces`, the options of unshare; ends this script where there can be none.
look() {
    local tool
    for tool in unshare mount ip; do
        command -v "$tool" >/dev/null || skip "no \`$tool\` here"
    done
    namespaces=(--net --mount)
    if [ "$(id -u)" -eq 0 ]; then
        unshare "${namespaces[@]}" true 2>/dev/null \
            || skip "root may not make network and mount namespaces here (a container without CAP_SYS_ADMIN?)"
    else
        namespaces+=(--map-root-user)
        unshare "${namespaces[@]}" true 2>/dev/null \
            || skip "not root, and users may not make namespaces here (kernel.unprivileged_userns_clone, AppArmor)"
    fi
}

# The first half, outside: makes the namespaces and calls this script again in them.
outside() {
    [[ " $* " == *" -- "* ]] || usage
    [ "${*: -1}" != "--" ] || usage
    look
    if [ -z "${OUTCRY:-}" ]; then
        OUTCRY=$(cd "$here/../../.." && swift build --show-bin-path)/outcry
    fi
    [ -x "$OUTCRY" ] || {
        echo "in-namespace: expected a program at $OUTCRY, found none (swift build --product outcry)" >&2
        exit 2
    }
    export OUTCRY
    exec unshare "${namespaces[@]}" "$me" __inside "$@"
}

# The second half, inside.
inside() {
    local options=()
    while [ "$1" != "--" ]; do
        options+=("$1")
        shift
    done
    shift
    work=$(mktemp -d)
    sandbox=
    net=
    client=
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    ip link set lo up || skip "the new network's lo cannot be brought up"
    start "${options[@]}"
    mount_hosts
    mount_authority
    # Beside this script and waited for, so that a signal to it ends both.
    "$@" <&0 &
    client=$!
    local status=0
    wait "$client" || status=$?
    client=
    exit "$status"
}

# start OPTION...: the sandbox, until it says that it is there.
start() {
    log=${SANDBOX_LOG:-$work/sandbox.log}
    tls=${SANDBOX_TLS:-$work/tls}
    : >"$log"
    # In a session of its own: ^C is for the client, the sandbox is ended behind it.
    local plain=80 secret=443
    [ -z "${SAFETYNET:-}" ] || plain=8080 secret=8443
    setsid "$OUTCRY" sandbox --port "$plain" --tls-port "$secret" --tls "$tls" "$@" </dev/null >"$log" 2>&1 &
    sandbox=$!
    for _ in $(seq 200); do
        grep -q '^\^C ends it' "$log" && { account; safetynet; return; }
        kill -0 "$sandbox" 2>/dev/null || break
        sleep 0.05
    done
    echo "in-namespace: expected a sandbox on 80 and 443, found:" >&2
    sed 's/^/    /' "$log" >&2
    kill -KILL "$sandbox" 2>/dev/null || true
    sandbox=
    exit 2
}

# The SafetyNet between the sandbox and the client, where one is wanted: with the sandbox's certificate.
safetynet() {
    [ -n "${SAFETYNET:-}" ] || return 0
    setsid "$OUTCRY" safetynet --upstream ws://127.0.0.1:8080/mtgox --port 443 --plain-port 80 --cert "$tls/sandbox.pem" \
        --key "$tls/sandbox.key" --market BTCUSD --market BTCEUR --market BTCJPY --market BTCGBP </dev/null >"$work/net.log" 2>&1 &
    net=$!
    for _ in $(seq 200); do
        grep -q '^\^C ends it' "$work/net.log" && return
        kill -0 "$net" 2>/dev/null || break
        sleep 0.05
    done
    echo "in-namespace: expected a SafetyNet on 80 and 443, found:" >&2
    sed 's/^/    /' "$work/net.log" >&2
    exit 2
}

# The account that an empty sandbox opens, for the client: OUTCRY_MTGOX_KEY and OUTCRY_MTGOX_SECRET.
account() {
    local keys
    keys=$(sed -n 's/^ *export \(OUTCRY_MTGOX_KEY=[-0-9a-f]* OUTCRY_MTGOX_SECRET=[A-Za-z0-9+/=]*\)$/\1/p' "$log")
    # shellcheck disable=SC2086,SC2163
    [ -z "$keys" ] || export $keys
}

# ends ID SIGNAL: asks a process of ours to end, waits for it five seconds, then kills it.
ends() {
    kill "-$2" "$1" 2>/dev/null || true
    for _ in $(seq 100); do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.05
    done
    kill -KILL "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

finish() {
    local status=$?
    [ -z "$client" ] || ends "$client" TERM
    if [ -n "$net" ]; then
        ends "$net" TERM
        echo "safetynet: $(tail -n 1 "$work/net.log")" >&2
    fi
    if [ -n "$sandbox" ]; then
        ends "$sandbox" INT
        echo "sandbox: $(tail -n 1 "$log")" >&2
    fi
    umount -l /etc/hosts /etc/ssl/certs 2>/dev/null || true
    rm -rf "$work"
    exit "$status"
}

# The hosts as the sandbox names them.
mount_hosts() {
    {
        sed -n 's/^hosts   \(127\.0\.0\.1 .*\)/\1/p' "$log"
        cat /etc/hosts
    } >"$work/hosts"
    grep -q '^127\.0\.0\.1 mtgox\.com' "$work/hosts" || {
        echo "in-namespace: expected a line of hosts from the sandbox, found none" >&2
        exit 2
    }
    mount --bind "$work/hosts" /etc/hosts || skip "no mount on /etc/hosts"
}

# The authority among the system's, as a file, by its hash and for Java; the variables name the file.
mount_authority() {
    local bundle=$work/certs/ca-certificates.crt
    if [ -d /etc/ssl/certs ]; then
        cp -dR /etc/ssl/certs "$work/certs"
        [ ! -L "$bundle" ] || { cp --remove-destination "$(readlink -f "$bundle")" "$bundle"; }
    else
        mkdir "$work/certs"
    fi
    cp "$tls/ca.pem" "$work/certs/outcry-sandbox.pem"
    cat "$tls/ca.pem" >>"$bundle"
    if command -v openssl >/dev/null; then
        ln -sf outcry-sandbox.pem "$work/certs/$(openssl x509 -hash -noout -in "$tls/ca.pem").0"
    fi
    # Java's, where Debian keeps it.
    if [ -f "$work/certs/java/cacerts" ] && command -v keytool >/dev/null; then
        keytool -importcert -noprompt -alias outcry-sandbox -file "$tls/ca.pem" -storepass changeit \
            -keystore "$work/certs/java/cacerts" >/dev/null 2>&1 || true
    fi
    if [ -d /etc/ssl/certs ]; then
        mount --bind "$work/certs" /etc/ssl/certs || skip "no mount on /etc/ssl/certs"
        bundle=/etc/ssl/certs/ca-certificates.crt
    fi
    export SSL_CERT_FILE=$bundle CURL_CA_BUNDLE=$bundle REQUESTS_CA_BUNDLE=$bundle \
        HTTPLIB2_CA_CERTS=$bundle PERL_LWP_SSL_CA_FILE=$bundle NODE_EXTRA_CA_CERTS=$tls/ca.pem
}

case ${1:-} in
__inside)
    shift
    inside "$@"
    ;;
can) look ;;
*) outside "$@" ;;
esac
