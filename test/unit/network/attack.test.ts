/**
 * @file An axon under attack: its attackers are cut within seconds, its memory is bounded, and honest peers do not notice.
 * The long form with figures is bench/network-attack.ts.
 */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { type Attack, isCut } from "../../../bench/attacks/attackers.ts";
import { besiege } from "../../../bench/attacks/siege.ts";

// Other systems have one loopback address.
const skip = process.platform !== "linux";
const MEBIBYTE = 1 << 20;
const CUT_MS = 7000;

const SIEGES: readonly (readonly Attack[])[] = [
  ["idle-many-addresses", "idle-one-address", "silent"],
  ["never-read", "drip-readers"],
  ["drip-headers", "drip-bodies", "pipelining", "many-heads"],
];

// One after the other: each would be in the other's figures.
for (const attacks of SIEGES)
  test(`under attack by ${attacks.join(", ")}`, { skip }, async () => {
    const siege = await besiege(attacks, { beforeMs: 1000, duringMs: CUT_MS });
    const { before, during, rssGrowthBytes, lostMs } = siege;
    assert.equal(before.failures, 0);
    assert.equal(during.failures, 0, "honest fetches failed");
    // Far from what an idle machine does (the bench), and far from what an axon without bounds does: it answers nobody for
    // seconds, and grows by gigabytes. What this process lost to a busy machine is not held against it.
    assert.ok(during.p99Ms < 2500 + lostMs, `p99 of ${during.p99Ms} ms`);
    assert.ok(rssGrowthBytes < 250 * MEBIBYTE, `memory grew by ${rssGrowthBytes / MEBIBYTE} MiB`);
    for (const name of attacks) {
      const damage = siege.attacks[name];
      assert.ok(damage !== undefined);
      if (!isCut(name)) continue;
      assert.ok(damage.cuts > 0, `${name}: nobody was cut`);
      assert.ok(
        damage.longestMs < CUT_MS + lostMs,
        `${name}: a socket lived for ${damage.longestMs} ms`,
      );
    }
  });
