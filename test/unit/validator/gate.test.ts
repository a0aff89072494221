/** @file From payloads to scores with an engine that the test dictates: who is refused why, and on which data each is measured. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Head } from "../../../chain/client/client.ts";
import type { Engine } from "../../../kernels/engine/engine.ts";
import { AssayError } from "../../../src/errors.ts";
import { keptOfTensor, type SparseUpdate } from "../../../src/protocol/codec.ts";
import { type Hex, updateDigest } from "../../../src/protocol/digest.ts";
import { encodeWholeUpdate } from "../../../src/protocol/update.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { BlobStore } from "../../../src/blobs/directory.ts";
import type { StoredBlob } from "../../../src/blobs/stored.ts";
import type { BlobFinder } from "../../../src/run/finder.ts";
import type { Follower } from "../../../src/run/follower.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import { Run } from "../../../src/run/run.ts";
import type { Commit, ChainRecord } from "../../../src/run/chain-record.ts";
import { buildDataManifest, parseDataManifest } from "../../../src/data/data-manifest.ts";
import { openPages } from "../../../src/data/pages.ts";
import { memoryFile } from "../../../src/data/ranges.ts";
import { collect } from "../../../validator/collect.ts";
import { evaluate } from "../../../validator/evaluate.ts";
import { isLive } from "../../../validator/fate.ts";
import { gate } from "../../../validator/gate.ts";
import { Memory } from "../../../validator/memory.ts";
import { score } from "../../../validator/score.ts";
import type { Validator } from "../../../validator/validator.ts";
import { EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const WINDOW = 1;
const LENGTHS = [20_000];
const ID: Hex = `0x${"0a".repeat(32)}`;
const BASE: Hex = `0x${"0b".repeat(32)}`;
const HOTKEYS = [0, 1, 2, 3, 4, 5].map((uid): Hex => `0x${`a${uid}`.repeat(32)}`);
const clock = windowClock(EXAMPLE_MANIFEST);

const CONTEXT = EXAMPLE_MANIFEST.model.context;
const PAGES = 200;
/** Every token names its page modulo 251, so that tokens tell where they come from. */
const SHARD = Uint8Array.from({ length: PAGES * 8 * CONTEXT + 1 }, (_, at) =>
  Math.floor(at / (8 * CONTEXT)),
);
const DATA = buildDataManifest(
  {
    training: SHARD,
    heldOut: new Uint8Array(CONTEXT + 1),
    tokenBytes: 1,
    vocabulary: 256,
  },
  { context: CONTEXT, sequencesPerPage: 8 },
);
const MANIFEST = { ...EXAMPLE_MANIFEST, data: { ...EXAMPLE_MANIFEST.data, pages: DATA.pages } };

/** The example's run with a model of one tensor. */
const RUN = new Run({
  genesis: ID,
  runId: ID,
  manifest: MANIFEST,
  pages: openPages(
    parseDataManifest(DATA.manifest),
    [memoryFile("shard", SHARD)],
    DATA.pageDigests,
  ),
  heldOut: new Uint8Array(),
});
Object.assign(RUN, {
  layout: { lengths: LENGTHS },
  updateLayout: { lengths: LENGTHS, ...MANIFEST.codec },
  maximumUpdateBytes: 1 << 20,
});

/** An update whose places depend on `seed` and whose values are all of size `value`. */
function updateOf(seed: number, value: number): SparseUpdate {
  const { k, chunk } = MANIFEST.codec;
  const indices: number[] = [];
  for (let start = 0; start < 20_000; start += chunk) {
    const size = Math.min(chunk, 20_000 - start);
    const kept = keptOfTensor(size, k, chunk);
    const step = Math.floor(size / kept);
    for (let n = 0; n < kept; n++) indices.push(start + n * step + (seed % step));
  }
  const values = new Float32Array(indices.length).fill(value);
  return [{ indices: Uint32Array.from(indices), values }];
}

type Sent = {
  uid: number;
  update: SparseUpdate;
  change?: { window?: bigint; runId?: Hex };
};
type Measured = {
  readonly update: number | null;
  readonly factor: number;
  /** Magnitude of its values; 0 without an update. */
  readonly size: number;
  readonly pages: number[];
};

const FETCH_MS = 5;
const BLOCK_MS = 250;

/** A chain that stands at `head` until somebody waits for a later block, which comes after a while. */
function movingHeads(head: Head): BlockClock {
  let number = head.number;
  return stub<BlockClock>({
    get current() {
      return { ...head, number };
    },
    async reached(block) {
      if (block > number) {
        await sleep(BLOCK_MS);
        number = Math.max(number, block);
      }
      return { ...head, number };
    },
    hashOf: async () => ID,
  });
}

