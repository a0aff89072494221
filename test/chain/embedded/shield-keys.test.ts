/** @file An author's keys outlive its process: what was encrypted before a kill is opened after it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { ShieldAuthor } from "../../../chain/embedded/shield.ts";
import { ShieldKeys } from "../../../chain/embedded/shield-keys.ts";
import { fromHex, isHex, toHex } from "../../../chain/embedded/codec/bytes.ts";
import { blake2b256, cryptoReady, twox128 } from "../../../chain/embedded/codec/hashing.ts";
import { ChainError } from "../../../chain/errors.ts";
import { carried, nextKey } from "./carriers.ts";
import { openDevChain } from "./dev-chain.ts";

const KILLED = join(import.meta.dirname, "killed-author.ts");

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "assay-shield-"));
  t.after(async () => rm(path, { recursive: true }));
  return path;
}

test("keys are on disk before they are told, readable by their owner alone, the last three", async (t) => {
  await cryptoReady();
  const path = join(await folder(t), "keys");
  const keys = new ShieldKeys(path);
  const made = [1, 17, 33, 49].map((block) => {
    const key = keys.make(block) ?? assert.fail("the disk is full");
    assert.ok(new ShieldKeys(path).of(twox128(key)) !== null);
    return key;
  });
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const again = new ShieldKeys(path);
  assert.equal(again.newestBlock, 49);
  assert.deepEqual(
    made.map((key) => again.of(twox128(key)) !== null),
    [false, true, true, true],
  );
});

test("a damaged file is named, and nothing is written over it", async (t) => {
  await cryptoReady();
  const path = join(await folder(t), "keys");
  for (const text of ["", "{}", '[{"block":1}]', '[{"block":1,"seed":"0x00"}]']) {
    await writeFile(path, text);
    assert.throws(
      () => new ShieldAuthor(path),
      (error) => error instanceof ChainError && error.code === "shield-keys-unreadable",
    );
    assert.equal(await readFile(path, "utf8"), text);
  }
});

test("a carrier that was sealed before its author was killed opens after it", async (t) => {
  await cryptoReady();
  const database = join(await folder(t), "chain.db");
  // Seals blocks without end, prints the key of the first, and is killed at work.
  const child = spawn(process.execPath, [KILLED, database], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [line]: unknown[] = await once(child.stdout, "data");
  const key = String(line).trim();
  assert.ok(isHex(key, 1184));
  child.kill("SIGKILL");
  await once(child, "exit");
  const chain = await openDevChain({
    database,
    author: new ShieldAuthor(`${database}.shield-keys`),
  });
  t.after(async () => chain.close());
  const { carrier, inner } = carried(chain, fromHex(key));
  await chain.submit(carrier);
  await chain.seal();
  const hashes = (chain.block()?.extrinsics ?? []).map((bytes) => toHex(blake2b256(bytes)));
  assert.equal(hashes.at(-1), inner);
  assert.notEqual(nextKey(chain), null);
});

test("on a full disk no new key is made, and the old ones go on", async (t) => {
  await cryptoReady();
  if (process.platform !== "linux") return t.skip("/dev/full is Linux's");
  const path = join(await folder(t), "keys");
  const keys = new ShieldKeys(path);
  const old = keys.make(1) ?? assert.fail("the disk is full");
  await symlink("/dev/full", `${path}.draft`);
  assert.equal(keys.make(17), null);
  assert.equal(keys.newestBlock, 1);
  assert.ok(keys.of(twox128(old)) !== null);
  await rm(`${path}.draft`);
  assert.ok(keys.make(18) !== null);
  assert.equal(new ShieldKeys(path).newestBlock, 18);
});
