#!/usr/bin/env bash
# PyPI's PyAlgoTrade 0.14, unchanged (Python 2.7; it knows the venue's hosts by heart), at an `outcry sandbox`.
#   pyalgotrade.sh setup              its virtualenv, from PyPI (30 s)
#   pyalgotrade.sh public             market data: HTTP and plain WebSocket (60 s)
#   pyalgotrade.sh private            the account: idkey, info, orders placed, filled and cancelled (60 s)
#   pyalgotrade.sh all                both
# Environment: PYALGOTRADE, its version (0.14; 0.13 is the only other that knows the venue); CLIENTS_HOME, where the
# virtualenvs live (default /tmp/outcry-clients); PY27, the Python for setup (default: pyenv's 2.7.18); VERBOSE=1,
# tracebacks; and that of in-namespace.sh.
# Prints a line a step and 'N passed, N failed'; exit status 1 if any failed, 3 if it is not set up, 77 if there can be
# no network of its own here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${CLIENTS_HOME:-/tmp/outcry-clients}
version=${PYALGOTRADE:-0.14}
venv=$home/pyalgotrade-$version
python=$venv/bin/python
public=(trades csv paper book leave keepalive)
private=(idkey info account cancel buy sell)

setup() {
    local old=${PY27:-$HOME/.pyenv/versions/2.7.18/bin/python}
    [ -x "$old" ] || { echo "pyalgotrade.sh: expected Python 2.7 at $old, found none (PY27 names another)" >&2; exit 3; }
    local quiet=(-q --disable-pip-version-check --no-warn-script-location)
    mkdir -p "$home"
    "$old" -m pip install "${quiet[@]}" --target "$home/boot" virtualenv==20.15.1 2>/dev/null
    PYTHONPATH=$home/boot "$old" -m virtualenv -q "$venv"
    # Tornado and ws4py of its time (early 2014), which its manual asks for and its setup.py does not.
    "$venv/bin/pip" install "${quiet[@]}" "PyAlgoTrade==$version" tornado==3.2 ws4py==0.3.4 \
        numpy==1.16.6 pytz 2>/dev/null
    "$python" -c 'from pyalgotrade.mtgox import client, httpclient, wsclient, barfeed, broker, tools'
}

# steps STEP...: in the namespace, one after the other.
steps() {
    local passed=0 failed=0 step
    for step; do
        if timeout 100 "$python" "$here/pyalgotrade_client.py" "$step"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
        fi
    done
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}

run() {
    [ -x "$python" ] || { echo "pyalgotrade.sh: not set up: no $python ($here/pyalgotrade.sh setup)" >&2; exit 3; }
    # It knows a cancelled order by the form of 2012, without a reason.
    exec "$here/in-namespace.sh" --speed 300 --no-reasons -- "$here/pyalgotrade.sh" __steps "$@"
}

case ${1:-} in
setup) setup ;;
public) run "${public[@]}" ;;
private) run "${private[@]}" ;;
all) run "${public[@]}" "${private[@]}" ;;
__steps)
    shift
    steps "$@"
    ;;
*)
    sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
