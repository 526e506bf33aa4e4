# Sourced by every check: strict mode, the root of the tree to look at, and how a fault is told.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=$(cd "${1:-$here/..}" && pwd)
cd "$root"

faults=0

# fault WHERE EXPECTED FOUND: one line a fault, WHERE being file:line (or a file).
fault() {
    printf '%s: expected %s, found %s\n' "$1" "$2" "$3" >&2
    faults=$((faults + 1))
}

# finish NAME SUMMARY: the last line of a check and its exit status.
finish() {
    if [ "$faults" -gt 0 ]; then
        printf '%s: %d fault(s)\n' "$1" "$faults" >&2
        exit 1
    fi
    printf '%s: %s\n' "$1" "$2"
}

# swift_files DIRECTORY...: the Swift files below those that exist, sorted, NUL-separated. Left out:
# build products, and the bench's peers, which are other packages that ours never imports.
swift_files() {
    local there=() directory
    for directory in "$@"; do [ -d "$directory" ] && there+=("$directory"); done
    [ "${#there[@]}" -gt 0 ] || return 0
    find "${there[@]}" \( -name '.build*' -o -path Benchmarks/peers \) -prune -o \
        -type f -name '*.swift' -print0 | sort -z
}

# stripped keep|blank: FILE:LINE:TEXT of the NUL-separated files on stdin, without comments.
stripped() {
    xargs -0 -r awk -v strings="$1" -v where=1 -f "$here/lib/strip.awk"
}
