#!/usr/bin/env python3
"""The book of gen_workload.py as MidChains tells it: order by order.

usage: midchains_workload.py PREFIX [SEED=20210226]

reads  PREFIX.jsonl                  the depth messages of it; trades and tickers are left out
writes PREFIX-midchains.jsonl        one book message for each, of as many lines as it takes
       PREFIX-midchains.sums         'COUNT CHECKSUM' for several prefixes; the checksum is gen_workload.py's, of no
                                     trades and no tickers

What a level gains is a new order (one time in five its last order grows). What it loses is taken from its orders in
their turn, as trades would: those that are used up are removed, the last one is updated, all in one message. The
final book is that of PREFIX.jsonl.
"""
import hashlib, json, random, sys

CHECKPOINTS = (100, 1000, 10_000, 50_000, 100_000, 200_000, 300_000, 500_000)


def dec(v, scale):
    """integer v / 10**scale as the shortest plain decimal"""
    q, r = divmod(v, 10 ** scale)
    return f"{q}." + f"{r:0{scale}d}".rstrip("0") if r else f"{q}"


def main():
    prefix = sys.argv[1]
    rnd = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 20210226)
    levels = {"ask": {}, "bid": {}}           # price -> its orders in their turn, [id, volume]
    next_id = 120946647655360
    count = lines = size = 0

    def line(act, side, price, order, now):
        if act == "R":
            return f'{{"side":"{side}","act":"R","id":{order[0]}}}'
        return (f'{{"side":"{side}","act":"{act}","src":"CROX","price":"{dec(price, 5)}","qty":"{dec(order[1], 8)}",'
                f'"id":{order[0]},"time":"{now // 1000}","mpid":"ANON","key":"NA"}}')

    def checksum():
        h = hashlib.sha256()
        for side in ("ask", "bid"):
            for price in sorted(levels[side]):
                h.update(f"{side},{price},{sum(o[1] for o in levels[side][price])}\n".encode())
        h.update(b"trade,0,0\nticker,0,0\n")
        return h.hexdigest()

    with open(prefix + ".jsonl") as source, open(prefix + "-midchains.jsonl", "w") as out, \
            open(prefix + "-midchains.sums", "w") as sums:
        for text in source:
            message = json.loads(text)
            if message.get("private") != "depth":
                continue
            depth = message["depth"]
            name, price, total = depth["type_str"], int(depth["price_int"]), int(depth["total_volume_int"])
            now, side = int(depth["now"]), "S" if name == "ask" else "B"
            orders = levels[name].setdefault(price, [])
            change = total - sum(o[1] for o in orders)
            told = []
            if change > 0:
                if orders and rnd.random() < 0.2:
                    orders[-1][1] += change
                    told.append(line("U", side, price, orders[-1], now))
                else:
                    next_id += rnd.randint(1, 9)
                    orders.append([next_id, change])
                    told.append(line("A", side, price, orders[-1], now))
            while change < 0:
                if orders[0][1] <= -change:
                    change += orders[0][1]
                    told.append(line("R", side, price, orders.pop(0), now))
                else:
                    orders[0][1] += change
                    change = 0
                    told.append(line("U", side, price, orders[0], now))
            if not orders:
                del levels[name][price]
            if not told:                      # a level was told again as it was
                continue
            text = f'{{"security":"BTCUSD","books":[{",".join(told)}],"type":"book"}}\n'
            out.write(text)
            count, lines, size = count + 1, lines + len(told), size + len(text) - 1
            if count in CHECKPOINTS:
                sums.write(f"{count} {checksum()}\n")
        if count not in CHECKPOINTS:
            sums.write(f"{count} {checksum()}\n")
    print(f"messages {count}; lines {lines}; mean {size / count:.1f} B; levels {len(levels['ask'])} and {len(levels['bid'])}")


main()
