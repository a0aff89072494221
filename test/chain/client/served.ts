/** @file The fixture's chain, embedded or native, behind one face. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { findNode } from "../../../chain/native/binary.ts";
import { Network } from "../../../chain/network/network.ts";
import { heightOf } from "../../../chain/network/rpc.ts";
import { openTestChain, serveChain, testGenesis } from "./fixture.ts";

/** A chain with the fixture's genesis. */
export type ServedChain = {
  readonly endpoint: string;
  /** Resolves when so many more blocks are final. */
  pass(blocks: number): Promise<void>;
  close(): Promise<void>;
};

/** What `ASSAY_TEST_CHAIN` asks for native nodes by. */
const NATIVE = "native";
const AUTHORITIES = 4;
const SLOT_MS = 500;
const FIRST_PORT = 21_400;
const PASSED_MS = 120_000;

async function serveNative(): Promise<ServedChain> {
  const program = findNode() ?? assert.fail("the native node is not built: npm run chain:node");
  const folder = mkdtempSync(join(tmpdir(), "assay-native-"));
  const network = await Network.start({
    program,
    folder,
    runtimeCode: await readRuntimeArtifact(),
    authorities: AUTHORITIES,
    blockMs: SLOT_MS,
    firstPort: FIRST_PORT,
    patch: testGenesis(),
  });
  const [first] = network.nodes;
  assert.ok(first !== undefined);
  return {
    endpoint: first.endpoint,
    async pass(blocks) {
      const { final: from } = await heightOf(first.rpcPort);
      await network.until(first, ({ final }) => final >= from + blocks, PASSED_MS);
    },
    async close() {
      await network.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function serveEmbedded(): Promise<ServedChain> {
  const chain = await serveChain(await openTestChain());
  const { embedded, endpoint } = chain;
  return {
    endpoint,
    close: async () => chain.close(),
    async pass(blocks) {
      for (let more = 0; more < blocks; more++) await embedded.seal();
    },
  };
}

/** Serves it on loopback. */
export async function serveFixture(): Promise<ServedChain> {
  return process.env["ASSAY_TEST_CHAIN"] === NATIVE ? serveNative() : serveEmbedded();
}