/** A validator that sees what was `sent`; each update changes every loss by `effect` of its first index. */
function validatorOf(
  sent: readonly Sent[],
  effect: (first: number) => number,
  {
    missing = [],
    large = [],
    broken = null,
  }: {
    missing?: readonly number[];
    /** Uids whose commitment names a blob that lies here and is no update by its size. */
    large?: readonly number[];
    broken?: Error | null;
  } = {},
): { validator: Validator; measured: Measured[]; asked: Hex[]; commits: readonly Commit[] } {
  const payloads = new Map<Hex, Uint8Array>();
  const commits = sent.map(({ uid, update, change = {} }): Commit => {
    const hotkey = HOTKEYS[uid] ?? "0x";
    const header = { genesis: ID, runId: ID, netuid: MANIFEST.netuid, hotkey, baseDigest: BASE };
    const counts = { window: BigInt(WINDOW) };
    const layout = { lengths: LENGTHS, ...MANIFEST.codec };
    const bytes = encodeWholeUpdate({ ...header, ...counts, ...change }, update, layout);
    const digest = updateDigest(bytes);
    if (!missing.includes(uid)) payloads.set(digest, bytes);
    return { uid, hotkey, digest, block: clock.firstCommitBlock(WINDOW) + uid };
  });
  const measured: Measured[] = [];
  const asked: Hex[] = [];
  const head: Head = { number: clock.firstJudgeBlock(WINDOW), hash: ID };
  const node = participantOf({
    run: RUN,
    engine: stub<Engine>({
      losses: async ({ tokens, update, factor = 1 }) => {
        const rows = tokens.length / (CONTEXT + 1);
        const pages = Array.from({ length: rows }, (_, row) => tokens[row * (CONTEXT + 1)] ?? -1);
        const first = update?.[0]?.indices[0] ?? null;
        measured.push({ update: first, factor, size: update?.[0]?.values[0] ?? 0, pages });
        const change = first === null ? 0 : effect(first);
        return Float64Array.from(pages, (page) => 2 + page / 1000 + change);
      },
    }),
    blocks: movingHeads(head),
    record: stub<ChainRecord>({ hotkeys: async () => HOTKEYS, commits: async () => commits }),
    pause: (ms) => sleep(ms),
    finder: stub<BlobFinder>({
      axons: async () => new Map([[HOTKEYS[0] ?? ID, { ip: "192.0.2.7", port: 4000 }]]),
      findUntil: async (digest, _limits, over) => {
        asked.push(digest);
        await sleep(FETCH_MS);
        if (broken !== null) throw broken;
        while (!payloads.has(digest) && !over.aborted) await sleep(FETCH_MS);
        return payloads.get(digest) ?? null;
      },
    }),
    blobs: stub<BlobStore>({
      open: async (digest) => {
        const commit = commits.find((one) => one.digest === digest);
        return commit !== undefined && large.includes(commit.uid)
          ? stub<StoredBlob>({ bytes: 8_400_000 })
          : null;
      },
    }),
    follower: stub<Follower>({
      expectedHeader: (hotkey) => ({
        genesis: ID,
        runId: ID,
        netuid: MANIFEST.netuid,
        window: WINDOW,
        hotkey,
        baseDigest: BASE,
      }),
    }),
    signal: new AbortController().signal,
    say: () => undefined,
  });
  const blobs = { get: async (): Promise<null> => null };
  const memory = new Memory(RUN, { folder: "", blobs });
  return {
    validator: stub<Validator>({ desk: undefined, weigh: null, node, memory }),
    measured,
    asked,
    commits,
  };
}

/** The uids of the updates against which nothing speaks. */
const liveUids = ({ fates }: Awaited<ReturnType<typeof collect>>): number[] =>
  fates.filter(isLive).map(({ commit }) => commit.uid);
/** The reason of every refusal, by uid. */
const reasonsOf = ({ fates }: Awaited<ReturnType<typeof collect>>): Record<number, string> =>
  Object.fromEntries(
    fates.flatMap(({ commit, refusal }) =>
      refusal === null ? [] : [[commit.uid, refusal.reason]],
    ),
  );

test("a validator that comes late still fetches: its own delay is nobody's absence", async () => {
  const { validator } = validatorOf([{ uid: 1, update: updateOf(1, 1) }], () => -0.1);
  const collected = await collect(validator, WINDOW, MANIFEST);
  assert.deepEqual(reasonsOf(collected), {});
  assert.deepEqual(liveUids(collected), [1]);
});

test("a full disk of the validator is not blamed on a miner", async () => {
  const broken = new AssayError({ code: "disk-full", path: "blobs" });
  const { validator } = validatorOf([{ uid: 1, update: updateOf(1, 1) }], () => -0.1, { broken });
  await assert.rejects(collect(validator, WINDOW, MANIFEST), /disk-full/);
});

test("a commitment that names a large blob is refused by its size: nobody reads, hashes or fetches it", async () => {
  const sent = [1, 2].map((uid) => ({ uid, update: updateOf(2 * uid, 1) }));
  const { validator, asked, commits } = validatorOf(sent, () => -0.1, { large: [2] });
  const collected = await collect(validator, WINDOW, MANIFEST);
  assert.deepEqual(reasonsOf(collected), { 2: "malformed" });
  assert.deepEqual(asked, [commits[0]?.digest]);
  const refused = collected.fates.find(({ commit }) => commit.uid === 2);
  assert.match(refused?.refusal?.detail ?? "", /has 8400000 bytes, an update of this run at most/);
});

