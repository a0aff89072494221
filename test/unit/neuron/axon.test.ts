/** @file Serving: the port is kept, nothing is sent when nothing changed, and no answer of the chain ends the neuron. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { ChainClient, Head } from "../../../chain/client/client.ts";
import type { Neuron as ChainNeuron } from "../../../chain/client/metagraph.ts";
import { ChainError } from "../../../chain/errors.ts";
import type { BlobFinder } from "../../../src/run/finder.ts";
import type { BlobStore } from "../../../src/blobs/directory.ts";
import { Lifecycle } from "../../../src/command/lifecycle.ts";
import type { Log } from "../../../src/command/log.ts";
import type { AxonAddress } from "../../../src/network/client.ts";
import { serveNeuron } from "../../../src/neuron/axon.ts";
import type { Connected } from "../../../src/neuron/neuron.ts";
import { ss58Of } from "../../../chain/wallet/account.ts";
import { openNeuronState } from "../../../src/neuron/state.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-axon-"));
after(() => rmSync(folder, { recursive: true }));
const CONTENT = {
  record: () => null,
  verdict: () => null,
  heldOut: () => null,
  awaited: () => ({}),
};
const HOTKEY = `0x${"07".repeat(32)}` as const;
const failed = (error: string): ChainError =>
  new ChainError({ code: "extrinsic-failed", pallet: "SubtensorModule", error, docs: "" });

/** A chain that refuses the first calls with these errors, one each, and a neuron on it. */
class World {
  readonly said: string[] = [];
  readonly sent: AxonAddress[] = [];
  readonly waited: number[] = [];
  readonly lifecycle = new Lifecycle();
  known: AxonAddress | null = null;
  refusals: ChainError[] = [];

  async #serve(axon: AxonAddress): Promise<{ block: Head }> {
    this.sent.push(axon);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    this.known = axon;
    return { block: { number: 1, hash: "0x00" } };
  }

  connected(options: Partial<Connected["neuron"]["options"]>, state: string): Connected {
    const chain = stub<ChainClient>({
      endpoint: "ws://127.0.0.1:9944",
      genesisHash: HOTKEY,
      isDevelopmentChain: async () => true,
      neuronOf: async () => stub<ChainNeuron>({ axon: this.known }),
      serveAxon: async (_hotkey, _netuid, axon) => this.#serve(axon),
      servableFrom: async () => 60,
    });
    const { neuron, subnet } = participantOf({
      role: "miner",
      options: stub<Connected["neuron"]["options"]>({
        axonHost: "127.0.0.1",
        axonPort: 0,
        axonExternalIp: undefined,
        axonExternalPort: undefined,
        metricsFrom: "loopback",
        tensorboard: undefined,
        ...options,
      }),
      state: openNeuronState(join(folder, state)),
      signer: stub<Connected["neuron"]["signer"]>({ publicKey: HOTKEY, ss58: ss58Of(HOTKEY) }),
      log: stub<Log>({ warn: () => undefined }),
      signal: this.lifecycle.signal,
      say: (text) => void this.said.push(text),
      activity: () => "",
      progress: () => null,
      netuid: 1,
      chain,
      blobs: stub<BlobStore>({}),
      finder: stub<BlobFinder>({ peersAt: () => 0 }),
      blocks: stub<BlockClock>({
        current: { number: 10, hash: "0x00" },
        reached: async (block) => {
          this.waited.push(block);
          return { number: block, hash: "0x00" };
        },
      }),
    });
    return { neuron, subnet };
  }

  /** Serves, waits until the address was dealt with, and stops. */
  async served(options: Partial<Connected["neuron"]["options"]>, state: string): Promise<void> {
    await serveNeuron(this.connected(options, state), CONTENT, this.lifecycle);
    const done = (): boolean =>
      this.known !== null || this.said.some((text) => text.includes("refuses"));
    for (let look = 0; !done() && look < 400; look++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(await this.lifecycle.close(), []);
    assert.equal(this.lifecycle.failure, null);
  }
}

test("the port of the last start is taken again, and an address that is published is not sent", async () => {
  const first = new World();
  await first.served({}, "kept");
  assert.equal(first.sent.length, 1);
  const second = new World();
  second.known = first.known;
  await second.served({}, "kept");
  assert.deepEqual([second.sent, second.said], [[], []]);
});

test("a port that is taken meanwhile is replaced, one that was asked for is not", async () => {
  const first = new World();
  await first.served({}, "taken");
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(first.known?.port, "127.0.0.1", resolve));
  const second = new World();
  await second.served({}, "taken");
  assert.notEqual(second.known?.port, first.known?.port);
  assert.match(second.said.join("\n"), /is taken: taking another/);
  const third = new World();
  const port = first.known?.port ?? 0;
  await assert.rejects(third.served({ axonPort: port }, "other"), { name: "AssayError" });
  await third.lifecycle.close();
  other.close();
});

test("within the rate limit it waits for the block that the chain names, and is told once", async () => {
  const world = new World();
  world.refusals = [failed("ServingRateLimitExceeded"), failed("ServingRateLimitExceeded")];
  await world.served({}, "limited");
  assert.deepEqual(world.waited, [59, 59]);
  assert.equal(world.sent.length, 3);
  assert.equal(world.said.filter((text) => text.includes("from block 60 on")).length, 1);
});

test("a chain that is away is asked again; one that refuses for good is not, and neither ends the neuron", async () => {
  const away = new World();
  away.refusals = [new ChainError({ code: "chain-unreachable", endpoint: "ws://x:1" })];
  await away.served({}, "away");
  assert.equal(away.sent.length, 2);
  const refused = new World();
  refused.refusals = [failed("InvalidIpAddress")];
  await refused.served({}, "refused");
  assert.equal(refused.sent.length, 1);
  assert.match(refused.said[0] ?? "", /refuses the axon's address .*InvalidIpAddress/);
});

test("published is what others dial; addresses that are written otherwise are the same", async () => {
  const world = new World();
  await world.served({ axonExternalIp: "2001:db9:0::7", axonExternalPort: 9001 }, "external");
  assert.deepEqual(world.sent, [{ ip: "2001:db9:0::7", port: 9001 }]);
  const again = new World();
  again.known = { ip: "2001:db9::7", port: 9001 };
  await again.served({ axonExternalIp: "2001:db9:0::7", axonExternalPort: 9001 }, "external");
  assert.deepEqual(again.sent, []);
});
