/**
 * @file Checkpoints of a model of 124 M parameters: how long the event loop stands still while one is written, read and digested,
 * how much memory that takes beside the parameters, and how its time compares with writing the same bytes and nothing else.
 */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { layoutOf, specsOf } from "../kernels/nn/model.ts";
import { openTrees } from "../src/blobs/trees.ts";
import { digestOf, getCheckpoint, putCheckpoint, tensorsOf } from "../src/checkpoint/checkpoint.ts";
import { formOf } from "../src/checkpoint/form.ts";
import { type Hex, thetaDigest } from "../src/protocol/digest.ts";
import { MODELS } from "../src/run/presets.ts";

const REPEATS = 3;
const MEBIBYTE = 1 << 20;
const RUN_ID: Hex = `0x${"0a".repeat(32)}`;

const layout = layoutOf(specsOf(MODELS["124m"]));
const theta = new Float32Array(layout.total);
const pattern = Float32Array.from({ length: 1 << 20 }, (_, at) => Math.sin(at));
for (let at = 0; at < theta.length; at += pattern.length)
  theta.set(pattern.subarray(0, theta.length - at), at);
const { bytes } = formOf(layout);

/** What an act costs: its time, the longest stand of the event loop, and memory beyond what was there. */
type Cost = { readonly seconds: number; readonly stoodMs: number; readonly mebibytes: number };

async function costOf(act: () => Promise<unknown>): Promise<Cost> {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const start = performance.now();
  await act();
  const seconds = (performance.now() - start) / 1000;
  delays.disable();
  clearInterval(watch);
  return { seconds, stoodMs: delays.max / 1e6, mebibytes: (peak - before) / MEBIBYTE };
}

/** The same bytes in one file, flushed: what the disk alone takes. */
async function plainWrite(path: string): Promise<void> {
  const file = await open(path, "w");
  const all = new Uint8Array(theta.buffer);
  for (let at = 0; at < all.length; at += MEBIBYTE)
    await file.write(all, at, Math.min(MEBIBYTE, all.length - at));
  await file.sync();
  await file.close();
}

/** The longest stand of a loop that does nothing: what the machine itself takes. */
let idleMs = 0;

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
const median = (values: readonly number[]): number => sorted(values)[values.length >> 1] ?? 0;
const rounded = (value: number): number => Number(value.toPrecision(3));

function report(
  name: string,
  costs: readonly Cost[],
  rival: readonly number[],
  against: string,
): void {
  const seconds = costs.map((one) => one.seconds);
  const line = {
    name,
    gigabytes: rounded(bytes / 1e9),
    seconds: rounded(median(seconds)),
    spread: [rounded(Math.min(...seconds)), rounded(Math.max(...seconds))],
    against,
    ratio: rounded(median(seconds) / median(rival)),
    loopStoodMs: rounded(Math.max(...costs.map((one) => one.stoodMs))),
    idleStoodMs: rounded(idleMs),
    moreMebibytes: rounded(Math.max(...costs.map((one) => one.mebibytes))),
  };
  console.log(JSON.stringify(line));
}

const folder = await mkdtemp(join(tmpdir(), "assay-bench-checkpoint-"));
try {
  const trees = openTrees(folder);
  const [writes, reads, digests]: [Cost[], Cost[], Cost[]] = [[], [], []];
  const [plain, slow]: [number[], number[]] = [[], []];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    idleMs = Math.max(idleMs, (await costOf(() => sleep(1000))).stoodMs);
    plain.push((await costOf(() => plainWrite(join(folder, "plain")))).seconds);
    await rm(join(folder, "plain"));
    let address: Hex = RUN_ID;
    writes.push(await costOf(async () => (address = await putCheckpoint(trees, layout, theta))));
    reads.push(await costOf(() => getCheckpoint(trees, layout, address)));
    await trees.delete(address);
    digests.push(await costOf(() => digestOf(RUN_ID, layout, theta)));
  }
  const start = performance.now();
  const some = tensorsOf(layout, theta).slice(2, 8);
  thetaDigest(RUN_ID, some);
  const share = some.reduce((sum, { byteLength }) => sum + byteLength, 0) / bytes;
  slow.push((performance.now() - start) / 1000 / share);
  report("write", writes, plain, "the same bytes written and flushed, not hashed");
  report("read", reads, plain, "the same bytes written and flushed, not hashed");
  report(
    "digest",
    digests,
    slow,
    "the same digest in JavaScript, which stands still for all of it",
  );
} finally {
  await rm(folder, { recursive: true });
}
