#!/usr/bin/env python3
"""The order in which the linker lays out the programs' code: what runs, one behind the other.

    Benchmarks/order/make.py            after larger changes; writes Benchmarks/order/functions.txt

The system maps a program's code in pieces of 64 KiB as it is used. Where what runs lies scattered, nearly all of the
code comes into memory. `valgrind --tool=callgrind` says what `outcry-bench ingest` and `outcry demo` run, from start to end;
the release build of the programs gives the list to its linker (Package.swift). Swift lays the functions of a source file
in one piece, so that of most files one name is enough. A name that is no longer there does no harm.

Needs valgrind, and what Benchmarks/peers/build.sh makes."""
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
ROOT = os.environ.get("ROOT") or os.path.join(os.environ.get("TMPDIR") or "/tmp", "outcry-bench")
OUT = os.path.join(HERE, "functions.txt")


def built(product):
    subprocess.run(["swift", "build", "-c", "release", "--product", product], cwd=TOP, check=True, stdout=subprocess.DEVNULL)
    place = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=TOP, check=True, capture_output=True, text=True)
    return os.path.join(place.stdout.strip(), product)


def ran(program, arguments, folder):
    """The functions of `program` in the order in which callgrind met them."""
    bare, out = os.path.join(folder, "program"), os.path.join(folder, "calls")
    # Its symbols are enough, and valgrind 3.19 cannot read the rest.
    subprocess.run(["objcopy", "-g", program, bare], check=True)
    subprocess.run(["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}", bare] + arguments,
                   check=True, timeout=300, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    names, objects, inside, found = {}, {}, False, {}
    for line in open(out):
        entry = re.match(r"(c?)(ob|fn)=\((\d+)\)(?: (.*))?", line)
        if not entry:
            continue
        called, kind, number, name = entry.groups()
        table = objects if kind == "ob" else names
        if name:
            table[number] = name.strip()
        if called:
            continue
        if kind == "ob":
            inside = table[number] == bare
        elif inside:
            found[re.sub(r"'\d+$", "", table[number])] = None     # 'N: the depth of a recursion
    return list(found)


def sections(program):
    """By function: the object file and the section it lies in."""
    place = {}
    listed = open(os.path.join(program + ".product", "Objects.LinkFileList")).read()
    for file in shlex.split(listed):
        names = {m[1]: m[2] for m in re.finditer(r"^ *\[ *(\d+)\] (\S+)", run("readelf", "-SW", file), re.M)}
        for m in re.finditer(r" FUNC +\S+ +\S+ +(\d+) (\S+)$", run("readelf", "-sW", file), re.M):
            place.setdefault(m[2], (file, names.get(m[1])))
    return place


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, errors="replace").stdout


def ingested(program, folder):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    count = "20000"
    server = subprocess.Popen([f"{ROOT}/build/blast", "--port", str(port), "--file", f"{ROOT}/data/work.jsonl", "--count", count],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        server.stderr.readline()
        return ran(program, ["ingest", f"ws://127.0.0.1:{port}/", count], folder)
    finally:
        server.kill()
        server.wait()


def main():
    bench, outcry = built("outcry-bench"), built("outcry")
    with tempfile.TemporaryDirectory() as folder:
        wanted = dict.fromkeys(ingested(bench, folder))
        wanted.update(dict.fromkeys(ran(outcry, ["demo", "--seconds", "4", "--plain"], folder)))
    place = {**sections(outcry), **sections(bench)}
    seen, lines = set(), []
    for name in wanted:
        where = place.get(name)
        if where is None or where in seen:
            continue
        seen.add(where)
        lines.append(name)
    with open(OUT, "w") as file:
        file.write("\n".join(lines) + "\n")
    # SwiftPM does not see that the list is another: without the programs it links again.
    os.remove(bench), os.remove(outcry)
    print(f"{len(wanted)} functions run, {len(lines)} names in {os.path.relpath(OUT, TOP)}")


if __name__ == "__main__":
    sys.exit(main())
