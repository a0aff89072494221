/**
 * @file `npm run chain:long -- [blocks] [pruning]`: makes a chain of so many blocks (10,000) with a database and one subnet, whose epochs
 * run, and prints at marks what a block and its storage take, and how long it takes to open the database again. Slow disks are left
 * out where the system has a folder in memory; how long a synced block takes on this disk is measured apart.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedChain } from "../../../../chain/embedded/chain.ts";
import { SWIFT_FOLDER, openDevChain } from "../dev-chain.ts";

const MARKS = [1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 300_000, 1_000_000];
const [, , blocks = "10000", pruning = "archive"] = process.argv;
const MIB = 1024 * 1024;

const options = pruning === "archive" ? {} : { pruning: Number(pruning) };

async function sealTo(chain: EmbeddedChain, number: number): Promise<number> {
  const start = performance.now();
  const count = number - chain.head().number;
  while (chain.head().number < number) await chain.seal();
  return (performance.now() - start) / count;
}

/** Milliseconds of the best of three openings: others work on this machine too. */
async function openingMs(database: string): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let times = 0; times < 3; times++) {
    const start = performance.now();
    const chain = await openDevChain({ database, ...options });
    best = Math.min(best, performance.now() - start);
    await chain.close();
  }
  return best;
}

/** Milliseconds of a block in memory, and with a database where temporary files lie. */
async function syncing(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "assay-long-"));
  const [memory, disk] = [
    await openDevChain(),
    await openDevChain({ database: join(folder, "c") }),
  ];
  const times: number[] = [];
  for (const chain of [memory, disk]) {
    await sealTo(chain, 100);
    times.push(await sealTo(chain, 600));
    await chain.close();
  }
  rmSync(folder, { recursive: true });
  const [inMemory = 0, onDisk = 0] = times;
  return `an empty block: ${inMemory.toFixed(2)} ms in memory, ${onDisk.toFixed(2)} ms synced to ${tmpdir()}`;
}

const folder = mkdtempSync(join(SWIFT_FOLDER, "assay-long-"));
const database = join(folder, "chain.db");
try {
  process.stdout.write(`${await syncing()}\n`);
  process.stdout.write("  blocks  ms/block  bytes/block    RSS MiB  opening ms\n");
  let chain = await openDevChain({ database, ...options });
  let [made, bytes] = [0, 0];
  for (const mark of MARKS.filter((one) => one <= Number(blocks))) {
    const ms = await sealTo(chain, mark);
    const rss = process.memoryUsage().rss / MIB;
    await chain.close();
    const { size } = statSync(database);
    const perBlock = (size - bytes) / (mark - made);
    const opening = await openingMs(database);
    [made, bytes] = [mark, size];
    chain = await openDevChain({ database, ...options });
    const cells = [
      String(mark),
      ms.toFixed(2),
      perBlock.toFixed(0),
      rss.toFixed(0),
      opening.toFixed(0),
    ];
    const widths = [8, 10, 13, 11, 12];
    process.stdout.write(`${cells.map((cell, at) => cell.padStart(widths[at] ?? 0)).join("")}\n`);
  }
  await chain.close();
} finally {
  rmSync(folder, { recursive: true });
}
