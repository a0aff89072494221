/** @file What an axon must hold while it is attacked: its attackers are cut, its memory is bounded, honest peers are served. */
import { strict as assert } from "node:assert";
import { type AnyAttack, isEnded } from "../../bench/attacks/any-attack.ts";
import { besiege } from "../../bench/attacks/siege.ts";

const MEBIBYTE = 1 << 20;
const CUT_MS = 7000;

/** Why sieges are left out here, or false: other systems have one loopback address. */
export const skipSieges = process.platform !== "linux" && "Linux has the loopback addresses";

/** Attacks an axon in all these ways at once, and looks at what its honest peers notice. */
export async function holdsAgainst(attacks: readonly AnyAttack[]): Promise<void> {
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
    if (!isEnded(name)) continue;
    assert.ok(damage.cuts > 0, `${name}: nobody was cut`);
    assert.ok(
      damage.longestMs < CUT_MS + lostMs,
      `${name}: a socket lived for ${damage.longestMs} ms`,
    );
  }
}
