/** @file Parameters of an offered checkpoint: what was fetched for nothing goes again, and a full disk is waited out. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { layoutOf } from "../../../kernels/nn/model.ts";
import type { BlobStore } from "../../../src/blobs/directory.ts";
import { memoryBlobs } from "../../../src/blobs/memory.ts";
import { digestOf, encodeCheckpoint } from "../../../src/checkpoint/checkpoint.ts";
import { formOf } from "../../../src/checkpoint/form.ts";
import { AssayError, isAssayError } from "../../../src/errors.ts";
import { treeAddress } from "../../../src/protocol/block-tree.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import type { BlobFinder } from "../../../src/run/finder.ts";
import type { Subnet } from "../../../src/run/subnet.ts";
import { confirmedTheta, findTheta } from "../../../src/run/theta.ts";
import { stub } from "../stub.ts";

const LAYOUT = layoutOf([{ name: "w", shape: [4, 5], decay: true }]);
const RUN = { runId: `0x${"0a".repeat(32)}` as const, sharedLayout: LAYOUT };
const thetaWith = (value: number): Float32Array =>
  new Float32Array(LAYOUT.total).fill(value, 0, 20);
const bytesWith = (value: number): Uint8Array => encodeCheckpoint(LAYOUT, thetaWith(value));
const log = { warn: () => undefined };
const { signal } = new AbortController();

/** A node whose peers have these checkpoints; `full`: so many times its disk has no room for one. */
function subnetWith(values: readonly number[], full = 0) {
  const blobs = memoryBlobs();
  const remote = new Map(values.map((value) => [treeAddress(bytesWith(value)), bytesWith(value)]));
  const seen = { pauses: 0 };
  let left = full;
  const findTree = async (address: Hex): Promise<boolean> => {
    if ((await blobs.trees.list(address)) !== null) return true;
    const bytes = remote.get(address);
    if (bytes === undefined) return false;
    if (left-- > 0) throw new AssayError({ code: "disk-full", path: "/x" });
    await blobs.trees.put(formOf(LAYOUT), [bytes]);
    return true;
  };
  const subnet = stub<Subnet>({
    blobs: stub<BlobStore>({ trees: blobs.trees }),
    finder: stub<BlobFinder>({ findTree }),
    pause: async () => void (seen.pauses += 1),
  });
  return { subnet, blobs, seen };
}

test("a false checkpoint is off the disk as soon as it is known to be one; the right one stays, and so does what was here", async () => {
  const { subnet, blobs } = subnetWith([1, 2]);
  const [wrong, right] = [1, 2].map((value) => treeAddress(bytesWith(value)));
  assert.ok(wrong && right);
  const expected = await digestOf(RUN.runId, LAYOUT, thetaWith(2));
  const parts = { run: RUN, subnet };
  const tried = (address: Hex): Promise<Float32Array | null> =>
    confirmedTheta(parts, { window: 5, address }, expected, { log, signal });
  assert.equal(await tried(wrong), null);
  assert.deepEqual(await blobs.trees.addresses(), []);
  assert.deepEqual(await tried(right), thetaWith(2));
  assert.deepEqual(await blobs.trees.addresses(), [right]);
  await blobs.trees.put(formOf(LAYOUT), [bytesWith(1)]);
  assert.equal(await tried(wrong), null);
  assert.equal((await blobs.trees.addresses()).length, 2, "it was here before");
});

test("a full disk is told once and waited out; whoever is not told fails", async () => {
  const address = treeAddress(bytesWith(1));
  const { subnet, seen } = subnetWith([1], 3);
  const told: string[] = [];
  const search = { address, patient: false, log, signal };
  const onDisk = ({ what }: { readonly what: string }): void => void told.push(what);
  assert.deepEqual(await findTheta(subnet, LAYOUT, { ...search, onDisk }), thetaWith(1));
  assert.deepEqual(told, ["full", "room"]);
  assert.equal(seen.pauses, 3);
  await assert.rejects(findTheta(subnetWith([1], 1).subnet, LAYOUT, search), (error) =>
    isAssayError(error, "disk-full"),
  );
  const stopped = AbortSignal.abort(new Error("SIGTERM"));
  const stops = { ...search, signal: stopped, onDisk };
  await assert.rejects(findTheta(subnetWith([1], 9).subnet, LAYOUT, stops), /SIGTERM/);
});
