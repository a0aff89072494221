/** @file The rate at which an axon answers: no order of requests exceeds it, and nobody waits for longer than is said. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { RequestRate } from "../../../src/network/request-rate.ts";

const LIMITS = { perRemote: 10, strangers: 25, burstMs: 500, mostWaitMs: 1000 };
const PEERS: Readonly<Record<string, number>> = { "10.0.0.1": 1, "10.0.0.2": 3 };
const peersAt = (ip: string): number => PEERS[ip] ?? 0;
const STRANGERS = [1, 2, 3, 4, 5, 6].map((last) => `192.0.2.${last}`);

/** The most answers that begin within any one second. */
function mostInASecond(answers: readonly number[]): number {
  const sorted = answers.toSorted((a, b) => a - b);
  return Math.max(
    0,
    ...sorted.map((from) => sorted.filter((at) => at >= from && at < from + 1000).length),
  );
}

test("in any second an address, and all strangers, get their rate and what may come at once", () => {
  const ask = fc.record({
    ip: fc.constantFrom(...Object.keys(PEERS), ...STRANGERS),
    after: fc.nat(40),
  });
  fc.assert(
    fc.property(fc.array(ask, { maxLength: 300 }), (asks) => {
      const rate = new RequestRate(LIMITS, peersAt);
      const answers: { readonly ip: string; readonly at: number }[] = [];
      let now = 0;
      for (const { ip, after } of asks) {
        now += after;
        const waitMs = rate.take(ip, now);
        if (waitMs === null) continue;
        assert.ok(waitMs >= 0 && waitMs <= LIMITS.mostWaitMs, `waits ${waitMs} ms`);
        answers.push({ ip, at: now + waitMs });
      }
      // A second's, and those of the burst that it may begin with; one more for the edges.
      const most = (perSecond: number): number => perSecond * (1 + LIMITS.burstMs / 1000) + 1;
      for (const ip of [...Object.keys(PEERS), ...STRANGERS]) {
        const own = answers.filter((one) => one.ip === ip).map(({ at }) => at);
        assert.ok(mostInASecond(own) <= most(LIMITS.perRemote * (1 + peersAt(ip))), ip);
      }
      const strangers = answers.filter(({ ip }) => peersAt(ip) === 0).map(({ at }) => at);
      assert.ok(mostInASecond(strangers) <= most(LIMITS.strangers));
    }),
  );
});

test("who asks below the rate never waits, whatever strangers do", () => {
  const rate = new RequestRate(LIMITS, peersAt);
  for (let now = 0; now < 5000; now += 1) {
    for (const ip of STRANGERS) rate.take(ip, now);
    if (now % 60 === 0) assert.equal(rate.take("10.0.0.1", now), 0);
  }
});

test("what is refused does not count: the wait is no longer a moment later", () => {
  const rate = new RequestRate(LIMITS, peersAt);
  const waits = Array.from({ length: 1000 }, () => rate.take("192.0.2.1", 0));
  assert.equal(waits.filter((wait) => wait !== null).length, 5 + 1 + 10);
  assert.equal(rate.take("192.0.2.1", 100), LIMITS.mostWaitMs);
});

test("many addresses are forgotten once they owe nothing", () => {
  const rate = new RequestRate({ ...LIMITS, strangers: 1e6 }, peersAt);
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < 100_000; index++)
    rate.take(`2001:db8:${(index >> 16).toString(16)}:${(index & 0xffff).toString(16)}::1`, index);
  assert.ok(process.memoryUsage().heapUsed - before < 16 << 20);
});
