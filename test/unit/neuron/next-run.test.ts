/** @file What a node does when its run is over: it waits for the next one, and for nothing else. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { ChainClient } from "../../../chain/client/client.ts";
import { AssayError } from "../../../src/errors.ts";
import type { NeuronState } from "../../../src/neuron/state.ts";
import { awaitNextRun } from "../../../src/neuron/participant.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { encodeManifest } from "../../../src/protocol/manifest-file.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { BlobFinder } from "../../../src/run/finder.ts";
import type { Run } from "../../../src/run/run.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const OVER: Hex = `0x${"11".repeat(32)}`;
const NEXT: Hex = `0x${"22".repeat(32)}`;
const clock = windowClock(EXAMPLE_MANIFEST);
const end = clock.startBlock(EXAMPLE_MANIFEST.windows);

test("a node goes on to the next run once the identity names it", async () => {
  const published = end + 40;
  let now = end;
  const said: string[] = [];
  const node = participantOf({
    netuid: EXAMPLE_MANIFEST.netuid,
    run: stub<Run>({ runId: OVER, clock }),
    say: (text) => void said.push(text),
    state: stub<NeuronState>({ standingOf: () => null }),
    signal: new AbortController().signal,
    chain: stub<ChainClient>({
      subnetIdentity: async (_netuid, at) =>
        `assay:run=${(at === undefined ? now : Number(at)) >= published ? NEXT : OVER}`,
    }),
    blocks: stub<BlockClock>({
      get current() {
        return { number: now, hash: "0x" as const };
      },
      hashOf: async (block): Promise<Hex> => `0x${block.toString(16)}`,
      reached: async (block) => ({ number: (now = Math.max(now, block)), hash: "0x" }),
    }),
    finder: stub<BlobFinder>({
      find: async (address) => {
        if (address === OVER) return encodeManifest(EXAMPLE_MANIFEST);
        throw new AssayError({ code: "blob-missing", digest: address });
      },
    }),
  });
  await awaitNextRun(node);
  assert.ok(now >= published && now < published + 2 * clock.blocksPerWindow, `block ${now}`);
  assert.match(said[0] ?? "", /the run is over/);
});
