#!/usr/bin/env python3
"""asyncio's event loop, or uvloop's: a chain of call_soon, a batch of 256, call_later.

usage: loop.py [--uvloop] [EVENTS=200000]     prints one JSON line; every figure is the best of three passes

call_ns is null: asyncio has no synchronous dispatch to a named receiver.
"""
import asyncio, json, sys, time

args = sys.argv[1:]
if args[:1] == ["--uvloop"]:
    import uvloop
    loop = uvloop.new_event_loop()
    args = args[1:]
else:
    loop = asyncio.new_event_loop()
EVENTS = int(args[0]) if args else 200_000
BATCH, TIMERS = 256, 10_000


class Side:
    """one of two that hand an event to each other"""

    def __init__(self):
        self.peer, self.left = None, 0

    def ping(self, value):
        peer = self.peer
        peer.left = self.left - 1
        if peer.left > 0:
            loop.call_soon(peer.ping, value)
        else:
            loop.stop()


def ping():
    a, b = Side(), Side()
    a.peer, b.peer, a.left = b, a, EVENTS
    loop.call_soon(a.ping, 1)
    start = time.perf_counter_ns()
    loop.run_forever()
    return (time.perf_counter_ns() - start) / EVENTS


def batch():
    """256 events are queued, then drained: the last one of a batch queues the next"""
    count = EVENTS // BATCH * BATCH
    left = count

    def one(value):
        nonlocal left
        left -= 1
        if left % BATCH == 0:
            if left == 0:
                loop.stop()
            else:
                for _ in range(BATCH):
                    loop.call_soon(one, value)

    for _ in range(BATCH):
        loop.call_soon(one, 1)
    start = time.perf_counter_ns()
    loop.run_forever()
    return (time.perf_counter_ns() - start) / count


def timer_set():
    """10,000 timers, due in 1 to 1,000 seconds in a fixed mixed order; none fires; removing is not timed"""
    start = time.perf_counter_ns()
    handles = [loop.call_later((i * 7919) % 1000 + 1, print, "a timer fired") for i in range(1, TIMERS + 1)]
    took = (time.perf_counter_ns() - start) / TIMERS
    for h in handles:
        h.cancel()
    return took


print(json.dumps({"ping_ns": min(ping() for _ in range(3)), "batch_ns": min(batch() for _ in range(3)), "call_ns": None,
                  "timer_set_ns": min(timer_set() for _ in range(3))}))
