/**
 * @file The two engines execute each other's blocks: sealed blocks of the embedded engine again in V8 with the same state roots, and
 * imported by the native node, which verifies seal, inherents and roots of each. The latter is skipped aloud where no node is built.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { encodeHeader, headerHash } from "../../../chain/embedded/blocks/header.ts";
import { cryptoReady } from "../../../chain/embedded/codec/hashing.ts";
import { ChainError } from "../../../chain/errors.ts";
import { findNode } from "../../../chain/native/binary.ts";
import { rawSpec } from "../../../chain/native/raw-spec.ts";
import { Replay, unsealed } from "../../../chain/native/replay.ts";
import { subnetPatch } from "../embedded/dev-chain.ts";
import { exportFile, genesisOfSealed, SLOT_MS, sealedBlocks } from "./sealed-blocks.ts";

const SHORT = 30;
const LONG = 1000;
const IMPORT_MS = 240_000;
const program = findNode();
const skip =
  program === null ? "SKIPPED: the native node is not built (npm run chain:node)" : false;

const isTrap = (error: unknown): boolean =>
  error instanceof ChainError && error.code === "runtime-trap";

let folder: string;
before(async () => {
  await cryptoReady();
  folder = mkdtempSync(join(tmpdir(), "assay-interop-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe("blocks of the embedded engine", () => {
  it("are executed again with equal state roots, two epochs among them", async () => {
    const blocks = await sealedBlocks(SHORT);
    const replay = new Replay((await genesisOfSealed()).state);
    for (const block of blocks) assert.equal(replay.execute(block), block.header.stateRoot);
    const weighty = blocks.filter(({ extrinsics }) => extrinsics.length > 2);
    assert.equal(weighty.length, 3);
  });

  it("carry a seal that is no part of what was signed", async () => {
    const [block] = await sealedBlocks(1);
    assert.ok(block !== undefined);
    const { header } = block;
    assert.equal(header.logs.length, unsealed(header).logs.length + 1);
    assert.deepEqual(unsealed(unsealed(header)), unsealed(header));
  });

  it("are refused where a byte of an extrinsic is another, or the root is", async () => {
    const [block] = await sealedBlocks(1);
    assert.ok(block !== undefined);
    const [timestamp = new Uint8Array(), ...others] = block.extrinsics;
    const bent = timestamp.with(timestamp.length - 1, (timestamp.at(-1) ?? 0) ^ 1);
    const { state } = await genesisOfSealed();
    const wrong = { ...block, extrinsics: [bent, ...others] };
    assert.throws(() => new Replay(state).execute(wrong), isTrap);
    const { stateRoot } = block.header;
    const root: typeof stateRoot = `0x${"00".repeat(32)}`;
    const rooted = { ...block, header: { ...block.header, stateRoot: root } };
    assert.throws(() => new Replay(state).execute(rooted), isTrap);
  });

  it("are taken by the native node, a thousand with eighty epochs", { skip }, async () => {
    const blocks = await sealedBlocks(LONG);
    const [spec, file, base] = ["chain.json", "blocks.bin", "db"].map((name) => join(folder, name));
    assert.ok(program !== null && spec !== undefined && file !== undefined && base !== undefined);
    const { text } = await rawSpec({
      runtimeCode: await readRuntimeArtifact(),
      preset: "development",
      patch: subnetPatch(),
      slotDurationMs: SLOT_MS,
      name: "Interop",
      id: "interop",
      bootnodes: [],
    });
    writeFileSync(spec, text);
    writeFileSync(file, exportFile(blocks));
    const place = ["--chain", spec, "--base-path", base, "--database", "paritydb"];
    const run = (words: readonly string[]): string => {
      const result = spawnSync(program, [...words, ...place], {
        encoding: "utf8",
        timeout: IMPORT_MS,
      });
      assert.equal(result.status, 0, result.stderr);
      return `${result.stdout}${result.stderr}`;
    };
    run(["import-blocks", file, "--binary"]);
    const last = blocks.at(-1)?.header ?? assert.fail("no block");
    assert.match(run(["chain-info"]), new RegExp(headerHash(encodeHeader(last))));
  });
});
