/** @file Shares of what there is little of: no order of takers and givers exceeds a bound or loses count. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Lease, Quota } from "../../../src/network/quota.ts";

const LIMITS = { total: 100, reserved: 30, perRemote: 20 };
const PEERS: Readonly<Record<string, number>> = { "10.0.0.1": 1, "10.0.0.2": 3 };
const peersAt = (ip: string): number => PEERS[ip] ?? 0;
const IPS = [...Object.keys(PEERS), ...[1, 2, 3, 4, 5].map((last) => `192.0.2.${last}`)];

test("bounds hold for an address, for strangers and in all, and what is given back can be taken", () => {
  const step = fc.record({
    ip: fc.constantFrom(...IPS),
    amount: fc.integer({ min: 1, max: 30 }),
    gives: fc.nat(40),
    which: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const quota = new Quota(LIMITS, peersAt);
      const held: { ip: string; left: number; lease: Lease }[] = [];
      const sum = (who: (ip: string) => boolean): number =>
        held.reduce((total, { ip, left }) => total + (who(ip) ? left : 0), 0);
      for (const { ip, amount, gives, which } of steps) {
        const counted = Math.min(amount, LIMITS.perRemote);
        const fits =
          sum((one) => one === ip) + counted <= LIMITS.perRemote * (1 + peersAt(ip)) &&
          sum(() => true) + counted <= LIMITS.total &&
          (peersAt(ip) > 0 || sum((one) => peersAt(one) === 0) + counted <= 70);
        const lease = quota.take(ip, amount);
        assert.equal(lease !== null, fits);
        if (lease !== null) held.push({ ip, left: counted, lease });
        const one = held[which % Math.max(1, held.length)];
        one?.lease.shrink(gives);
        if (one !== undefined) one.left = Math.max(0, one.left - gives);
      }
      for (const { lease } of held) {
        lease.end();
        lease.end();
      }
      for (let taken = 0; taken < 4; taken++) assert.ok(quota.take("10.0.0.2", 20));
    }),
  );
});

test("strangers in any number leave the reserve to peers", () => {
  const quota = new Quota(LIMITS, peersAt);
  let taken = 0;
  for (let last = 1; last < 255; last++) if (quota.take(`203.0.113.${last}`, 1)) taken += 1;
  assert.equal(taken, 70);
  for (let peer = 0; peer < 30; peer++) assert.ok(quota.take("10.0.0.1", 1));
  assert.equal(quota.take("10.0.0.1", 1), null);
});
