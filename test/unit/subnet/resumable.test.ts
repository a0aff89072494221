/** @file What going on with a run needs: each damaged or missing part is named, and whether the model is still there. */
import { strict as assert } from "node:assert";
import { cpSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isAssayError } from "../../../src/errors.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import {
  hasEnded,
  requireHeight,
  requireResumable,
  tellingDamage,
} from "../../../subnet/localnet/resumable.ts";
import {
  AUTHORITIES,
  CHAIN_FILE,
  GENESIS_FILE,
  SPEC_FILE,
  WALLETS,
  writeProgress,
  writeRun,
} from "../../../subnet/localnet/run-folder.ts";
import { manifestOf, parametersOf, recordOf, RUN_ID } from "./export/small-run.ts";

let whole: string;
before(async () => {
  whole = await recordOf({ a: { window: 3, seed: 1 } });
  mkdirSync(join(whole, WALLETS));
  const shape = { miners: 1, validators: 1, attack: "none", netuid: 1, port: 1, blockMs: 100 };
  await writeRun(whole, { ...shape, runId: RUN_ID, device: "cpu" });
  writeFileSync(join(whole, GENESIS_FILE), "{}");
  writeFileSync(join(whole, CHAIN_FILE), "SQLite format 3\0 and so on");
});
after(() => rmSync(whole, { recursive: true }));

const look = (folder: string): Promise<void> =>
  tellingDamage(folder, () => requireResumable(folder));

const isLost = (error: unknown): boolean => /backup/.test(String(error));
const isDamage = (error: unknown): boolean => isAssayError(error, "run-damaged");

test("a whole run is let through; each part that is damaged or missing is named", async (t) => {
  await look(whole);
  const checkpoint = join(
    "nodes",
    "a",
    "blobs",
    "trees",
    parametersOf(1).address.slice(2),
    "model.safetensors",
  );
  const cases: readonly (readonly [string, (path: string) => void, RegExp, boolean])[] = [
    [CHAIN_FILE, rmSync, /chain.sqlite is missing/, true],
    [CHAIN_FILE, (path) => truncateSync(path, 4), /no database any more/, true],
    [GENESIS_FILE, rmSync, /genesis.json cannot be used: there is no such file/, true],
    [
      GENESIS_FILE,
      (path) => truncateSync(path, 1),
      /genesis.json cannot be used: it is no JSON/,
      true,
    ],
    ["localnet.json", (path) => truncateSync(path, 9), /localnet.json does not say what/, true],
    [join("owner", "blobs", RUN_ID.slice(2)), rmSync, /its manifest .* missing/, false],
    [
      join("owner", "blobs", RUN_ID.slice(2)),
      (path) => truncateSync(path, 4),
      /its manifest .* damaged/,
      false,
    ],
  ];
  for (const [index, [name, damage, words, exportable]] of cases.entries()) {
    const folder = `${whole}-${index}`;
    t.after(() => rmSync(folder, { recursive: true }));
    cpSync(whole, folder, { recursive: true });
    damage(join(folder, name));
    const expected = (error: unknown): boolean =>
      isAssayError(error, "run-damaged") &&
      error.fault.code === "run-damaged" &&
      words.test(error.message) &&
      error.fault.exportable === exportable;
    await assert.rejects(look(folder), expected, name);
    truncateSync(join(folder, checkpoint), 1);
    await assert.rejects(look(folder), isLost, "its model is damaged too");
  }
});

test("a chain that ends before what the run has come to is refused", async () => {
  const manifest = manifestOf();
  assert.throws(() => requireHeight(whole, manifest, 0), isDamage);
  requireHeight(whole, manifest, 1);
  await writeProgress(whole, { seconds: 1, peakRssBytes: 1, heldOut: [{ window: 2, loss: 3 }] });
  const first = windowClock(manifest).startBlock(2);
  assert.throws(() => requireHeight(whole, manifest, first - 1), isDamage);
  requireHeight(whole, manifest, first);
});

test("a summary of all windows ends a run; a damaged one, or one of a run that was stopped, does not", () => {
  const path = join(whole, "summary.json");
  for (const [text, ended] of [
    ['{"stopped":false,"windows":3}', true],
    ['{"stopped":true}', false],
    ["{", false],
    ["null", false],
  ] as const) {
    writeFileSync(path, text);
    assert.equal(hasEnded(whole), ended, text);
  }
  rmSync(path);
  assert.ok(!hasEnded(whole));
});

test("a run on a native chain needs its spec and its authorities' folders instead of a database of ours", async (t) => {
  const folder = `${whole}-native`;
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(whole, folder, { recursive: true });
  rmSync(join(folder, CHAIN_FILE));
  const shape = { miners: 1, validators: 1, attack: "none", netuid: 1, port: 1, blockMs: 1000 };
  await writeRun(folder, { ...shape, runId: RUN_ID, device: "cpu", chain: "native" });
  await assert.rejects(look(folder), /its chain.json is missing/);
  writeFileSync(join(folder, SPEC_FILE), "{}");
  await assert.rejects(look(folder), /its authorities is missing/);
  mkdirSync(join(folder, AUTHORITIES));
  await look(folder);
});
