/** @file The archive: states from snapshots, pruning, power failures, kills. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { toHex } from "../../../../chain/embedded/codec/bytes.ts";
import { type EmbeddedChain } from "../../../../chain/embedded/chain.ts";
import { Overlay } from "../../../../chain/embedded/state/overlay.ts";
import { ChainError } from "../../../../chain/errors.ts";
import { SWIFT_FOLDER, openDevChain } from "../dev-chain.ts";
import { killed } from "../kills.ts";
import { PowerLoss, tornChain } from "./power-loss.ts";

const folder = await mkdtemp(join(SWIFT_FOLDER, "assay-archive-"));
after(() => rm(folder, { recursive: true, force: true }));

async function sealTo(chain: EmbeddedChain, number: number): Promise<void> {
  while (chain.head().number < number) await chain.seal();
}

function requireState(chain: EmbeddedChain, number: number): void {
  const hash = chain.blockHash(number) ?? undefined;
  const root = toHex(new Overlay(chain.stateAt(hash)).stateRoot(1));
  assert.equal(root, chain.header(hash)?.stateRoot, `state of block ${number}`);
}

function snapshotsIn(database: string): number[] {
  const file = new DatabaseSync(database, { readOnly: true });
  const rows = file.prepare("SELECT number FROM snapshots ORDER BY number").all();
  file.close();
  return rows.map((row) => Number(row["number"]));
}

/** An archive of 700 blocks, made once for the tests that begin with one; each has its copy. */
const LONG = { number: 700, database: join(folder, "long.db") };
before(async () => {
  const chain = await openDevChain({ database: LONG.database });
  await sealTo(chain, LONG.number);
  await chain.close();
});

function copied(name: string): string {
  const database = join(folder, name);
  // Closed in order, a database is one file.
  copyFileSync(LONG.database, database);
  return database;
}

test("a chain goes on from a snapshot; every state is there, the code is kept once", async () => {
  const database = copied("archive.db");
  const first = await openDevChain({ database });
  const head = first.head();
  assert.equal(head.number, LONG.number);
  await first.close();
  assert.deepEqual(snapshotsIn(database), [256, 512]);
  const chain = await openDevChain({ database });
  assert.deepEqual(chain.head(), head);
  for (const number of [0, 1, 255, 256, 257, 300, 511, 512, 513, 700]) requireState(chain, number);
  // Backwards and forwards over a snapshot: those that follow it go, and come again.
  chain.setHead(400);
  chain.setStorage([["\x01\x02", Uint8Array.of(3)]]);
  await sealTo(chain, 520);
  assert.equal(chain.storageAt("0x0102", chain.blockHash(399) ?? undefined), null);
  await chain.close();
  assert.deepEqual(snapshotsIn(database), [256, 512]);
  const again = await openDevChain({ database });
  assert.equal(again.storageAt("0x0102"), "0x03");
  for (const number of [256, 399, 401, 512, 520]) requireState(again, number);
  await again.close();
  const file = new DatabaseSync(database, { readOnly: true });
  const codes = file.prepare("SELECT count(*) AS count FROM codes").get();
  const largest = file.prepare("SELECT max(length(state)) AS bytes FROM snapshots").get();
  file.close();
  assert.equal(codes?.["count"], 1);
  assert.ok(Number(largest?.["bytes"]) < 100_000, "a snapshot does not hold the code");
});

test("a snapshot that was changed is found out when it is read", async () => {
  const database = copied("changed.db");
  const file = new DatabaseSync(database);
  const swap =
    "UPDATE snapshots SET state = (SELECT state FROM snapshots WHERE number = ?) WHERE number = ?";
  file.prepare(swap).run(512, 256);
  const reopened = await openAfter(file, database);
  assert.throws(
    () => reopened.stateAt(reopened.blockHash(256) ?? undefined),
    (error) => error instanceof ChainError && error.code === "database-unreadable",
  );
  await reopened.close();
  const other = new DatabaseSync(database);
  other.exec("DELETE FROM codes");
  await assert.rejects(
    openAfter(other, database),
    (error) => error instanceof ChainError && error.code === "database-unreadable",
  );
});

