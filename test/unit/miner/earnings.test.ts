/** @file What a miner earned is the growth of its stake, told after each window and counted over restarts. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { ChainClient } from "../../../chain/client/client.ts";
import { Earnings } from "../../../miner/earnings.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { Neuron } from "../../../src/neuron/neuron.ts";
import { openNeuronState } from "../../../src/neuron/state.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { Run } from "../../../src/run/run.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-earnings-"));
after(() => rmSync(folder, { recursive: true }));
const clock = windowClock(EXAMPLE_MANIFEST);
const hashOf = (block: number): Hex => `0x${block.toString(16)}`;

/** A miner whose stake after window w is `stakes[w]`. */
function minerWith(
  stakes: readonly bigint[],
  runId: Hex,
  said: string[],
): ConstructorParameters<typeof Earnings>[0] {
  const at = new Map(
    stakes.map((stake, window) => [hashOf(clock.lastJudgeBlock(window)), stake] as const),
  );
  return participantOf({
    netuid: 1,
    run: stub<Run>({ clock, runId }),
    chain: stub<ChainClient>({
      stakes: async (_netuid, _hotkeys, hash = "0x") => [at.get(hash) ?? -1n],
    }),
    blocks: stub<BlockClock>({ hashOf: async (block) => hashOf(block) }),
    state: openNeuronState(folder),
    signer: stub<Neuron["signer"]>({ publicKey: "0x00" }),
    say: (text) => void said.push(text),
  });
}

test("each window tells its growth and the total since the run was joined, also after a restart", async () => {
  const stakes = [5n, 5n, 1_000_000_005n, 1_500_000_005n, 500_000_005n];
  const said: string[] = [];
  const first = new Earnings(minerWith(stakes, "0x01", said));
  for (const window of [0, 1, 2]) await first.tell(window);
  assert.equal(said.length, 2);
  assert.match(said[0] ?? "", /window 1: earned 0\.000000000 alpha since window 0/);
  assert.match(
    said[1] ?? "",
    /earned 1\.000000000 alpha since window 1; 1\.0+ alpha since window 0/,
  );
  const second = new Earnings(minerWith(stakes, "0x01", said));
  for (const window of [2, 3, 4]) await second.tell(window);
  assert.match(
    said[2] ?? "",
    /earned 0\.500000000 .*1\.500000000 alpha since window 0, stake 1\.5/,
  );
  assert.match(said[3] ?? "", /window 4: 1\.000000000 alpha less staked/);
});

test("another run counts anew", async () => {
  const said: string[] = [];
  const other = new Earnings(minerWith([7n, 9n], "0x02", said));
  await other.tell(0);
  await other.tell(1);
  assert.match(said[0] ?? "", /earned 0\.000000002 alpha since window 0; 0\.000000002 alpha/);
});
