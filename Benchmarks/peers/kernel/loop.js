// Node: a chain of setImmediate, a batch of 256, EventEmitter.emit, setTimeout.
// usage: loop.js [EVENTS=200000]     prints one JSON line; every figure is the best of three passes
'use strict';
const { EventEmitter } = require('events');
const events = +(process.argv[2] || 200000), size = 256, timers = 10000;
const now = () => process.hrtime.bigint();
const per = (start, n) => Number(now() - start) / n;

// two sides that hand an event to each other; one event is one callback
const ping = () => new Promise((done) => {
  let left = events;
  const start = now();
  const a = (value) => { if (--left > 0) setImmediate(b, value); else done(per(start, events)); };
  const b = (value) => { if (--left > 0) setImmediate(a, value); else done(per(start, events)); };
  setImmediate(a, 1);
});

// 256 events are queued, then drained: the last one of a batch queues the next
const batch = () => new Promise((done) => {
  const count = Math.floor(events / size) * size;
  let left = count;
  const start = now();
  const one = (value) => {
    if (--left % size) return;
    if (left === 0) return done(per(start, count));
    for (let i = 0; i < size; i++) setImmediate(one, value);
  };
  for (let i = 0; i < size; i++) setImmediate(one, 1);
});

// a direct call through a name: nothing is queued
const call = async () => {
  const emitter = new EventEmitter();
  let sum = 0;
  emitter.on('echo', (value) => { sum += value; });
  const start = now();
  for (let i = 0; i < events; i++) emitter.emit('echo', i);
  const took = per(start, events);
  if (sum !== events * (events - 1) / 2) throw new Error('an event was lost');
  return took;
};

// 10,000 timers, due in 1 to 1,000 seconds in a fixed mixed order; none fires; removing is not timed
const timerSet = async () => {
  const handles = new Array(timers);
  const never = () => { throw new Error('a timer fired'); };
  const start = now();
  for (let i = 1; i <= timers; i++) handles[i - 1] = setTimeout(never, ((i * 7919) % 1000 + 1) * 1000);
  const took = per(start, timers);
  handles.forEach(clearTimeout);
  return took;
};

(async () => {
  const best = async (measure) => Math.min(await measure(), await measure(), await measure());
  console.log(JSON.stringify({
    ping_ns: await best(ping), batch_ns: await best(batch), call_ns: await best(call), timer_set_ns: await best(timerSet),
  }));
})();