async function openAfter(file: DatabaseSync, database: string): Promise<EmbeddedChain> {
  file.close();
  return openDevChain({ database });
}

test("pruning keeps headers, the genesis and the last blocks; what is gone is said to be gone", async () => {
  const database = join(folder, "pruned.db");
  const chain = await openDevChain({ database, pruning: 100 });
  await sealTo(chain, 780);
  const hashes = Array.from({ length: 781 }, (_, number) => chain.blockHash(number));
  await chain.close();
  assert.deepEqual(snapshotsIn(database), [512, 768]);
  const again = await openDevChain({ database, pruning: 100 });
  assert.deepEqual(
    hashes,
    Array.from({ length: 781 }, (_, number) => again.blockHash(number)),
  );
  for (const number of [0, 512, 513, 679, 680, 780]) requireState(again, number);
  const at = (number: number) => again.blockHash(number) ?? undefined;
  assert.equal(again.header(at(511))?.number, 511);
  assert.equal(again.block(at(511)), null);
  assert.notEqual(again.block(at(512)), null);
  for (const ask of [
    () => again.stateAt(at(511)),
    () => again.storageAt("0x00", at(1)),
    () => again.changesBetween(500, 600),
    () => again.setHead(300),
  ])
    assert.throws(ask, /already discarded/);
  assert.equal(again.changesBetween(512, 520).length, 9);
  await sealTo(again, 781);
  await again.close();
  const size = (): number => {
    const file = new DatabaseSync(database, { readOnly: true });
    const row = file
      .prepare("SELECT total(length(changes)) AS bytes FROM blocks WHERE number > 0")
      .get();
    file.close();
    return Number(row?.["bytes"]);
  };
  const kept = size();
  const disk = (): number => {
    const file = new DatabaseSync(database, { readOnly: true });
    const row = file
      .prepare("SELECT total(pgsize) AS bytes FROM dbstat WHERE name = 'blocks'")
      .get();
    file.close();
    return Number(row?.["bytes"]);
  };
  // One that was an archive until now catches up, a part at every snapshot.
  const whole = await openDevChain({ database });
  await sealTo(whole, 1100);
  await whole.close();
  assert.ok(size() > 1.5 * kept);
  const unpruned = disk();
  const fewer = await openDevChain({ database, pruning: 1 });
  await sealTo(fewer, 1300);
  await fewer.close();
  // What is forgotten leaves no pages that are nearly empty: there are more blocks now, in fewer pages.
  assert.ok(disk() < 0.85 * unpruned, `${disk()} bytes, ${unpruned} before`);
  // The last one but the newest: at 1,280 a state of 1,279 was still to be had from it.
  assert.deepEqual(snapshotsIn(database), [1024, 1280]);
});

test("a pruned chain goes back to what is kept, and to its genesis, from where it is whole again", async () => {
  const database = join(folder, "rewound.db");
  const open = () => openDevChain({ database, pruning: 100 });
  const chain = await open();
  await sealTo(chain, 520);
  // Its state is at hand yet, its block is not on the disk any more.
  assert.throws(() => chain.setHead(255), /already discarded/);
  assert.equal(chain.head().number, 520);
  const atGenesis = chain.storageAt("0x00", chain.genesisHash);
  chain.setHead(0);
  await sealTo(chain, 3);
  await chain.close();
  const again = await open();
  assert.equal(again.head().number, 3);
  for (const number of [0, 1, 2, 3]) {
    requireState(again, number);
    assert.notEqual(again.block(again.blockHash(number) ?? undefined), null);
  }
  assert.equal(again.storageAt("0x00", again.genesisHash), atGenesis);
  await sealTo(again, 600);
  await again.close();
  const last = await open();
  assert.equal(last.block(last.blockHash(255) ?? undefined), null);
  requireState(last, 256);
  await last.close();
});

