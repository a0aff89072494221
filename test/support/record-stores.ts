/**
 * @file Writes test/fixtures/stores: what a small local network of this revision leaves on disk, without blobs. Run it once for a new
 * format of a store, and keep what was there under the number of the old one: `npm run stores:record`.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { zstdCompressSync } from "node:zlib";
import { PublicationFolder } from "../../subnet/owner/publication.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { HiddenBook } from "../../validator/hidden-book.ts";
import { EXAMPLE_MANIFEST } from "../unit/protocol/example-manifest.ts";
import { RunningLocalnet } from "./localnet.ts";

const OUTPUT = fileURLToPath(new URL("../fixtures/stores", import.meta.url));
const WINDOWS = 4;
/** A model of some thousand parameters: the optimizer's state of the miner is a fixture, too. */
const TINY = {
  "model.layers": 1,
  "model.heads": 1,
  "model.keyValueHeads": 1,
  "model.width": 16,
  "model.hidden": 32,
  "model.context": 32,
  "inner.steps": 2,
  "inner.batch": 2,
  "evaluation.ownSequences": 4,
  "evaluation.noiseSequences": 4,
  "checkpoint.everyWindows": 2,
  "data.limitBytes": 1 << 18,
};
/** Of the processes that ran. */
const PASSING = /^(in-use\.|blobs$|queue$|.*\.tmp$)/;

const hex = (byte: string): Hex => `0x${byte.repeat(32)}`;

async function record(): Promise<string> {
  const set = Object.entries(TINY).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const words = ["--windows", String(WINDOWS), "--miners", "1", "--validators", "1"];
  const net = new RunningLocalnet([
    ...words,
    "--attack",
    "none",
    "--no-baseline",
    "--keep",
    ...set,
  ]);
  if ((await net.exited) !== 0 || net.folder === null) throw new Error(net.stdout + net.stderr);
  return net.folder;
}

function keepNode(run: string, name: string, as: string): void {
  const from = join(run, "nodes", name);
  mkdirSync(join(OUTPUT, as));
  for (const file of readdirSync(from))
    if (!PASSING.test(file)) cpSync(join(from, file), join(OUTPUT, as, file));
}

/** What the local network has none of. */
async function writeOthers(): Promise<void> {
  const at = { genesis: hex("01"), netuid: 1 };
  const hidden = join(OUTPUT, "hidden-weights");
  mkdirSync(hidden);
  const commit = { runId: hex("02"), window: 7, hash: hex("03"), uids: [3], values: [65_535] };
  const salt = Array.from({ length: 8 }, (_, index) => index);
  const book = await HiddenBook.open(hidden, at);
  await book.change(() => ({ commits: [{ ...commit, salt, lastBlock: 90, revealEpoch: null }] }));
  const publications = new PublicationFolder(join(OUTPUT, "publication"), 1, at.genesis);
  publications.blobs();
  await publications.write({
    ...at,
    name: EXAMPLE_MANIFEST.name,
    runId: hex("02"),
    startBlock: 40,
    windows: 60,
    dataManifest: hex("04"),
    genesisCheckpoint: hex("05"),
  });
  await publications.saveAxonPort(8091);
  rmSync(join(publications.path, "blobs"), { recursive: true });
}

const run = await record();
rmSync(OUTPUT, { recursive: true, force: true });
mkdirSync(join(OUTPUT, "localnet"), { recursive: true });
for (const name of ["format", "localnet.json", "progress.json"])
  cpSync(join(run, name), join(OUTPUT, "localnet", name));
for (const name of readdirSync(join(run, "nodes"))) {
  const isValidator = readdirSync(join(run, "nodes", name)).some((file) =>
    file.startsWith("records-"),
  );
  keepNode(run, name, isValidator ? "validator" : "miner");
}
writeFileSync(
  join(OUTPUT, "chain.sqlite.zst"),
  zstdCompressSync(readFileSync(join(run, "chain.sqlite"))),
);
cpSync(join(run, "genesis.json"), join(OUTPUT, "genesis.json"));
await writeOthers();
process.stdout.write(`${OUTPUT}, from ${run}\n`);
