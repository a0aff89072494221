/** @file A served chain for tests of the client: the committed runtime, two validators, one subnet. */
import assert from "node:assert/strict";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { type EmbeddedChain, openEmbeddedChain } from "../../../chain/embedded/chain.ts";
import type { JsonObject } from "../../../chain/embedded/codec/exact-json.ts";
import { type SealingMode, startSealing } from "../../../chain/embedded/sealing.ts";
import { serveRpc } from "../../../chain/embedded/rpc/server.ts";
import { signerFromUri, type Signer } from "../../../chain/wallet/signer.ts";
import { ChainError, type ChainFault } from "../../../chain/errors.ts";

/** The subnet of the genesis. */
export const NETUID = 1;
export const VALIDATOR_STAKES = [600_000_000_000n, 400_000_000_000n] as const;

/** Accounts of the fixture; every neuron has its own coldkey. */
export const accounts = {
  ownerColdkey: signerFromUri("//owner//cold"),
  ownerHotkey: signerFromUri("//owner//hot"),
  validators: [0, 1].map((index) => ({
    coldkey: signerFromUri(`//validator//${index}//cold`),
    hotkey: signerFromUri(`//validator//${index}//hot`),
  })),
  miners: [0, 1, 2].map((index) => ({
    coldkey: signerFromUri(`//miner//${index}//cold`),
    hotkey: signerFromUri(`//miner//${index}//hot`),
  })),
  rich: signerFromUri("//rich"),
};

/** Matches a rejection whose fault has at least these fields. */
export function failsAs(expected: Partial<Record<string, unknown>>): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ChainError, String(error));
    const fault: ChainFault = error.fault;
    assert.deepEqual({ ...fault, ...expected }, fault);
    return true;
  };
}

/** Matches a call that was included and refused by this error of SubtensorModule. */
export function failed(error: string): (error: unknown) => boolean {
  return failsAs({ code: "extrinsic-failed", pallet: "SubtensorModule", error });
}

/** Matches a call that the pool refused, in the name of this error. */
export function refused(reason: string): (error: unknown) => boolean {
  return failsAs({ code: "extrinsic-invalid", reason });
}

function everyone(): readonly Signer[] {
  const { ownerColdkey, ownerHotkey, validators, miners, rich } = accounts;
  const pairs = [...validators, ...miners].flatMap(({ coldkey, hotkey }) => [coldkey, hotkey]);
  return [ownerColdkey, ownerHotkey, rich, ...pairs];
}

/** What the fixture's genesis says beyond the development preset. */
export function testGenesis(): JsonObject {
  return {
    balances: { balances: everyone().map(({ ss58 }) => [ss58, 100_000_000_000_000]) },
    subtensorModule: {
      allowLoopbackAxon: true,
      networks: [
        {
          netuid: NETUID,
          tempo: 12,
          servingRateLimit: 0,
          ownerColdkey: accounts.ownerColdkey.ss58,
          ownerHotkey: accounts.ownerHotkey.ss58,
          additional: "",
          neurons: accounts.validators.map(({ coldkey, hotkey }, index) => ({
            hotkey: hotkey.ss58,
            coldkey: coldkey.ss58,
            stake: Number(VALIDATOR_STAKES[index] ?? 0n),
            validatorPermit: true,
          })),
        },
      ],
    },
  };
}

/** A chain with the fixture's genesis, not yet served; with a database, the one that it holds. */
export async function openTestChain(database?: string): Promise<EmbeddedChain> {
  return openEmbeddedChain({
    ...(database !== undefined && { database }),
    runtimeCode: await readRuntimeArtifact(),
    genesisPatch: testGenesis(),
  });
}

/** A chain with the development genesis alone, not yet served: the known accounts are rich, there is no subnet. */
export async function openDevelopmentChain(): Promise<EmbeddedChain> {
  return openEmbeddedChain({ runtimeCode: await readRuntimeArtifact(), preset: "development" });
}

/** A served chain. */
export type TestChain = {
  readonly embedded: EmbeddedChain;
  readonly endpoint: string;
  readonly port: number;
  close(): Promise<void>;
};

/** Serves a chain on loopback; port 0 takes a free one. */
export async function serveChain(
  embedded: EmbeddedChain,
  options: { readonly port?: number; readonly sealing?: SealingMode } = {},
): Promise<TestChain> {
  startSealing(embedded, options.sealing ?? "instant");
  const server = await serveRpc(embedded, { host: "127.0.0.1", port: options.port ?? 0 });
  return {
    embedded,
    port: server.port,
    endpoint: `ws://127.0.0.1:${server.port}`,
    close: async () => server.close(),
  };
}
