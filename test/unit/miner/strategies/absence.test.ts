/** @file Windows that a miner stays away from: as many as it was told, always the same ones, and nothing is done in them. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { isAway, withAbsences } from "../../../../miner/strategies/absence.ts";
import type { Work } from "../../../../miner/strategies/strategy.ts";
import type { Participant } from "../../../../src/neuron/participant.ts";
import type { Hex } from "../../../../src/protocol/digest.ts";
import type { Run } from "../../../../src/run/run.ts";
import { participantOf } from "../../participant.ts";
import { stub } from "../../stub.ts";

const RUN_ID: Hex = `0x${"0a".repeat(32)}`;
const OWN: Hex = `0x${"01".repeat(32)}`;
const WINDOWS = 2000;

const bytes32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Hex => `0x${Buffer.from(bytes).toString("hex")}`);

test("a hotkey stays away from as many windows as it was told, always the same ones, others from other ones", () => {
  fc.assert(
    fc.property(bytes32, bytes32, fc.integer({ min: 1, max: 99 }), (hotkey, other, percent) => {
      const away = (key: Hex): number[] =>
        Array.from({ length: WINDOWS }, (_, window) => window).filter((window) =>
          isAway({ runId: RUN_ID, hotkey: key, window }, percent),
        );
      const own = away(hotkey);
      assert.deepEqual(away(hotkey), own);
      const sigma = Math.sqrt((WINDOWS * percent * (100 - percent)) / 1e4);
      assert.ok(Math.abs(own.length - (WINDOWS * percent) / 100) < 6 * sigma, String(own.length));
      if (other !== hotkey) assert.notDeepEqual(away(other), own);
    }),
    { numRuns: 20 },
  );
  const turn = { runId: RUN_ID, hotkey: OWN };
  for (let window = 0; window < 100; window++)
    assert.deepEqual(
      [0, 100].map((all) => isAway({ ...turn, window }, all)),
      [false, true],
    );
});

test("who stays away trains nothing in that window and says so", async () => {
  const said: string[] = [];
  const miner = participantOf({
    run: stub<Run>({ runId: RUN_ID }),
    signer: stub<Participant["neuron"]["signer"]>({ publicKey: OWN }),
    say: (text) => said.push(text),
  });
  const done: number[] = [];
  const work = stub<Work>({ window: 0 });
  const strategy = withAbsences(miner, 20, async (window) => {
    done.push(window);
    return work;
  });
  const windows = Array.from({ length: 50 }, (_, window) => window);
  for (const window of windows) {
    const isGone = isAway({ runId: RUN_ID, hotkey: OWN, window }, 20);
    assert.equal(await strategy(window), isGone ? null : work);
    assert.equal(done.at(-1) === window, !isGone);
  }
  assert.equal(said.length + done.length, windows.length);
  assert.ok(said.length > 0 && said.every((text) => text.includes("--miss-percent 20")));
  const always = async (): Promise<Work> => work;
  assert.equal(withAbsences(miner, 0, always), always);
});
