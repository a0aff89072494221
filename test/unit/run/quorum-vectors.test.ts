/** @file Who counts in a window and with how much: numbers of an independent restatement, and a newcomer's are everybody's. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { countVotes, LOOK_BACK_WINDOWS } from "../../../src/protocol/acceptance.ts";
import vectors from "../../fixtures/quorum.json" with { type: "json" };
import { clock, hex, RULES, type Seats, SlotChain } from "./slot-chain.ts";

const DIGESTS = [hex(0xd0), hex(0xd1)] as const;

function seatsOf(state: (typeof vectors.windows)[number]["seed"]): Seats {
  return state.seats.map((one, uid) => ({
    hotkey: hex(one),
    permit: state.permits[uid] === true,
    stake: BigInt(state.stakes[uid] ?? 0),
  }));
}

/** The chain of the vectors. Nobody mines on it. */
function vectorChain(): SlotChain {
  const chain = new SlotChain();
  for (const [window, { seed, last, writes }] of vectors.windows.entries()) {
    chain.seat(clock.seedBlock(window), seatsOf(seed));
    chain.seat(clock.lastJudgeBlock(window), seatsOf(last));
    for (const write of writes) {
      const { hotkey, kind, uids, digest, window: named } = write;
      if (kind === "vote" && uids !== undefined && named !== undefined)
        chain.vote(hex(hotkey), window, {
          uids,
          named,
          digest: DIGESTS[digest ?? 0] ?? "0x",
          ...("rules" in write && { rules: hex(0xbad) }),
        });
      else chain.write(hex(hotkey), clock.firstJudgeBlock(window), []);
    }
  }
  return chain;
}

test("stakes, silences, totals, digests and accepted sets equal the vectors, window by window", async () => {
  const chain = vectorChain();
  const record = chain.record();
  for (const [window, { outcome }] of vectors.windows.entries()) {
    const found = await record.outcome(window);
    const voters = found.voters.filter(({ permit, stake }) => permit && stake > 0n);
    assert.deepEqual(
      voters.map(({ uid, stake, silence }) => ({ uid, stake: String(stake), silence })),
      outcome.voters,
      `window ${window}`,
    );
    const counted = countVotes({ window, rules: RULES, voters: found.voters });
    assert.equal(String(counted.totalSixteenths), outcome.totalSixteenths);
    assert.equal(found.thetaDigest, outcome.digest === null ? null : DIGESTS[outcome.digest]);
    assert.deepEqual(counted.accepted, outcome.accepted);
    assert.deepEqual(await chain.record().outcome(window), found, "a newcomer's");
  }
});

const HOTKEYS = 6;
const stake = fc.nat(100).map(BigInt);
const act = fc.constantFrom("vote", "vote", "vote", "lie", "other", "old", "none", "none", "none");
const windowOf = fc.record({
  acts: fc.array(act, { minLength: HOTKEYS, maxLength: HOTKEYS }),
  permits: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  stakes: fc.array(stake, { minLength: 4, maxLength: 4 }),
  shift: fc.constantFrom(0, 0, 0, 0, 0, 1),
  quiet: fc.constantFrom(1, 1, 1, 1, 1, 40),
});

test("a newcomer finds the outcome that those who were always there found, whatever the votes were", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(windowOf, { minLength: 1, maxLength: 60 }), async (windows) => {
      const chain = new SlotChain();
      let window = 0;
      let first = 0;
      for (const { acts, permits, stakes, shift, quiet } of windows) {
        first += shift;
        const seats = permits.map((permit, uid) => ({
          hotkey: hex((first + uid) % HOTKEYS),
          permit,
          stake: stakes[uid] ?? 0n,
        }));
        chain.seat(clock.seedBlock(window), seats);
        for (const [one, what] of acts.entries()) {
          if (what === "none") continue;
          if (what === "other") chain.write(hex(one), clock.firstJudgeBlock(window), []);
          else
            chain.vote(hex(one), window, {
              uids: [one % 4],
              digest: what === "lie" ? DIGESTS[1] : DIGESTS[0],
              ...(what === "old" && { named: Math.max(0, window - 1) }),
            });
        }
        window += quiet;
      }
      const early = chain.record();
      for (let one = 0; one < window; one++) await early.outcome(one);
      for (const one of [window - 1, Math.floor(window / 2), Math.max(0, window - 7)]) {
        chain.reads.length = 0;
        const late = await chain.record().outcome(one);
        assert.ok(chain.reads.length <= 3 * LOOK_BACK_WINDOWS + 12, `${chain.reads.length} reads`);
        assert.deepEqual(late, await early.outcome(one));
      }
    }),
    { numRuns: 60 },
  );
});

test("a window costs eight reads, whoever is silent; a node that comes late looks back once", async () => {
  const chain = new SlotChain();
  const seats = [60n, 40n, 0n].map((one, uid) => ({ hotkey: hex(uid), stake: one, permit: true }));
  chain.seat(0, seats);
  for (let window = 0; window < 50; window++) {
    chain.commit(hex(2), window, hex(99));
    if (window < 20) chain.vote(hex(0), window, { uids: [2], digest: DIGESTS[0] });
    chain.vote(hex(1), window, { uids: [2], digest: DIGESTS[0] });
  }
  const record = chain.record();
  const costs: number[] = [];
  for (let window = 0; window < 50; window++) {
    chain.reads.length = 0;
    await record.outcome(window);
    costs.push(chain.reads.length);
  }
  assert.ok(
    costs.slice(2).every((reads) => reads <= 8),
    costs.join(" "),
  );
  chain.reads.length = 0;
  const { accepted } = await chain.record().outcome(49);
  assert.equal(accepted.length, 1);
  assert.ok(chain.reads.length <= 100, `${chain.reads.length} reads`);
});
