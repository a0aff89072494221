/** @file A node that has no time for a question says so; who asked waits, and has its answer. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ChainError } from "../../../chain/errors.ts";
import { patientClient } from "../../../chain/client/patient.ts";
import { RpcRefusal } from "../../../chain/client/rpc.ts";
import { eventually } from "../../support/eventually.ts";
import { type FaultyWorld, faultyWorld } from "./faulty.ts";

const BUSY = -32_999;
const TIMEOUT_MS = 1500;

describe("a node without time", () => {
  let world: FaultyWorld;
  /** Until when it has none; and what it was asked meanwhile. */
  let busyUntil = 0;
  let refused = 0;
  before(async () => {
    world = await faultyWorld({ timeoutMs: TIMEOUT_MS });
    await eventually("a final block", async () => (await world.client.head()).number >= 1);
    for (const { proxy } of [world.first, world.second])
      proxy.rewrite = ({ method }, result) => {
        if (method !== "chain_getBlockHash" || performance.now() >= busyUntil) return result;
        refused++;
        throw new RpcRefusal(BUSY, "too much is asked: ask again later", undefined);
      };
  });
  after(async () => {
    await world.close();
  });

  const busyFor = (ms: number): void => {
    refused = 0;
    busyUntil = performance.now() + ms;
  };

  it("is asked again within the time of a question", async () => {
    busyFor(TIMEOUT_MS / 2);
    assert.match((await world.client.blockHash(1)) ?? "", /^0x/);
    assert.ok(refused >= 1 && refused < 10, `${refused} times`);
  });

  it("is given up after it by who has no patience", async () => {
    busyFor(4 * TIMEOUT_MS);
    await assert.rejects(
      world.client.blockHash(1),
      (error) => error instanceof ChainError && error.code === "rpc-failed",
    );
  });

  it("is waited for by who has", async () => {
    busyFor(2.5 * TIMEOUT_MS);
    const { signal } = new AbortController();
    const began = performance.now();
    assert.match((await patientClient(world.client, signal).blockHash(1)) ?? "", /^0x/);
    assert.ok(performance.now() - began >= 2 * TIMEOUT_MS);
  });
});
