/** @file What a client is sent before it says that it read: windows, pings, a trickle for who says nothing. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { Delivery } from "../../../../chain/embedded/rpc/delivery.ts";

const KIB = 1024;
const LIMITS = {
  unconfirmedBytes: 64 * KIB,
  mostUnconfirmedBytes: 512 * KIB,
  unconfirmedBytesPerSecond: 16 * KIB,
};

describe("a delivery", () => {
  it("stops at its window, and goes on with twice as much when its ping is answered", () => {
    const delivery = new Delivery(LIMITS, () => 0);
    assert.equal(delivery.send(20 * KIB), null);
    const token = delivery.send(60 * KIB) ?? assert.fail("no ping");
    assert.equal(delivery.hasRoom, false);
    assert.equal(delivery.confirm(Buffer.alloc(token.length)), null);
    assert.equal(delivery.hasRoom, false);
    delivery.confirm(token);
    assert.equal(delivery.unconfirmed, 0);
    delivery.send(100 * KIB);
    assert.equal(delivery.hasRoom, true);
    delivery.send(28 * KIB);
    assert.equal(delivery.hasRoom, false);
  });

  it("never reaches more for who says nothing than the window, a second's worth for each second, and the last of each", () => {
    const steps = fc.array(
      fc.record({ ms: fc.nat(2000), bytes: fc.integer({ min: 1, max: 9e5 }) }),
    );
    fc.assert(
      fc.property(steps, (all) => {
        let now = 0;
        const delivery = new Delivery(LIMITS, () => now);
        let [sent, last] = [0, 0];
        for (const { ms, bytes } of all) {
          now += ms;
          if (!delivery.hasRoom) continue;
          delivery.send(bytes);
          sent += bytes;
          last = Math.max(last, bytes);
        }
        const { unconfirmedBytes, unconfirmedBytesPerSecond } = LIMITS;
        const most = unconfirmedBytes + (now * unconfirmedBytesPerSecond) / 1000;
        assert.ok(sent <= most + 2 * last + unconfirmedBytesPerSecond, `${sent} of ${most}`);
      }),
    );
  });

  it("is never held up for who answers every ping at once", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9e6 })), (answers) => {
        const delivery = new Delivery(LIMITS, () => 0);
        for (const bytes of answers) {
          assert.ok(delivery.hasRoom);
          for (let token = delivery.send(bytes); token !== null;) token = delivery.confirm(token);
        }
      }),
    );
  });
});
