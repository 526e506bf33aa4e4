#!/bin/sh
# Builds the load generators and the peers into $ROOT/build (default: outcry-bench below the system's
# temporary folder), from Debian's and PyPI's packages.
#   build.sh          generators, workloads, C and C++ floors, Beast, Python and Perl peers
#   build.sh swift    also the SwiftNIO peers (swift-nio by its usual address)
# BENCH_MARCH picks the floor's instructions (default native). Installs Debian packages where one is
# missing (by sudo unless root). Node is used where it is installed, never fetched.
set -eu
H=$(cd "$(dirname "$0")" && pwd)
ROOT=${ROOT:-${TMPDIR:-/tmp}/outcry-bench}
B=$ROOT/build
mkdir -p "$B" "$ROOT/data" "$ROOT/results"

missing=
need() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] || missing="$missing $1"; }
for package in g++ libssl-dev openssl stunnel4 libsimdjson-dev libpoe-perl libprotocol-websocket-perl libjson-xs-perl; do need "$package"; done
[ -e /usr/include/boost/beast.hpp ] || missing="$missing libboost-dev"
python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
if [ -n "$missing" ]; then
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    $as_root apt-get update -q
    # shellcheck disable=SC2086
    $as_root apt-get install -y -q --no-install-recommends $missing
fi

optimized="-O3 -march=${BENCH_MARCH:-native} -DNDEBUG"
warned="-Wall -Wextra"
# shellcheck disable=SC2086
{
    gcc -O2 $warned -o "$B/blast" "$H/blast.c" -lcrypto
    gcc -O2 $warned -o "$B/swarm" "$H/swarm.c" -lcrypto
    gcc -O2 $warned -o "$B/swarm_tls" "$H/swarm_tls.c" -lssl -lcrypto
    gcc -O2 $warned -o "$B/runner" "$H/runner.c"
    gcc -O3 -march=native $warned -o "$B/floor_server" "$H/servers/floor_server.c" -lcrypto
    g++ $optimized -std=c++20 -o "$B/floor" "$H/clients/floor.cpp" -lsimdjson -lcrypto
    g++ $optimized -std=c++20 -DTLS -o "$B/floor_tls" "$H/clients/floor.cpp" -lsimdjson -lssl -lcrypto
    g++ $optimized -std=c++20 -o "$B/beast" "$H/clients/beast.cpp" -lsimdjson -lcrypto -lpthread
    g++ $optimized -std=c++20 -DBUFFERED -o "$B/beast_buf" "$H/clients/beast.cpp" -lsimdjson -lcrypto -lpthread
    g++ $optimized -std=c++20 -o "$B/json_simd" "$H/json/json_cpp.cpp" -lsimdjson -lcrypto
    g++ $optimized -std=c++20 -DDOM -o "$B/json_simd_dom" "$H/json/json_cpp.cpp" -lsimdjson -lcrypto
}

if [ ! -x "$B/venv/bin/python" ]; then
    python3 -m venv "$B/venv"
    "$B/venv/bin/pip" install -q --disable-pip-version-check websocket-client websockets picows aiohttp orjson uvloop
fi
if [ "${1:-}" = swift ]; then
    (cd "$H/swift" && swift build -c release --scratch-path "$B/swift/.build")
fi

# a million messages, the same with keys shuffled and unknown fields, and their book as MidChains tells it: about 0.9 GB
[ -f "$ROOT/data/work.sums" ] || python3 "$H/gen_workload.py" "$ROOT/data/work" 1000000
[ -f "$ROOT/data/work-shuffled.sums" ] || python3 "$H/shuffle_workload.py" "$ROOT/data/work"
[ -f "$ROOT/data/work-midchains.sums" ] || python3 "$H/midchains_workload.py" "$ROOT/data/work"
