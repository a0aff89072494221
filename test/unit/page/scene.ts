/** @file A subject of a page: the recorded run, a chain that is a stand-in, axons that a test opens. */
import assert from "node:assert/strict";
import type { ChainClient } from "../../../chain/client/client.ts";
import { ChainError } from "../../../chain/errors.ts";
import type { Metagraph, Neuron } from "../../../chain/client/metagraph.ts";
import type { Hyperparameters } from "../../../chain/client/subnet.ts";
import type { Status } from "../../../src/api/types.ts";
import { memoryBlobs } from "../../../src/blobs/memory.ts";
import type { AxonAddress } from "../../../src/network/client.ts";
import type { Axon } from "../../../src/network/listening.ts";
import { type AxonContent, serveAxon } from "../../../src/network/server.ts";
import type { Subject } from "../../../src/page/subject.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import { windowClock } from "../../../src/protocol/window.ts";
import type { Amendments } from "../../../src/run/amendments.ts";
import type { BlockClock } from "../../../src/run/block-clock.ts";
import type { Finder } from "../../../src/run/finder.ts";
import type { Subnet } from "../../../src/run/subnet.ts";
import { stub } from "../stub.ts";
import { manifest, records, runId } from "../view/recorded.ts";

export const clock = windowClock(manifest);
export const VALIDATOR: Hex = records[0]?.validator ?? "0x";
export const OWNER: Hex = `0x${"01".repeat(32)}`;
export const LIAR: Hex = `0x${"02".repeat(32)}`;
const HASH: Hex = `0x${"03".repeat(32)}`;
const hashOf = (block: number): Hex => `0x${block.toString(16).padStart(64, "0")}`;
const EPOCHS = [12, 24];

/** Serves what a test has, and nothing else. */
export function openAxon(content: Partial<AxonContent>): Promise<Axon> {
  const nothing = {
    blobs: memoryBlobs(),
    status: () => stub<Status>({ window: 1 }),
    digests: () => [],
    checkpoint: () => null,
    record: () => null,
    verdict: () => null,
  };
  return serveAxon({ ...nothing, ...content }, { host: "127.0.0.1", port: 0 });
}

/** One neuron of a subnet. */
export function neuron(uid: number, hotkey: Hex, more: Partial<Neuron> = {}): Neuron {
  const shares = { incentive: 0, dividends: 0, consensus: 0 };
  return {
    uid,
    hotkey,
    coldkey: hotkey,
    axon: null,
    stakeRao: 0n,
    validatorPermit: false,
    active: true,
    ...shares,
    emissionRao: 10n,
    lastUpdate: 5,
    registeredAt: 1,
    ...more,
  };
}

/** A subnet with owner, validator, liar and the miners of the last record. */
function neurons(): readonly Neuron[] {
  const permit = { validatorPermit: true };
  const miners = records.at(-1)?.miners ?? [];
  return [
    neuron(0, OWNER),
    neuron(1, VALIDATOR, { ...permit, stakeRao: 600n, dividends: 65_535 }),
    neuron(2, LIAR, { ...permit, stakeRao: 900n }),
    ...miners.map(({ uid, hotkey }) => neuron(uid, hotkey, { incentive: uid === 3 ? 65_535 : 0 })),
  ];
}

/** What a page is about at a height. @param axons - where validators serve */
export function subject(
  height: number | (() => number),
  axons: ReadonlyMap<Hex, AxonAddress>,
  more: Partial<Subject> & {
    readonly forgottenBefore?: number;
    readonly neurons?: readonly Neuron[];
  } = {},
): Subject {
  const heightNow = (): number => (typeof height === "number" ? height : height());
  const graph: Metagraph = {
    netuid: 1,
    block: heightNow(),
    hash: HASH,
    tempo: 11,
    ownerHotkey: OWNER,
    ownerColdkey: OWNER,
    neurons: more.neurons ?? neurons(),
  };
  const chain = stub<ChainClient>({
    genesisHash: HASH,
    metagraph: async (_netuid, at) => {
      if (Number(at) < (more.forgottenBefore ?? 0))
        throw new ChainError({
          code: "rpc-failed",
          endpoint: "ws://stand-in",
          method: "state_queryStorageAt",
          reason: "State already discarded",
        });
      return graph;
    },
    block: async (at) => ({
      number: Number(at),
      hash: at ?? HASH,
      all: 3,
      extrinsics: [
        { signer: null, pallet: "Timestamp", call: "set", bytes: 11, error: null },
        { signer: OWNER, pallet: "Commitments", call: "set_commitment", bytes: 186, error: null },
        {
          signer: VALIDATOR,
          pallet: "SubtensorModule",
          call: "set_weights",
          bytes: 171,
          error: "SubtensorModule.SettingWeightsTooFast",
        },
      ],
    }),
    nextEpoch: async () => null,
    lastEpoch: async (_netuid, at) => EPOCHS.findLast((block) => block <= Number(at)) ?? 0,
    hyperparameters: async () => stub<Hyperparameters>({ burnRao: 7n }),
    validatorTrust: async () => [0, 65_535, 0],
    emissionLedger: async () => ({
      issuedRao: 100n,
      pendingMinersRao: 1n,
      pendingValidatorsRao: 2n,
      pendingOwnerRao: 3n,
      paidNeuronsRao: 90n,
      paidOwnerRao: 4n,
      carriedRao: 0n,
      burnedRao: 0n,
    }),
  });
  const run = { runId, manifest, clock };
  return {
    subnet: stub<Subnet>({
      netuid: 1,
      chain,
      blocks: stub<BlockClock>({
        get current() {
          return { number: heightNow(), hash: hashOf(heightNow()) };
        },
        hashOf: async (block) => hashOf(block),
        // No block comes by itself.
        reached: () => new Promise<never>(() => undefined),
      }),
      finder: stub<Finder>({ axons: async () => axons }),
    }),
    run: () => ({ run, amendments: stub<Amendments>({}) }),
    node: () => ({
      role: "miner",
      hotkey: "x",
      publicKey: OWNER,
      device: "cpu",
      activity: "trains",
    }),
    record: () => null,
    losses: () => [],
    who: () => null,
    local: () => null,
    fault: (error) => assert.fail(String(error)),
    seconds: () => null,
    ...more,
  };
}