test("whose payload is still looked for is told while it is, and not after", async () => {
  const sent = [1, 2].map((uid) => ({ uid, update: updateOf(2 * uid, 1) }));
  const { validator } = validatorOf(sent, () => -0.1, { missing: [2] });
  const { awaited } = validator.memory;
  const over = new AbortController();
  const collecting = collect(validator, WINDOW, MANIFEST).finally(() => over.abort());
  while (awaited.status.awaited?.hotkeys.length !== 1 && !over.signal.aborted) await sleep(1);
  const expected = { window: WINDOW, hotkeys: [HOTKEYS[2]], more: 0 };
  assert.deepEqual(awaited.status, { awaited: expected });
  assert.deepEqual(reasonsOf(await collecting), { 2: "payload-missing" });
  assert.deepEqual(awaited.status, {});
});

test("refusals name what was found; the rest goes on", async () => {
  const good = updateOf(1, 1);
  const sent: Sent[] = [
    { uid: 1, update: good },
    { uid: 2, update: updateOf(3, 1), change: { window: 7n } },
    { uid: 3, update: good },
    { uid: 4, update: updateOf(5, 0.001) },
    { uid: 5, update: updateOf(7, 1), change: { runId: `0x${"99".repeat(32)}` } },
    { uid: 0, update: updateOf(9, 1) },
  ];
  const { validator } = validatorOf(sent, () => -0.1, { missing: [0] });
  const collected = await collect(validator, WINDOW, MANIFEST);
  assert.deepEqual(liveUids(collected), [1, 3], "equal bodies of one window prove no order");
  assert.deepEqual(reasonsOf(collected), {
    0: "payload-missing",
    2: "wrong-window",
    4: "norm-too-small",
    5: "wrong-run",
  });
  const absent = collected.fates.find(({ commit }) => commit.uid === 0);
  assert.match(absent?.refusal?.detail ?? "", /its miner at http:\/\/192\.0\.2\.7:4000/);
});

test("the gate lets pass what lowers the loss, at a fifth of the step, each tensor clipped to its median norm", async () => {
  const sent = [1, 2, 3].map((uid) => ({ uid, update: updateOf(2 * uid, uid === 3 ? 4 : 1) }));
  const { validator, measured } = validatorOf(sent, (first) => (first === 4 ? 0.1 : -0.1));
  const gated = await gate(validator, await collect(validator, WINDOW, MANIFEST));
  assert.deepEqual(liveUids(gated), [1, 3]);
  assert.deepEqual(reasonsOf(gated), { 2: "loss-not-lowered" });
  const full = MANIFEST.outer.alpha * MANIFEST.evaluation.factor;
  for (const { gate: found } of gated.fates.filter(isLive)) assert.equal(found?.factor, full);
  const sizes = measured.slice(1).map(({ size }) => size);
  assert.deepEqual(sizes, [1, 1, 1], "four times the norm, a quarter of it");
  assert.deepEqual(gated.usual, {
    window: null,
    norms: [Math.sqrt(sent[0]?.update[0]?.values.length ?? 0)],
  });
  const [first] = measured;
  for (const one of measured) assert.deepEqual(one.pages, first?.pages, "one noise batch for all");
});

test("a loss that is not finite is a reason, not a crash", async () => {
  const { validator } = validatorOf([{ uid: 1, update: updateOf(2, 1) }], () => Number.NaN);
  const gated = await gate(validator, await collect(validator, WINDOW, MANIFEST));
  assert.deepEqual(reasonsOf(gated), { 1: "not-finite" });
  const { scores } = score(validator, await evaluate(validator, gated), { accepted: [] });
  assert.equal(scores.find((one) => one.uid === 1)?.reason, "not-finite");
});

test("a window without any commitment is judged and scored", async () => {
  const { validator } = validatorOf([], () => 0);
  const gated = await gate(validator, await collect(validator, WINDOW, MANIFEST));
  const { scores } = score(validator, await evaluate(validator, gated), { accepted: [] });
  assert.ok(scores.every((one) => one.weight === 0));
  assert.equal(validator.memory.book.window, WINDOW);
});

test("each update is measured in depth on its own pages only, and nobody on anybody's noise pages", async () => {
  const sent = [1, 2].map((uid) => ({ uid, update: updateOf(2 * uid, 1) }));
  const { validator, measured } = validatorOf(sent, () => -0.1);
  const gated = await gate(validator, await collect(validator, WINDOW, MANIFEST));
  const noise = new Set(measured[0]?.pages);
  measured.length = 0;
  const judgement = await evaluate(validator, gated);
  const evaluated = judgement.fates.filter((fate) => fate.own !== null);
  assert.deepEqual(
    evaluated.map(({ commit }) => commit.uid),
    [1, 2],
  );
  const [before1, after1, before2] = measured;
  assert.deepEqual(before1?.pages, after1?.pages);
  assert.equal(before1?.pages.length, MANIFEST.evaluation.ownSequences);
  const [own1, own2] = [new Set(before1?.pages), new Set(before2?.pages)];
  assert.ok(own1.isDisjointFrom(own2));
  assert.ok(own1.isDisjointFrom(noise) && own2.isDisjointFrom(noise));
});