test("storage set by hand after the oldest block that was kept leaves a snapshot to open from", async () => {
  const database = join(folder, "patched.db");
  const chain = await openDevChain({ database, pruning: 100 });
  await sealTo(chain, 520);
  assert.equal(chain.block(chain.blockHash(255) ?? undefined), null);
  assert.notEqual(chain.block(chain.blockHash(256) ?? undefined), null);
  chain.setHead(256);
  chain.setStorage([["\x01\x02", Uint8Array.of(3)]]);
  await chain.close();
  const again = await openDevChain({ database, pruning: 100 });
  assert.equal(again.head().number, 256);
  assert.equal(again.storageAt("0x0102"), "0x03");
  await sealTo(again, 258);
  await again.close();
  const last = await openDevChain({ database, pruning: 100 });
  assert.equal(last.storageAt("0x0102"), "0x03");
  requireState(last, 258);
  await last.close();
});

test("a long chain of the first format is pruned at once and stripped bit by bit, over restarts", async () => {
  const database = join(folder, "first-format.db");
  const edited = (sql: string): void => {
    const file = new DatabaseSync(database);
    file.exec(sql);
    file.close();
  };
  const whole = (): number => {
    const file = new DatabaseSync(database, { readOnly: true });
    const row = file
      .prepare("SELECT count(*) AS count FROM blocks WHERE number > 0 AND length(changes) > 0")
      .get();
    file.close();
    return Number(row?.["count"]);
  };
  const open = () => openDevChain({ database, pruning: 1 });
  const chain = await openDevChain({ database: copied("first-format.db") });
  await sealTo(chain, 2100);
  await chain.close();
  edited("DROP TABLE snapshots; DROP TABLE codes; UPDATE about SET value = 'assay-chain-1'");
  const first = await open();
  await sealTo(first, 2356);
  const at = first.blockHash(2099) ?? undefined;
  assert.equal(first.block(at), null);
  assert.throws(() => first.stateAt(at), /already discarded/);
  requireState(first, 2100);
  await first.close();
  assert.deepEqual(snapshotsIn(database), [2100, 2356]);
  assert.equal(whole(), 2356 - 1000);
  const second = await open();
  await sealTo(second, 2357);
  await second.close();
  assert.equal(whole(), 2357 - 2000);
  const third = await open();
  await sealTo(third, 2359);
  requireState(third, 2100);
  await third.close();
  assert.equal(whole(), 2359 - 2099);
});

test("power that fails while the last block is written takes no announced one, and the chain opens", async (t) => {
  for (const last of [3, 256]) {
    const home = join(folder, `power-${last}`);
    const place = join(home, "cut");
    for (const one of [home, place, join(home, "saved")]) mkdirSync(one);
    const torn = await tornChain(home, last);
    const loss = await PowerLoss.of(torn, place);
    // Within the first frame and the last, and somewhere in between.
    const between = Math.floor((torn.to - torn.from) / 23);
    const bytes = new Set([torn.from, torn.from + 1, torn.from + 24, torn.from + 4119]);
    for (let byte = torn.from; byte < torn.to; byte += between) bytes.add(byte);
    for (const back of [4121, 4120, 4119, 4097, 4096, 1]) bytes.add(torn.to - back);
    for (const byte of bytes) loss.cut(byte);
    loss.cut(torn.to);
    t.diagnostic(
      `${bytes.size} of ${torn.to - torn.from + 1} cuts; npm run chain:power-loss does more`,
    );
  }
});

test("kill -9 with transfers flowing loses nothing that was announced", async (t) => {
  const { blocks, transfers } = await killed(3);
  t.diagnostic(`${blocks} blocks, ${transfers} transfers; npm run chain:kills kills fifty times`);
  assert.ok(blocks > 3);
});
