/** @file A network with something to do: a subnet whose epochs pay a miner, transfers in its blocks, weights now and then. */
import { connectChain } from "../client/client.ts";
import type { JsonObject } from "../embedded/codec/exact-json.ts";
import { signerFromUri } from "../wallet/signer.ts";
import type { Print } from "./acts.ts";
import type { Network } from "./network.ts";
import { heightOf } from "./rpc.ts";

const NETUID = 1;
const TEMPO = 12;
const MINER_UID = 1;
const WEALTH_RAO = 1_000_000_000_000_000;
const STAKE_RAO = 3_000_000_000_000;
const [rich, validator, miner] = ["//Alice", "//Bob", "//Charlie"].map(signerFromUri);
const coldkey = signerFromUri("//Bob//cold");

/** The subnet: one validator with stake, one miner, an epoch every thirteen blocks. */
export function busyPatch(): JsonObject {
  const accounts = [rich, validator, miner, coldkey].flatMap((one) => one?.ss58 ?? []);
  const neuron = (hotkey: string, stake: number): JsonObject => {
    return { hotkey, coldkey: coldkey.ss58, stake, validatorPermit: stake > 0 };
  };
  const owner = { ownerColdkey: rich?.ss58 ?? "", ownerHotkey: signerFromUri("//owner").ss58 };
  const neurons = [neuron(validator?.ss58 ?? "", STAKE_RAO), neuron(miner?.ss58 ?? "", 0)];
  return {
    balances: { balances: accounts.map((ss58) => [ss58, WEALTH_RAO]) },
    subtensorModule: {
      networks: [{ ...owner, netuid: NETUID, tempo: TEMPO, additional: "", neurons }],
    },
  };
}

/** Sends until `blocks` are final: a transfer after the other, weights about once an epoch. @throws ChainError, Error without incentive */
export async function keepBusy(network: Network, blocks: number, print: Print): Promise<void> {
  const [node] = network.nodes;
  if (node === undefined || rich === undefined || validator === undefined || miner === undefined)
    throw new Error("nobody to send");
  const chain = await connectChain({ endpoints: [node.endpoint] });
  try {
    let [transfers, votes, votedAt] = [0, 0, 0];
    for (;;) {
      const { final } = await heightOf(node.rpcPort);
      if (final >= blocks) break;
      if (final > votedAt + TEMPO) {
        const weights = { uids: [MINER_UID], values: [1 + votes], versionKey: 0n };
        await chain.setWeights(validator, NETUID, weights);
        votes++;
        votedAt = final;
      }
      transfers++;
      await chain.transfer(rich, miner.publicKey, BigInt(transfers));
    }
    const { neurons } = await chain.metagraph(NETUID);
    const { emissionRao = 0n } = neurons[MINER_UID] ?? {};
    if (emissionRao === 0n) throw new Error("no epoch paid the miner");
    print(
      `${blocks} blocks with ${transfers} transfers and ${votes} times weights: the miner is paid`,
    );
  } finally {
    await chain.close();
  }
}
