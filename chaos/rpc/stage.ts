/** @file A chain of one subnet and two endpoints of it: what a client is put in front of. */
import { readRuntimeArtifact } from "../../chain/embedded/artifact.ts";
import { type EmbeddedChain, openEmbeddedChain } from "../../chain/embedded/chain.ts";
import { serveRpc } from "../../chain/embedded/rpc/server.ts";
import { type SealingMode, startSealing } from "../../chain/embedded/sealing.ts";
import { type Signer, signerFromUri } from "../../chain/wallet/signer.ts";
import { FaultProxy } from "./proxy.ts";
import { ChainView } from "./view.ts";

/** The subnet. */
export const NETUID = 1;
/** Newest blocks that endpoints do not show as final: a real chain lags behind itself. */
export const LAG = 2;

const OWNER = { coldkey: signerFromUri("//owner//cold"), hotkey: signerFromUri("//owner//hot") };
/** Whose weights are set, who says something, who pays, and who is paid. */
export const ACTORS = {
  hotkey: signerFromUri("//validator//hot"),
  coldkey: signerFromUri("//validator//cold"),
  payee: signerFromUri("//payee"),
} as const;

const BALANCE_RAO = 100_000_000_000_000;
const STAKE_RAO = 600_000_000_000;

/** A chain on a port. */
export type ServedChain = {
  readonly chain: EmbeddedChain;
  readonly endpoint: string;
  readonly close: () => Promise<void>;
};

/** One endpoint. */
export type Endpoint = { readonly proxy: FaultProxy; readonly view: ChainView };

const funded = (signers: readonly Signer[]): [string, number][] =>
  signers.map(({ ss58 }) => [ss58, BALANCE_RAO]);

/** Those who get weights. */
const MINERS = ["//miner//1", "//miner//2"].map((uri) => ({
  hotkey: signerFromUri(`${uri}//hot`).ss58,
  coldkey: signerFromUri(`${uri}//cold`).ss58,
  stake: 0,
  validatorPermit: false,
}));

/** Opens and serves the chain of the stage; with a database, the one that it holds. */
export async function serveStage(
  options: { readonly tempo: number; readonly database?: string },
  sealing: SealingMode,
): Promise<ServedChain> {
  const { tempo, database } = options;
  const { hotkey, coldkey } = ACTORS;
  const chain = await openEmbeddedChain({
    ...(database !== undefined && { database }),
    runtimeCode: await readRuntimeArtifact(),
    genesisPatch: {
      balances: { balances: funded([OWNER.coldkey, OWNER.hotkey, hotkey, coldkey]) },
      subtensorModule: {
        networks: [
          {
            netuid: NETUID,
            tempo,
            weightsSetRateLimit: 0,
            ownerColdkey: OWNER.coldkey.ss58,
            ownerHotkey: OWNER.hotkey.ss58,
            additional: "",
            neurons: [
              {
                hotkey: hotkey.ss58,
                coldkey: coldkey.ss58,
                stake: STAKE_RAO,
                validatorPermit: true,
              },
              ...MINERS,
            ],
          },
        ],
      },
    },
  });
  startSealing(chain, sealing);
  const server = await serveRpc(chain, { host: "127.0.0.1", port: 0 });
  return {
    chain,
    endpoint: `ws://127.0.0.1:${server.port}`,
    close: async () => {
      chain.sealing?.stop();
      await server.close();
      await chain.close();
    },
  };
}

/** An endpoint in front of a chain. */
export async function openEndpoint(endpoint: string): Promise<Endpoint> {
  const view = await ChainView.open(endpoint, LAG);
  return { view, proxy: await FaultProxy.open(view) };
}

export async function closeEndpoint({ proxy, view }: Endpoint): Promise<void> {
  await proxy.close();
  view.close();
}
