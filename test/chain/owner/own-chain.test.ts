/** @file `subnet chain --subnet`: a new subnet on it gets what the owner's file asks for, and the owner is told nothing else. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, it } from "node:test";
import * as z from "zod";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { signerFromUri } from "../../../chain/wallet/signer.ts";
import { Commands } from "./commands.ts";
import { openWorld, paper, TAO, type World } from "./world.ts";

const TOML = `name = "own"
[phases]
blockMs = 50
[chain]
tempo = 36
immunityPeriod = 100
burnRao = 2_000_000
weightsRateLimit = 3
servingRateLimit = 7
`;

let world: World;
before(async () => {
  world = await openWorld(TOML);
});
after(async () => world.close());

/** A chain as a process, and what is read there. */
async function onChain(
  args: readonly string[],
  body: (client: ChainClient, endpoint: string) => Promise<void>,
): Promise<string> {
  const words = ["subnet/main.ts", "chain", "--port", "0", ...args];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  try {
    const [message]: unknown[] = await once(child, "message");
    const { port } = z.object({ port: z.number() }).parse(message);
    const endpoint = `ws://127.0.0.1:${port}`;
    const client = await connectChain({ endpoints: [endpoint] });
    try {
      await body(client, endpoint);
    } finally {
      await client.close();
    }
    return output;
  } finally {
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  }
}

it("gives a new subnet the values of [chain], and seals at the file's pace", async () => {
  const owner = await world.wallet("owner", 0n);
  const output = await onChain(["--subnet", world.file], async (client, endpoint) => {
    await client.transfer(signerFromUri("//Alice"), owner.coldkey.ss58, 100n * TAO);
    const told = paper();
    await new Commands(world).create({ endpoint, yes: true }, told);
    const found = await client.hyperparameters(1);
    assert.deepEqual(
      [found.tempo, found.immunityPeriod, found.weightsRateLimit, found.servingRateLimit],
      [36, 100, 3, 7],
    );
    // The price decays with every block.
    assert.ok(found.burnRao > 1_900_000n && found.burnRao <= 2_000_000n, String(found.burnRao));
    assert.doesNotMatch(told.text(), /the chain has/);
    // 100 blocks are fewer than a newcomer's trust takes to settle: the owner is told.
    assert.match(told.text(), /warning {2}chain\.immunityPeriod: /);
  });
  assert.match(output, /sealing 50; one authority/);
});

it("a genesis of the owner's own stands above the file, --sealing above its pace", async () => {
  const genesis = join(world.folder, "genesis.json");
  writeFileSync(genesis, JSON.stringify({ subtensorModule: { defaultTempo: 5 } }));
  const args = ["--subnet", world.file, "--genesis", genesis, "--sealing", "instant"];
  const output = await onChain(args, async (client) => {
    const alice = signerFromUri("//Alice");
    await client.registerNetwork(alice, signerFromUri("//Alice//hot").ss58);
    const found = await client.hyperparameters(1);
    assert.deepEqual([found.tempo, found.immunityPeriod], [5, 100]);
  });
  assert.match(output, /sealing instant/);
});
