/** @file What a node does on a subnet whose run is not there, or of another release; and in a state folder without space. */
import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connectChain } from "../../chain/client/client.ts";
import { openBlobs } from "../../src/blobs/directory.ts";
import { canonicalJson, type Json } from "../../src/protocol/canonical-json.ts";
import { ownerOf } from "../../subnet/localnet/members.ts";
import { ChainProcess } from "../support/chain-process.ts";
import { Invocations } from "../support/invocations.ts";
import { EXAMPLE_MANIFEST } from "../unit/protocol/example-manifest.ts";

const all = new Invocations();
let chain: ChainProcess;

/** Who starts which program, with a state folder of its own. */
const NODES = [
  ["miner", "miner-1"],
  ["validator", "validator-1"],
] as const;
const stateOf = (wallet: string): string => join(all.home, `state-${wallet}`);
const args = (wallet: string): readonly string[] => [
  "--wallet",
  wallet,
  "--endpoint",
  chain.endpoint,
  "--state",
  stateOf(wallet),
];

before(async () => {
  chain = await ChainProcess.open(all);
  const registered = await all.run("miner", ["register", ...args("miner-1").slice(0, 4)]);
  assert.equal(registered.exitCode, 0, registered.screen);
});
after(async () => {
  await chain?.stop();
  assert.deepEqual(all.processesLeft(), []);
  rmSync(all.home, { recursive: true });
});

for (const [program, wallet] of NODES)
  test(`${program}: a state folder without space`, async (t) => {
    if (process.platform !== "linux") return t.skip("prlimit is Linux's");
    const prefix = ["prlimit", "--fsize=0"];
    const ended = await all.run(program, args(wallet), { prefix });
    all.refuses(ended, "disk-full", new RegExp(stateOf(wallet)), /goes on from its saved state/);
  });

test("without a run a node waits, says so, is there for others, and ends when asked to", async () => {
  for (const [program, wallet] of NODES) {
    const node = all.start(program, args(wallet));
    await node.said(/waiting: the owner of subnet 1 has published no run yet/, 20_000);
    await node.said(/axon published at http:\/\/127\.0\.0\.1:\d+/, 20_000);
    assert.ok(node.runs);
    assert.equal(await all.stop(node), 0, node.out);
  }
});

test("a run of another release is told from a damaged one, and says what to do", async () => {
  const client = await connectChain({ endpoints: [chain.endpoint] });
  const { coldkey } = ownerOf(chain.members);
  const publish = async (manifest: Json): Promise<void> => {
    const bytes = new TextEncoder().encode(canonicalJson(manifest));
    let runId = "";
    for (const [, wallet] of NODES) {
      const { hotkey } = chain.members.find(({ name }) => name === wallet) ?? assert.fail(wallet);
      runId = await openBlobs(join(stateOf(wallet), hotkey.ss58, "blobs")).put(bytes);
    }
    const additional = `assay:run=${runId}`;
    await client.setSubnetIdentity(coldkey, 1, { name: "test", additional });
  };
  // Everything else of it may look different in another release.
  for (const [format, advice] of [
    ["assay/run/4", /Update Assay/],
    ["assay/run/2", /Ask the subnet's owner to publish/],
  ] as const) {
    await publish({ format, netuid: 1, anything: { else: [1] } });
    for (const [program, wallet] of NODES)
      all.refuses(
        await all.run(program, args(wallet)),
        "run-unsupported",
        new RegExp(`${format}.*assay/run/3`),
        advice,
      );
  }
  await publish({ ...EXAMPLE_MANIFEST, netuid: "one" });
  for (const [program, wallet] of NODES)
    all.refuses(await all.run(program, args(wallet)), "manifest-invalid", /netuid/, /owner must/);
  await client.close();
});
