/** @file Stores as a release left them open with this one; those of a later release are refused with words and stay as they are. */
import { strict as assert } from "node:assert";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before as beforeAll, test } from "node:test";
import { fileURLToPath } from "node:url";
import { zstdDecompressSync } from "node:zlib";
import { ChainFile } from "../../chain/embedded/blocks/chain-file.ts";
import { ChainError } from "../../chain/errors.ts";
import { SeenNonces } from "../../src/auth/seen-nonces.ts";
import { claimFolder } from "../../src/disk/folder-claim.ts";
import {
  type FolderFormat,
  LOCALNET_FOLDER,
  NODE_FOLDER,
  PUBLICATION_FOLDER,
} from "../../src/disk/folder-format.ts";
import { isAssayError } from "../../src/errors.ts";
import { parseScorebook } from "../../src/gauntlet/scorebook-file.ts";
import { openNeuronState } from "../../src/neuron/state.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { UPDATE_HEADER_BYTES } from "../../src/protocol/update.ts";
import { readProgress, readRun } from "../../subnet/localnet/run-folder.ts";
import { PublicationFolder } from "../../subnet/owner/publication.ts";
import { HiddenBook } from "../../validator/hidden-book.ts";
import { RecordLog } from "../../validator/record-log.ts";
import { DatabaseSync } from "node:sqlite";

const FIXTURES = fileURLToPath(new URL("../fixtures/stores", import.meta.url));
const WINDOWS = 4;
const GENESIS: Hex = `0x${"01".repeat(32)}`;
const root = mkdtempSync(join(tmpdir(), "assay-stores-"));
after(() => rmSync(root, { recursive: true }));
const at = (...parts: readonly string[]): string => join(root, ...parts);

/** A file of a store by the beginning of its name. */
function fileOf(store: string, name: RegExp): string {
  const found = readdirSync(at(store), { recursive: true, encoding: "utf8" }).find((path) =>
    name.test(path),
  );
  assert.ok(found !== undefined, `${store} has no ${name}`);
  return at(store, found);
}

/** The stores as they were kept, in a place where they may be changed. */
function fresh(): void {
  for (const name of readdirSync(root)) rmSync(at(name), { recursive: true });
  cpSync(FIXTURES, root, { recursive: true });
  writeFileSync(at("chain.sqlite"), zstdDecompressSync(readFileSync(at("chain.sqlite.zst"))));
}
beforeAll(fresh);

async function openLog(): Promise<RecordLog> {
  const log = new RecordLog(fileOf("validator", /^records-.*\.jsonl$/), 0);
  await log.restore(async () => undefined);
  return log;
}

const openBook = () => {
  const path = fileOf("validator", /^scorebook-/);
  return parseScorebook(readFileSync(path, "utf8"), path);
};
const openHidden = () => HiddenBook.open(at("hidden-weights"), { genesis: GENESIS, netuid: 1 });
const publications = () => new PublicationFolder(at("publication"), 1, GENESIS);

test("a validator's folder: run, checkpoint, standing, scorebook, records, nonces", async () => {
  claimFolder(at("validator"), NODE_FOLDER)();
  const log = await openLog();
  assert.deepEqual(
    log.windows,
    Array.from({ length: WINDOWS }, (_, window) => window),
  );
  const record = log.get(WINDOWS - 1)?.record ?? assert.fail();
  const state = openNeuronState(at("validator"));
  const place = { genesis: record.genesis, runId: record.runId };
  assert.equal(state.runOn(record.genesis)?.runId, record.runId);
  assert.ok((state.checkpointOf(place)?.window ?? 0) >= 2);
  assert.ok(state.checkpointsOf(place).length > 0);
  assert.equal(state.standingOf(place)?.standing.over, false);
  assert.ok((state.axonPort() ?? 0) > 0);
  const book = openBook();
  assert.equal(book.window, WINDOWS - 1);
  assert.ok(book.entries.length > 0);
  new SeenNonces(at("validator", "nonces.txt"), 0n).close();
});

test("a miner's folder: the optimizer's state, the update and what it was paid", async () => {
  claimFolder(at("miner"), NODE_FOLDER)();
  const state = openNeuronState(at("miner"));
  for (const name of ["moments.bin", "unsettled.bin", "unrevealed.bin", "earnings.json"])
    assert.ok(((await state.load(name))?.length ?? 0) > 40, name);
  assert.ok(((await state.load("unrevealed.bin"))?.length ?? 0) > UPDATE_HEADER_BYTES);
});

