#!/usr/bin/env python3
"""The workload of gen_workload.py with nothing left to guess from: another order of keys, fields unknown.

usage: shuffle_workload.py PREFIX [SEED=20130601]

reads  PREFIX.jsonl, PREFIX.sums
writes PREFIX-shuffled.jsonl   the same messages in the same order; in every object, at every depth, the
                               keys in random order and one or two fields added that no venue ever sent
       PREFIX-shuffled.sums    a copy: the messages mean the same, so the book must be equal

The added fields take turns through every JSON type: null, both booleans, integers (beyond 2^53 too),
fractions, exponents, strings (empty, escaped, not ASCII, or the text of a message), arrays and objects,
nested and empty; some objects hold known names (price_int ...) where they mean nothing. Their own names
are known to nobody. Known keys and values keep their exact text.
"""
import json, random, shutil, sys

UNKNOWN = (  # the text of a value; one of each JSON type and of each trap in it
    "null", "true", "false", "0", "-1", "9007199254740993", "-0.25", "6.02e23", "1E-7",
    '""', '"plain"', r'"\"price_int\":\"1\""', r'"\\\/\b\f\n\r\t\u20bf\ud83d\ude80"', '"Łódź ₿ 🚀"', '"}]{[,:"',
    "[]", "{}", "[1,[2,[3,[]]],{\"a\":null}]", '["depth","trade"]',
    '{"price_int":"1","total_volume_int":"1","type_str":"ask"}', '{"depth":{"price_int":1}}',
    '{"a":{"b":{"c":[true,false,null,{"d":-1.5e-3}]}}}',
)
NAMES = ("x", "seq", "flags", "meta", "extra", "venue", "v2", "reserved", "_", "price", "price_int2", "Depth", "")


class Exact(str):
    """a number's own text"""


def shuffled(value, rnd):
    """the JSON text of a decoded value, its objects shuffled and widened"""
    if isinstance(value, Exact):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(shuffled(v, rnd) for v in value) + "]"
    if isinstance(value, dict):
        fields = [f"{json.dumps(k)}:{shuffled(v, rnd)}" for k, v in value.items()]
        for _ in range(rnd.randint(1, 2)):
            name = rnd.choice([n for n in NAMES if n not in value])
            if not any(f.startswith(f'"{name}":') for f in fields):      # no name twice in an object
                fields.append(f'"{name}":{UNKNOWN[rnd.randrange(len(UNKNOWN))]}')
        rnd.shuffle(fields)
        return "{" + ",".join(fields) + "}"
    return {None: "null", True: "true", False: "false"}[value]


def main():
    prefix = sys.argv[1]
    rnd = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 20130601)
    with open(prefix + ".jsonl", encoding="utf-8") as source, \
            open(prefix + "-shuffled.jsonl", "w", encoding="utf-8") as out:
        for line in source:
            out.write(shuffled(json.loads(line, parse_int=Exact, parse_float=Exact), rnd))
            out.write("\n")
    shutil.copyfile(prefix + ".sums", prefix + "-shuffled.sums")


main()
