/** @file The payload is served only after the deadline, and also by the next process when this one was killed before that. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Work } from "../../../miner/strategies/strategy.ts";
import { keepUnrevealed, reveal, revealKept } from "../../../miner/unrevealed.ts";
import type { BlobStore } from "../../../src/blobs/directory.ts";
import type { Participant } from "../../../src/neuron/participant.ts";
import { openNeuronState } from "../../../src/neuron/state.ts";
import { type Hex, updateDigest } from "../../../src/protocol/digest.ts";
import { encodeUpdate } from "../../../src/protocol/update.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { Follower } from "../../../src/run/follower.ts";
import type { Run } from "../../../src/run/run.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const clock = windowClock(EXAMPLE_MANIFEST);
const RUN: Hex = `0x${"11".repeat(32)}`;
const OTHER: Hex = `0x${"22".repeat(32)}`;
const WINDOW = 5;
const folder = mkdtempSync(join(tmpdir(), "assay-unrevealed-"));
after(() => rmSync(folder, { recursive: true }));

function workOf(runId: Hex, window = WINDOW): Work {
  const header = {
    genesis: OTHER,
    runId,
    netuid: 1,
    window: BigInt(window),
    hotkey: OTHER,
    baseDigest: OTHER,
  };
  const bytes = encodeUpdate(header, Uint8Array.of(1, 2, 3));
  return { window, update: [], bytes, digest: updateDigest(bytes), trainingLoss: 1 };
}

/** A miner in a window of the run; `events` is what it did, in order. */
function minerIn(window: number): { miner: Participant; events: string[] } {
  const events: string[] = [];
  const miner = participantOf({
    run: stub<Run>({ clock, runId: RUN }),
    follower: stub<Follower>({ window }),
    state: openNeuronState(folder),
    blocks: stub<BlockClock>({
      reached: async (number) => {
        events.push(`reached ${number}`);
        return { number, hash: "0x00" };
      },
    }),
    blobs: stub<BlobStore>({
      put: async (bytes) => {
        events.push(`served ${updateDigest(bytes)}`);
        return updateDigest(bytes);
      },
    }),
    signal: new AbortController().signal,
  });
  return { miner, events };
}

const revealed = ({ window, digest }: Work): string[] => [
  `reached ${clock.deadlineBlock(window) + 1}`,
  `served ${digest}`,
];

test("the payload is served only once the deadline block is final", async () => {
  const { miner, events } = minerIn(WINDOW);
  const work = workOf(RUN);
  await reveal(miner, work);
  assert.deepEqual(events, revealed(work));
});

test("the next process serves what the last one committed, as long as somebody may ask for it", async () => {
  const work = workOf(RUN);
  await keepUnrevealed(minerIn(WINDOW).miner, work);
  for (const window of [WINDOW, WINDOW + 1]) {
    const { miner, events } = minerIn(window);
    await revealKept(miner);
    assert.deepEqual(events, revealed(work));
  }
  const late = minerIn(WINDOW + 2);
  await revealKept(late.miner);
  assert.deepEqual(late.events, []);
});

test("what is of another run, torn or not there is not served", async () => {
  const other = minerIn(WINDOW);
  await keepUnrevealed(other.miner, workOf(OTHER));
  await revealKept(other.miner);
  writeFileSync(join(folder, "unrevealed.bin"), "torn");
  await revealKept(other.miner);
  rmSync(join(folder, "unrevealed.bin"));
  await revealKept(other.miner);
  assert.deepEqual(other.events, []);
});
