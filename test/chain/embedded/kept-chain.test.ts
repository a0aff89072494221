/** @file A chain that an earlier release left on disk opens with this one and goes on. */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { zstdDecompressSync } from "node:zlib";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { openEmbeddedChain } from "../../../chain/embedded/chain.ts";
import { isJsonObject, parseExactJson } from "../../../chain/embedded/codec/exact-json.ts";

const STORES = fileURLToPath(new URL("../../fixtures/stores", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "assay-kept-chain-"));
after(() => rmSync(folder, { recursive: true }));

test("the kept chain: every block is there, the next one is made", async () => {
  const database = join(folder, "chain.sqlite");
  writeFileSync(database, zstdDecompressSync(readFileSync(join(STORES, "chain.sqlite.zst"))));
  const genesisPatch = parseExactJson(readFileSync(join(STORES, "genesis.json"), "utf8"));
  assert.ok(isJsonObject(genesisPatch));
  const options = {
    runtimeCode: await readRuntimeArtifact(),
    preset: "development",
    slotDurationMs: 250,
    genesisPatch,
    database,
  } as const;
  const chain = await openEmbeddedChain(options);
  const head = chain.head();
  assert.ok(head.number > 48);
  await chain.seal();
  assert.equal(chain.head().number, head.number + 1);
  await chain.close();
  const again = await openEmbeddedChain(options);
  assert.equal(again.head().number, head.number + 1);
  await again.close();
});
