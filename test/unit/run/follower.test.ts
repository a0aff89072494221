/** @file Following a run: only what the chain's votes confirm is adopted, and every honest node takes the same step. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { isAssayError } from "../../../src/errors.ts";
import { treeAddress } from "../../../src/protocol/block-tree.ts";
import { blake2b256 } from "../../../src/protocol/digest.ts";
import { encodeCheckpoint } from "../../../src/checkpoint/checkpoint.ts";
import { LAYOUT, clock, thetaWith, digestWith, MANIFEST, World } from "./follower-world.ts";

test("a first start takes genesis and waits in window 0", async () => {
  const world = new World();
  const follower = world.follower();
  await follower.start(null);
  assert.equal(follower.window, 0);
  assert.equal(follower.digest, digestWith(0));
  assert.deepEqual(follower.checkpoint, { window: 0, address: MANIFEST.genesisCheckpoint });
});

test("each window moves theta by its accepted set; a null window leaves it", async () => {
  const world = new World();
  const follower = world.follower();
  await follower.start(null);
  world.accept(0, digestWith(0));
  world.accept(0, digestWith(0));
  await follower.advance();
  assert.equal(follower.digest, digestWith(2));
  await follower.advance();
  assert.equal(follower.window, 2);
  assert.equal(follower.digest, digestWith(2));
  assert.deepEqual(world.steps, [2], "no outer step without updates");
  assert.deepEqual(follower.digests(1), [
    { window: 1, digest: digestWith(2) },
    { window: 2, digest: digestWith(2) },
  ]);
});

test("an accepted commitment that names a blob too large for an update is dropped, unread", async () => {
  const world = new World();
  const follower = world.follower({ onMissing: () => assert.fail("nobody waits for it") });
  await follower.start(null);
  world.accept(0, digestWith(0));
  world.accept(0, digestWith(0));
  const [, second] = world.outcomes.get(0)?.accepted ?? [];
  assert.ok(second !== undefined);
  const large = new Uint8Array(100_000);
  const digest = blake2b256(large);
  world.blobs.set(digest, large);
  const [first] = world.outcomes.get(0)?.accepted ?? [];
  assert.ok(first !== undefined);
  world.outcomes.set(0, { accepted: [first, { ...second, digest }], thetaDigest: digestWith(0) });
  await follower.advance();
  assert.deepEqual(world.steps, [1]);
  assert.equal(follower.digest, digestWith(1));
});

test("an accepted payload that is malformed or made on other parameters is dropped, as by everybody", async () => {
  const world = new World();
  const follower = world.follower();
  await follower.start(null);
  world.accept(0, digestWith(0), true);
  world.accept(0, digestWith(0));
  world.accept(0, digestWith(9));
  world.outcomes.set(0, { ...world.outcomes.get(0), thetaDigest: digestWith(0) });
  await follower.advance();
  assert.deepEqual(world.steps, [1]);
});

test("a majority for other parameters accepts nothing, and ends nobody: what the record gives again stands", async () => {
  const world = new World();
  world.accept(0, digestWith(0));
  const told: string[] = [];
  const follower = world.follower({
    onDissent: ({ window, what }) => told.push(`${window} ${what}`),
  });
  await follower.start(null);
  await follower.advance();
  world.accept(1, digestWith(5));
  const outcome = await follower.advance();
  assert.deepEqual([follower.window, follower.digest], [2, digestWith(1)]);
  assert.deepEqual([outcome.thetaDigest, outcome.accepted], [digestWith(5), []]);
  assert.deepEqual(told, ["1 begins", "1 stands"]);
  world.accept(2, digestWith(6));
  await follower.advance();
  assert.equal(told.length, 2, "not again in every window");
  world.accept(3, digestWith(1));
  await follower.advance();
  assert.deepEqual([follower.window, follower.digest], [4, digestWith(2)]);
});

test("parameters that went wrong in memory are mended from the newest checkpoint that everybody had", async () => {
  const world = new World();
  const every = MANIFEST.checkpointEveryWindows;
  const told: string[] = [];
  const follower = world.follower({
    onDissent: ({ window, what }) => told.push(`${window} ${what}`),
  });
  for (let window = 0; window <= every + 2; window++) world.accept(window, digestWith(window));
  await follower.start(null);
  for (let window = 0; window < every + 1; window++) await follower.advance();
  const checkpoint = follower.checkpoint;
  assert.equal(checkpoint?.window, every);
  world.theta[3] = 77; // a bit flips
  await follower.advance();
  assert.notEqual(follower.digest, digestWith(every + 2));
  const steps = world.steps.length;
  world.now = clock.startBlock(every + 3);
  await follower.advance();
  assert.deepEqual([follower.window, follower.digest], [every + 3, digestWith(every + 3)]);
  assert.deepEqual(told, [`${every + 2} begins`, `${every + 2} mended`]);
  assert.equal(follower.digestOf(every + 2), digestWith(every + 2), "what a validator looks at");
  assert.equal(world.steps.length - steps, 3, "replayed from the checkpoint, not from theta_0");
  assert.deepEqual(follower.checkpoint, checkpoint);
});

test("a check that cannot be finished leaves the parameters as they were", async () => {
  const world = new World();
  world.accept(0, digestWith(0));
  const [commit] = world.outcomes.get(0)?.accepted ?? [];
  const told: string[] = [];
  const follower = world.follower({ onDissent: ({ what }) => told.push(what) });
  await follower.start(null);
  await follower.advance();
  world.blobs.delete(commit?.digest ?? "0x");
  world.accept(1, digestWith(5));
  await follower.advance();
  assert.deepEqual([follower.window, follower.digest], [2, digestWith(1)]);
  assert.deepEqual(world.theta, thetaWith(1));
  assert.deepEqual(told, ["begins", "unchecked"]);
});

test("a check never takes parameters that only the votes say are right", async () => {
  const world = new World();
  const every = MANIFEST.checkpointEveryWindows;
  const follower = world.follower();
  await follower.start(null);
  for (let window = 0; window < every; window++) await follower.advance();
  world.now = clock.startBlock(3 * every);
  // The majority names 9 from the window of the checkpoint on, and its checkpoint is there to be had.
  const lie = world.checkpoint(every, 9, true);
  assert.notDeepEqual(lie, follower.checkpoint);
  for (let window = every; window < 3 * every; window++) {
    world.outcomes.set(window, { thetaDigest: digestWith(9), accepted: [] });
    await follower.advance();
    assert.equal(follower.digest, digestWith(0));
  }
});

test("a running node waits for an accepted payload that nobody serves, and says so once; an auditor fails", async () => {
  const world = new World();
  const auditor = world.follower();
  await auditor.start(null);
  world.accept(0, digestWith(0));
  const [commit] = world.outcomes.get(0)?.accepted ?? [];
  assert.ok(commit !== undefined);
  const bytes = world.blobs.get(commit.digest);
  world.blobs.delete(commit.digest);
  await assert.rejects(auditor.advance(), (error) => isAssayError(error, "blob-missing"));

  const told: string[] = [];
  const node = world.follower({
    onMissing: (window, { uid }) => void told.push(`window ${window}, uid ${uid}`),
  });
  await node.start(null);
  const advancing = node.advance();
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([node.window, told], [0, ["window 0, uid 2"]]);
  world.blobs.set(commit.digest, bytes ?? new Uint8Array());
  await advancing;
  assert.equal(node.digest, digestWith(1));
});

test("windows that pass while a node is cut off are replayed by catching up", async () => {
  const world = new World();
  const node = world.follower();
  await node.start(null);
  for (const window of [0, 1, 2]) world.accept(window, digestWith(window));
  world.now = clock.startBlock(3);
  await node.catchUp();
  assert.deepEqual([node.window, node.digest], [3, digestWith(3)]);
  await node.catchUp();
  assert.equal(node.window, 3, "nothing more is over yet");
});

test("a start in the middle replays every window that is over", async () => {
  const world = new World();
  world.accept(0, digestWith(0));
  world.accept(1, digestWith(1));
  world.now = clock.startBlock(2);
  const follower = world.follower();
  await follower.start(null);
  assert.equal(follower.window, 2);
  assert.equal(follower.digest, digestWith(2));
});

test("a checkpoint that the votes confirm is the starting point; another one is passed over", async () => {
  const world = new World();
  world.now = clock.startBlock(4);
  const confirmed = world.checkpoint(3, 7, true);
  const follower = world.follower();
  await follower.start(confirmed);
  assert.equal(follower.window, 4);
  assert.equal(follower.digest, digestWith(7));
  assert.deepEqual(follower.checkpoint, confirmed);

  const lying = new World();
  const late = lying.checkpoint(1, 7, false);
  lying.outcomes.set(1, { thetaDigest: digestWith(0), accepted: [] });
  lying.now = clock.startBlock(2);
  const careful = lying.follower();
  await careful.start(late);
  assert.equal(careful.digest, digestWith(0), "replayed from genesis");
});

test("a checkpoint of the running window is not waited for where an older one or theta_0 is as good", async () => {
  const every = MANIFEST.checkpointEveryWindows;
  const world = new World();
  const running = world.checkpoint(2 * every, 8, true);
  world.now = clock.startBlock(2 * every);
  const older = world.checkpoint(every, 7, true);
  const follower = world.follower();
  await follower.start(running, older);
  assert.deepEqual([follower.digest, follower.window], [digestWith(7), 2 * every]);
  const alone = world.follower();
  await alone.start(running);
  assert.deepEqual([alone.checkpoint, alone.digest], [running, digestWith(8)], "there is no other");
  world.now = clock.startBlock(every);
  const first = world.follower();
  await first.start(older);
  assert.deepEqual([first.digest, first.window], [digestWith(0), every], "replayed from theta_0");
});

test("a newest checkpoint that no votes confirm does not hide an older one that they do", async () => {
  const world = new World();
  const older = world.checkpoint(3, 7, true);
  const newest = world.checkpoint(5, 8, false);
  world.outcomes.set(5, { thetaDigest: null, accepted: [] });
  world.now = clock.startBlock(6);
  const follower = world.follower();
  await follower.start(newest, older);
  assert.deepEqual(follower.checkpoint, older);
  assert.equal(follower.window, 6, "and the windows since are replayed");
  assert.equal(follower.digest, digestWith(7));
});

test("a checkpoint of a window far ahead of the chain is not waited for", async () => {
  const world = new World();
  const follower = world.follower();
  await follower.start(world.checkpoint(9, 7, true));
  assert.equal(follower.window, 0);
});

test("checkpoints are written when due, and remembered for the next start", async () => {
  const world = new World();
  const follower = world.follower();
  await follower.start(null);
  const every = MANIFEST.checkpointEveryWindows;
  for (let window = 0; window < 2 * every; window++) {
    await follower.advance();
    await follower.written();
  }
  assert.deepEqual(
    world.saved.map((one) => one.window),
    [every, 2 * every],
  );
  const newest = world.saved.at(-1);
  assert.deepEqual(follower.checkpoint, newest);
  assert.ok(newest !== undefined && world.blobs.has(newest.address));
});

test("bytes that are no checkpoint, and parameters that are no numbers, are passed over", async () => {
  const world = new World();
  const garbage = Uint8Array.from({ length: 64 }, (_, at) => at);
  const notNumbers = encodeCheckpoint(LAYOUT, thetaWith(Number.NaN));
  for (const bytes of [garbage, notNumbers]) {
    const address = treeAddress(bytes);
    world.blobs.set(address, bytes);
    world.outcomes.set(1, { thetaDigest: digestWith(0), accepted: [] });
    world.now = clock.startBlock(2);
    const follower = world.follower();
    await follower.start({ window: 1, address });
    assert.equal(follower.window, 2, "replayed from theta_0");
  }
});
