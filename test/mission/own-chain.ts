/** @file A chain of a test's own: `subnet chain` in a process of its own, with a block for every call, and our client on it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { z } from "zod";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { entryOf } from "../support/running.ts";

/** Where it answers, and our client on it. */
export type OwnChain = { readonly client: ChainClient; readonly endpoint: string };

/** Starts a chain from `genesis`; both end with the test. */
export async function openOwnChain(t: TestContext, genesis: unknown): Promise<OwnChain> {
  const folder = mkdtempSync(join(tmpdir(), "assay-mission-"));
  const file = join(folder, "genesis.json");
  writeFileSync(file, JSON.stringify(genesis));
  const words = [entryOf("subnet"), "chain", "--port", "0", "--sealing", "instant"];
  const child: ChildProcess = spawn(process.execPath, [...words, "--genesis", file], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  t.after(() => {
    child.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  });
  const [message]: unknown[] = await once(child, "message");
  const { port } = z.object({ port: z.number() }).parse(message);
  const endpoint = `ws://127.0.0.1:${port}`;
  const client = await connectChain({ endpoints: [endpoint] });
  t.after(() => client.close());
  return { client, endpoint };
}
