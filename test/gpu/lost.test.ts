/** @file A GPU that is lost in the middle of a window: the window is, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Peer, processPeer } from "../../kernels/engine/peer.ts";
import { KernelError } from "../../kernels/errors.ts";
import { must } from "../kernels/support.ts";
import { open, training } from "./support.ts";

const SCRIPT = new URL("../../kernels/engine/device-process.ts", import.meta.url);

const isLost = (error: unknown): boolean =>
  error instanceof KernelError && error.code === "device-lost" && /SIGKILL/.test(error.message);

test("the process on the GPU is killed in mid-window: theta stands, the next window is what it would have been", async (t) => {
  const peers: Peer[] = [];
  const start = (): Peer => {
    const peer = processPeer(SCRIPT);
    peers.push(peer);
    return peer;
  };
  const [unlucky, lucky] = [await open("webgpu", {}, start), await open("webgpu")];
  t.after(async () => Promise.all([unlucky.close(), lucky.close()]));
  for (const core of [unlucky, lucky]) await core.train(training(2, 1));
  const kept = await unlucky.momentState();
  const theta = await unlucky.parameters();
  const losing = assert.rejects(unlucky.train(training(200, 2)), isLost);
  await sleep(2000);
  must(peers[0]).kill();
  await losing;
  assert.deepEqual(await unlucky.parameters(), theta);
  assert.deepEqual(await unlucky.momentState(), kept);
  const { losses } = await unlucky.train(training(2, 3));
  assert.deepEqual(losses, (await lucky.train(training(2, 3))).losses);
  assert.deepEqual(await unlucky.momentState(), await lucky.momentState());
  assert.equal(peers.length, 2);
});
