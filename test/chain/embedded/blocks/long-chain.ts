/**
 * @file `npm run chain:long -- [blocks] [in all] [pruning]`: makes a chain of so many blocks (10,000) with a database and one subnet,
 * whose epochs run, and prints at marks what a block and its storage take, and how long it takes to open the database again. For
 * more blocks in all than are made the database is lengthened by what the last ones changed, again and again, under headers with
 * true roots: to open it is as much work. It lies in memory where the system has a folder there; what a synced block takes on
 * this disk is measured apart.
 */
import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeHeader, headerHash } from "../../../../chain/embedded/blocks/header.ts";
import { type EmbeddedChain } from "../../../../chain/embedded/chain.ts";
import { toHex } from "../../../../chain/embedded/codec/bytes.ts";
import { trieRootHash } from "../../../../chain/embedded/state/trie-root.ts";
import { trieApply } from "../../../../chain/embedded/state/trie.ts";
import { memoryOf } from "../../../../bench/support/process-memory.ts";
import { SWIFT_FOLDER, openDevChain } from "../dev-chain.ts";
import { archiveOpener } from "./open-archive.ts";

const MARKS = [
  1000, 2000, 5000, 10_000, 20_000, 30_000, 50_000, 100_000, 200_000, 300_000, 1_000_000,
];
/** Blocks whose changes are taken for those that are not made. */
const PATTERN = 100;
const [, , blocks = "10000", inAll = blocks, pruning = "archive"] = process.argv;
const kept = pruning === "archive" ? null : Number(pruning);
const options = kept === null ? {} : { pruning: kept };
const MIB = 1024 * 1024;

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

/** Puts blocks behind those that are there until there are `to`. */
async function lengthen(database: string, to: number): Promise<void> {
  const archive = (await archiveOpener(kept))(database);
  const { number: from } = archive.head;
  const pattern = archive.changes(from - PATTERN + 1, from);
  for (let number = from + 1; number <= to; number++) {
    const changes = pattern[number % PATTERN] ?? [];
    const { state: before, hash: parentHash, header } = archive.head;
    const state = trieApply(before, changes);
    const stateRoot = toHex(trieRootHash(state, archive.layout));
    const next = { ...header, number, parentHash, stateRoot };
    const headerBytes = encodeHeader(next);
    archive.append({
      hash: headerHash(headerBytes),
      header: next,
      headerBytes,
      extrinsics: [],
      results: [],
      outcomes: new Map(),
      leftOver: [],
      opened: new Set(),
      changes,
      state,
    });
  }
  archive.close();
}

function row(cells: readonly (string | number)[], note = ""): void {
  const widths = [8, 10, 13, 10, 9, 9, 12];
  const line = cells.map((cell, at) => String(cell).padStart(widths[at] ?? 0)).join("");
  process.stdout.write(`${line}${note}\n`);
}

/** Files of a database that is in use, put elsewhere under the number of its last block. */
function copied(from: string, mark: number): string {
  const to = `${from}-${mark}`;
  copyFileSync(from, to);
  copyFileSync(`${from}-wal`, `${to}-wal`);
  return to;
}

/** What lives on the heap, and what the process holds: V8 keeps pages that it once needed. */
function memoryMib(): [string, string, string] {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const pss = memoryOf(process.pid)?.pss ?? 0;
  return [(heapUsed / MIB).toFixed(0), (rss / MIB).toFixed(0), (pss / MIB).toFixed(0)];
}

/** One chain that lives through all marks up to `blocks`; bytes are those of file and log. */
async function makeBlocks(database: string): Promise<void> {
  const chain = await openDevChain({ database, ...options });
  let [last, bytes] = [0, 0];
  for (const mark of MARKS.filter((one) => one <= Number(blocks))) {
    const ms = await sealTo(chain, mark);
    const size = statSync(database).size;
    row([mark, ms.toFixed(2), ((size - bytes) / (mark - last)).toFixed(0), ...memoryMib()]);
    [last, bytes] = [mark, size];
    copied(database, mark);
  }
  await chain.close();
}

const folder = mkdtempSync(join(SWIFT_FOLDER, "assay-long-"));
const database = join(folder, "chain.db");
try {
  process.stdout.write(`${await syncing()}\n`);
  row(["blocks", "ms/block", "bytes/block", "heap MiB", "RSS MiB", "PSS MiB", "opening ms"]);
  await makeBlocks(database);
  for (const mark of MARKS.filter((one) => one <= Number(inAll))) {
    const isMade = mark <= Number(blocks);
    if (!isMade) await lengthen(database, mark);
    const opening = await openingMs(isMade ? `${database}-${mark}` : database);
    row([mark, "", "", "", "", "", opening.toFixed(0)], isMade ? "" : "  lengthened");
  }
} finally {
  rmSync(folder, { recursive: true });
}
