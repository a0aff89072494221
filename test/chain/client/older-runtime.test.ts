/** @file A runtime upgrade under a client: blocks are read with the runtime that made them, and what was signed for the old one is signed anew. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Request } from "../../../chaos/rpc/proxy.ts";
import type { ChainClient } from "../../../chain/client/client.ts";
import { accounts, failsAs, NETUID } from "./fixture.ts";
import { type FaultyWorld, faultyWorld } from "./faulty.ts";

/** System.LastRuntimeUpgrade. */
const LAST_UPGRADE = "0x26aa394eea5630e07c48ae0c9558cef7f9cce9c888469bb1a0dceaa129672ef8";
const versionSchema = z.looseObject({ specVersion: z.number() });
const setsSchema = z.array(
  z.looseObject({ changes: z.array(z.tuple([z.string(), z.string().nullable()])) }),
);

/** What LastRuntimeUpgrade holds: a compact number and a name. */
function upgradeOf(specVersion: number): string {
  const compact = Buffer.alloc(2);
  compact.writeUInt16LE(specVersion * 4 + 1);
  return `0x${compact.toString("hex")}00`;
}

const textOf = (text: string): string => Buffer.from(text).toString("hex");

/**
 * Shows a chain as if it had run an older runtime up to block `last`, whose name for the limit of axons was another. The chain itself
 * runs the real one and judges signatures by it.
 */
class Upgrade {
  readonly #world: FaultyWorld;
  readonly #spec: number;
  /** The last block that the older runtime made. */
  last = Infinity;
  /** Whether the newest block says the newer one. */
  isOver = (): boolean => false;

  constructor(world: FaultyWorld) {
    this.#world = world;
    this.#spec = versionSchema.parse(world.chain.embedded.runtimeVersion).specVersion;
    for (const { proxy } of [world.first, world.second])
      proxy.rewrite = (request, result) => this.#rewritten(request, result);
  }

  #isOld(at: unknown): boolean {
    if (typeof at !== "string") return !this.isOver();
    const { embedded } = this.#world.chain;
    const { number } = embedded.head();
    for (let block = 0; block <= Math.min(number, this.last); block++)
      if (embedded.blockHash(block) === at) return true;
    return false;
  }

  #rewritten({ method, params }: Request, result: unknown): unknown {
    if (method === "state_getRuntimeVersion" && this.#isOld(params[0]))
      return { ...versionSchema.parse(result), specVersion: this.#spec - 1 };
    if (method === "state_getMetadata" && this.#isOld(params[0]))
      return z
        .string()
        .parse(result)
        .replaceAll(textOf("ServingRateLimit"), textOf("ServingRateLimiX"));
    if (method !== "state_queryStorageAt") return result;
    const stored = upgradeOf(this.#isOld(params[1]) ? this.#spec - 1 : this.#spec);
    return setsSchema.parse(result).map((set) => ({
      ...set,
      changes: set.changes.map(([key, value]) => [key, key === LAST_UPGRADE ? stored : value]),
    }));
  }
}

const metadataAsked = ({ first }: FaultyWorld): number =>
  first.proxy.asked.filter(({ method }) => method === "state_getMetadata").length;

describe("an upgrade of the runtime", () => {
  it("is noticed: each block is read with the runtime that made it, old ones too", async () => {
    const world = await faultyWorld({}, { blockMs: 60_000, lag: 0 });
    const { client, chain } = world;
    const upgrade = new Upgrade(world);
    try {
      for (let block = 0; block < 3; block++) await chain.embedded.seal();
      while ((await client.head()).number < 3) await sleep(10);
      // It connected to the newer one, and meets blocks of the older: those lack the item by its name.
      const old = await client.blockHash(2);
      await assert.rejects(
        client.hyperparameters(NETUID, old),
        failsAs({ code: "runtime-incompatible", item: "storage SubtensorModule.ServingRateLimit" }),
      );
      const asked = metadataAsked(world);
      assert.ok((await client.hotkeys(NETUID, old)).length > 0);
      assert.equal(metadataAsked(world), asked, "the older runtime is kept");
      upgrade.last = 3;
      upgrade.isOver = () => true;
      await chain.embedded.seal();
      while ((await client.head()).number < 4) await sleep(10);
      const parameters = await client.hyperparameters(NETUID);
      assert.equal(parameters.servingRateLimit, 0);
      await assert.rejects(
        client.hyperparameters(NETUID, old),
        failsAs({ code: "runtime-incompatible" }),
      );
      assert.equal(metadataAsked(world), asked, "the newer one too");
    } finally {
      await world.close();
    }
  });

  it("between signing and sending costs a second signature, and the call comes once", async () => {
    const world = await faultyWorld({}, { blockMs: 50, lag: 0 });
    const { client, first } = world;
    try {
      const upgrade = new Upgrade(world);
      const target = accounts.validators[1]?.coldkey.publicKey ?? assert.fail();
      const had = await client.balance(target);
      const pay = (rao: bigint): ReturnType<ChainClient["transfer"]> =>
        client.transfer(accounts.rich, target, rao);
      // The client learns of the older runtime when it signs, and the chain refuses what was signed for it.
      await assert.rejects(pay(3_000_000n), failsAs({ code: "extrinsic-invalid" }));
      const handed = (): number =>
        first.proxy.asked.filter(({ method }) => method.startsWith("author_submit")).length;
      const before = handed();
      // It comes when the next extrinsic is signed, and before it arrives.
      upgrade.isOver = () => handed() > before;
      // Whichever block is the newest by then names the newer one, as the block that sets a code does.
      upgrade.last = 0;
      const { block } = await pay(5_000_000n);
      assert.equal(await client.balance(target, block.hash), had + 5_000_000n);
      assert.equal(handed(), before + 2, "one that was refused, and one that counts");
    } finally {
      await world.close();
    }
  });
});
