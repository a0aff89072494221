/** @file A served chain for tests of the client: the committed runtime, two validators, one subnet. */
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { type EmbeddedChain, openEmbeddedChain } from "../../../chain/embedded/chain.ts";
import { type SealingMode, startSealing } from "../../../chain/embedded/sealing.ts";
import { serveRpc } from "../../../chain/embedded/rpc/server.ts";
import { signerFromUri, type Signer } from "../../../chain/wallet/signer.ts";

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

function everyone(): readonly Signer[] {
  const { ownerColdkey, ownerHotkey, validators, miners, rich } = accounts;
  const pairs = [...validators, ...miners].flatMap(({ coldkey, hotkey }) => [coldkey, hotkey]);
  return [ownerColdkey, ownerHotkey, rich, ...pairs];
}

/** An engine with the fixture's genesis, not yet served. */
export async function openTestEngine(): Promise<EmbeddedChain> {
  return openEmbeddedChain({
    runtimeCode: await readRuntimeArtifact(),
    genesisPatch: {
      balances: { balances: everyone().map(({ ss58 }) => [ss58, 100_000_000_000_000]) },
      subtensorModule: {
        allowLoopbackAxon: true,
        networks: [
          {
            netuid: NETUID,
            tempo: 12,
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
    },
  });
}

/** A served chain. */
export type TestChain = {
  readonly engine: EmbeddedChain;
  readonly endpoint: string;
  readonly port: number;
  close(): Promise<void>;
};

/** Serves an engine on loopback; port 0 takes a free one. */
export async function serveChain(
  engine: EmbeddedChain,
  options: { readonly port?: number; readonly sealing?: SealingMode } = {},
): Promise<TestChain> {
  startSealing(engine, options.sealing ?? "instant");
  const server = await serveRpc(engine, { host: "127.0.0.1", port: options.port ?? 0 });
  return {
    engine,
    port: server.port,
    endpoint: `ws://127.0.0.1:${server.port}`,
    close: async () => server.close(),
  };
}
