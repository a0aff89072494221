/** @file The window record has a row, with a reason, for every hotkey that committed: also for one whose payload never came. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Engine } from "../../../kernels/engine/engine.ts";
import type { Signer } from "../../../chain/wallet/signer.ts";
import { EMPTY_SCOREBOOK } from "../../../src/gauntlet/published-book.ts";
import { isReason } from "../../../src/gauntlet/verdict.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { NO_RECORD, verifyRecords } from "../../../src/protocol/record.ts";
import type { WindowOutcome } from "../../../src/run/chain-record.ts";
import type { Follower } from "../../../src/run/follower.ts";
import type { Run } from "../../../src/run/run.ts";
import type { Fate, Judgement, Refusal } from "../../../validator/fate.ts";
import type { Memory } from "../../../validator/memory.ts";
import { record } from "../../../validator/record.ts";
import { score } from "../../../validator/score.ts";
import type { Validator } from "../../../validator/validator.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const ID: Hex = `0x${"0a".repeat(32)}`;
const hotkeyOf = (uid: number): Hex => `0x${uid.toString(16).padStart(64, "0")}`;
const refusal: fc.Arbitrary<Refusal> = fc.record({
  reason: fc.constantFrom("payload-missing" as const, "malformed" as const, "copied" as const),
  detail: fc.stringMatching(/^[ -~]{0,80}$/),
});

/** Committed updates that were refused before anything was measured, by uid. */
const fates = fc
  .uniqueArray(fc.tuple(fc.nat(9), refusal), { selector: ([uid]) => uid, maxLength: 10 })
  .map((list) =>
    list
      .toSorted(([a], [b]) => a - b)
      .map(([uid, why]): Fate => {
        const commit = { uid, hotkey: hotkeyOf(uid), digest: hotkeyOf(100 + uid), block: 5 };
        return { commit, payload: null, refusal: why, gate: null, own: null };
      }),
  );

async function recorded(committed: readonly Fate[]): Promise<string> {
  const saved: string[] = [];
  const memory = stub<Memory>({
    book: EMPTY_SCOREBOOK,
    recordHead: NO_RECORD,
    save: async ({ line }) => void saved.push(line),
    heldOut: null,
  });
  const node = participantOf({
    run: stub<Run>({
      genesis: ID,
      runId: ID,
      manifest: EXAMPLE_MANIFEST,
      heldOutTokens: () => new Int32Array(2),
    }),
    engine: stub<Engine>({ losses: async () => Float64Array.of(1) }),
    follower: stub<Follower>({ digest: ID, window: 1 }),
    signer: stub<Signer>({ publicKey: ID }),
  });
  const hotkeys = Array.from({ length: 10 }, (_, uid) => hotkeyOf(uid));
  const judgement = stub<Judgement>({
    window: 0,
    hotkeys,
    rules: EXAMPLE_MANIFEST,
    keys: stub<Judgement["keys"]>({ hashes: { window: ID, evaluation: ID } }),
    usual: { window: null, norms: [] },
    fates: committed,
    comparisons: [],
  });
  const outcome: WindowOutcome = {
    window: 0,
    rules: ID,
    thetaDigest: null,
    accepted: [],
    voters: [],
    hotkeys,
  };
  const scored = score({ memory, weigh: null }, judgement, outcome);
  const validator = stub<Validator>({ node, memory });
  await record(validator, { judgement, scored, outcome, thetaBefore: ID });
  return saved[0] ?? "";
}

test("whoever committed has a row with the reason that was found", async () => {
  await fc.assert(
    fc.asyncProperty(fates, async (committed) => {
      const { records } = verifyRecords([await recorded(committed)]);
      const rows = new Map(records[0]?.miners.map((row) => [row.uid, row]));
      for (const { commit, refusal: why } of committed) {
        const row = rows.get(commit.uid);
        assert.ok(row !== undefined, `uid ${commit.uid} has no row`);
        assert.deepEqual(
          [row.payloadDigest, row.commitBlock, row.detail, row.verdict, row.weight],
          [commit.digest, commit.block, why?.detail, why?.reason, 0],
        );
        assert.ok(isReason(row.verdict));
      }
    }),
    { numRuns: 60 },
  );
});
