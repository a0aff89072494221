/** @file A subnet as a hotkey of ours stands in it: read from its chain and its nodes, whether or not our own node runs. */
import type { Metagraph, Neuron } from "../../chain/client/metagraph.ts";
import type { Hex } from "../../chain/wallet/hex.ts";
import { openHotkey } from "../../chain/wallet/wallet.ts";
import { memoryBlobs } from "../../src/blobs/memory.ts";
import { Lifecycle } from "../../src/command/lifecycle.ts";
import type { AxonAddress } from "../../src/network/client.ts";
import { lookAtRun, type ServedRun } from "../../src/run/live-run.ts";
import { reachSubnet, type SubnetPlace } from "../../src/run/reach.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { StatusOptions } from "./options.ts";

/** A validator that can be asked. */
export type ValidatorView = { readonly neuron: Neuron; readonly axon: AxonAddress };

/** What a command about standing works with. */
export type View = {
  readonly subnet: Subnet;
  readonly graph: Metagraph;
  readonly hotkey: { readonly publicKey: Hex; readonly ss58: string };
  /** Our hotkey's neuron, or null when it is not registered. */
  readonly own: Neuron | null;
  /** The live run; null while none is published, "unserved" when nobody hands out its manifest. */
  readonly run: ServedRun | null | "unserved";
  /** Validators with a permit and an address that may be asked, the most staked first. */
  readonly validators: readonly ValidatorView[];
  readonly signal: AbortSignal;
};

function validatorsOf(
  { neurons }: Metagraph,
  axons: ReadonlyMap<Hex, AxonAddress>,
): readonly ValidatorView[] {
  return neurons
    .filter(({ validatorPermit, stakeRao }) => validatorPermit && stakeRao > 0n)
    .toSorted((a, b) =>
      a.stakeRao === b.stakeRao ? a.uid - b.uid : a.stakeRao < b.stakeRao ? 1 : -1,
    )
    .flatMap((neuron) => {
      const axon = axons.get(neuron.hotkey);
      return axon === undefined ? [] : [{ neuron, axon }];
    });
}

/** What the chain and the nodes of a subnet show to everybody. */
type Seen = Pick<View, "subnet" | "graph" | "run" | "signal">;

/** Looks at the subnet, without a key, and runs `body` with what was seen. @throws ChainError subnet-missing; AssayError */
export async function withSubnet<T>(
  options: SubnetPlace,
  body: (seen: Seen) => Promise<T>,
): Promise<T> {
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  try {
    const subnet = await reachSubnet(options, { lifecycle, blobs: memoryBlobs() });
    const graph = await subnet.chain.metagraph(options.netuid);
    const { signal } = lifecycle;
    return await body({ subnet, graph, run: await lookAtRun(subnet, signal), signal });
  } catch (error) {
    throw lifecycle.failure ?? error;
  } finally {
    await lifecycle.close();
  }
}

/** The same with the hotkey of a wallet. @throws ChainError subnet-missing, wallet-missing; AssayError */
export async function withView<T>(
  options: StatusOptions,
  body: (view: View) => Promise<T>,
): Promise<T> {
  const { wallet, walletFolder } = options;
  const hotkey = await openHotkey({ folder: walletFolder, name: wallet, hotkey: options.hotkey });
  return withSubnet(options, async (seen) => {
    const { graph, subnet } = seen;
    const own = graph.neurons.find((one) => one.hotkey === hotkey.publicKey) ?? null;
    const axons = await subnet.finder.axons();
    return body({ ...seen, hotkey, own, validators: validatorsOf(graph, axons) });
  });
}
