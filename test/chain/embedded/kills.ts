/** @file Test helper: kills a chain again and again while transfers flow, and asks the next one for what was announced. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ScaleReader } from "../../../chain/embedded/codec/scale.ts";
import { key, openDevChain } from "./dev-chain.ts";

const CHILD = fileURLToPath(new URL("killed-chain.ts", import.meta.url));
/** It is killed at a moment of so many milliseconds after its first block. */
const LONGEST_LIFE_MS = 300;

type Announced = { readonly number: number; readonly hash: string };

/** Runs a chain until it has made a block, and a while longer; returns the last block that it announced. */
async function lifeOf(database: string, { number, hash }: Announced): Promise<Announced> {
  const child = spawn(process.execPath, [CHILD, database, String(number), hash], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  await new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("\n")) resolve();
    });
    child.once("exit", () => resolve());
  });
  await sleep(Math.random() * LONGEST_LIFE_MS);
  const ended = new Promise((resolve) => {
    child.once("close", resolve);
  });
  if (child.exitCode === null) child.kill("SIGKILL");
  await ended;
  assert.equal(child.signalCode, "SIGKILL", complaint);
  const line = said.slice(0, said.lastIndexOf("\n")).split("\n").at(-1) ?? "";
  const [last = "", its = ""] = line.split(" ");
  return { number: Number(last), hash: its };
}

/** What is left after `kills` of them: blocks, and transfers in them. Throws when an announced block is lost. */
export async function killed(
  kills: number,
): Promise<{ readonly blocks: number; readonly transfers: number }> {
  const folder = await mkdtemp(join(tmpdir(), "assay-kills-"));
  const database = join(folder, "chain.db");
  try {
    let last: Announced = { number: 0, hash: "" };
    for (let kill = 0; kill < kills; kill++) last = await lifeOf(database, last);
    const chain = await openDevChain({ database });
    assert.ok(chain.head().number >= last.number);
    assert.equal(chain.blockHash(last.number), last.hash);
    let transfers = 0;
    for (let number = 1; number <= chain.head().number; number++)
      transfers += (chain.block(chain.blockHash(number) ?? undefined)?.extrinsics.length ?? 1) - 1;
    // Every transfer that is in a block counted, and none twice.
    const nonces = ["//Alice", "//Bob", "//Charlie", "//Dave"].map((uri) =>
      new ScaleReader(chain.call("AccountNonceApi_account_nonce", key(uri).publicKey)).u32(),
    );
    assert.equal(
      nonces.reduce((sum, nonce) => sum + nonce, 0),
      transfers,
    );
    await chain.seal();
    const blocks = chain.head().number;
    await chain.close();
    return { blocks, transfers };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