test("what an owner published, weights that were committed to, a local network's run", async () => {
  claimFolder(publications().path, PUBLICATION_FOLDER)();
  assert.equal(publications().read()?.startBlock, 40);
  assert.equal(publications().axonPort(), 8091);
  const { commits } = await openHidden();
  assert.deepEqual(
    commits.map(({ window, lastBlock }) => [window, lastBlock]),
    [[7, 90]],
  );
  claimFolder(at("localnet"), LOCALNET_FOLDER)();
  assert.equal(readRun(at("localnet")).miners, 1);
  assert.ok(readProgress(at("localnet")).seconds > 0);
});

test("a chain's database: opened, and its blocks are there", () => {
  const file = new ChainFile(at("chain.sqlite"));
  const blocks = file.prepare("SELECT count(*) AS value FROM blocks").get();
  assert.ok(Number(blocks?.["value"]) > WINDOWS * 12);
  file.close();
});

/** Counts up the number in what a file begins to call its format. */
function later(path: string, format: RegExp): void {
  const text = readFileSync(path, "utf8");
  const changed = text.replace(format, (whole, stem: string, number: string) =>
    whole.replace(`${stem}${number}`, `${stem}${Number(number) + 1}`),
  );
  assert.notEqual(changed, text, path);
  writeFileSync(path, changed);
}

const folders: readonly (readonly [string, () => string, FolderFormat])[] = [
  ["folder of a validator", () => at("validator"), NODE_FOLDER],
  ["folder of a miner", () => at("miner"), NODE_FOLDER],
  ["folder of a publication", () => publications().path, PUBLICATION_FOLDER],
  ["folder of a local network", () => at("localnet"), LOCALNET_FOLDER],
];
const isNewer = (error: unknown): boolean =>
  (isAssayError(error, "format-newer") ||
    (error instanceof ChainError && error.code === "format-newer")) &&
  error.explanation.next.startsWith("Update Assay") &&
  (error.explanation.commands ?? []).length === 3;

for (const [name, place, format] of folders)
  test(`a later release's ${name} is refused and stays as it is`, () => {
    fresh();
    const path = join(place(), "format");
    if (!existsSync(path)) claimFolder(place(), format)();
    later(path, /^(.*\/)(\d+)/);
    const before = readdirSync(dirname(path));
    assert.throws(() => claimFolder(place(), format), isNewer);
    const made = readdirSync(dirname(path)).filter((one) => !before.includes(one));
    assert.deepEqual(
      made.filter((one) => !one.startsWith("in-use.")),
      [],
    );
  });

const FORMAT_FIELD = /"format":\s*"(assay\/[a-z-]+\/)(\d+)"/;
const files: readonly (readonly [string, () => string, RegExp, () => unknown])[] = [
  ["record log", () => fileOf("validator", /^records-.*\.jsonl$/), FORMAT_FIELD, openLog],
  ["scorebook", () => fileOf("validator", /^scorebook-/), FORMAT_FIELD, openBook],
  ["hidden weights", () => fileOf("hidden-weights", /^hidden-/), FORMAT_FIELD, openHidden],
  [
    "publication",
    () => join(publications().path, "publication.json"),
    FORMAT_FIELD,
    () => publications().read(),
  ],
  [
    "run of a local network",
    () => at("localnet", "localnet.json"),
    FORMAT_FIELD,
    () => readRun(at("localnet")),
  ],
  [
    "nonces",
    () => at("validator", "nonces.txt"),
    /^(assay\/nonces\/)(\d+)/,
    () => new SeenNonces(at("validator", "nonces.txt"), 0n),
  ],
];

for (const [name, path, format, open] of files)
  test(`a later release's ${name} is refused and stays as it is`, async () => {
    fresh();
    later(path(), format);
    const before = readFileSync(path());
    await assert.rejects(async () => open(), isNewer);
    assert.deepEqual(readFileSync(path()), before);
  });

test("a later release's chain is refused and stays as it is; another program's database is something else", () => {
  fresh();
  const says = (text: string): void => {
    const database = new DatabaseSync(at("chain.sqlite"));
    database.prepare("UPDATE about SET value = ? WHERE name = 'format'").run(text);
    database.close();
  };
  says("assay-chain-3");
  const before = readFileSync(at("chain.sqlite"));
  assert.throws(() => new ChainFile(at("chain.sqlite")), isNewer);
  assert.deepEqual(readFileSync(at("chain.sqlite")), before);
  for (const text of ["another-chain-3", "assay-chain-x", ""]) {
    says(text);
    assert.throws(
      () => new ChainFile(at("chain.sqlite")),
      (error) => error instanceof ChainError && error.code === "database-unreadable",
    );
  }
});
