/** @file Whose records a page is made from: the validators with the most stake that publish an address. */
import type { Neuron } from "../../chain/client/metagraph.ts";
import type { AxonAddress } from "../network/client.ts";
import type { Hex } from "../protocol/digest.ts";

/** A validator whose records are read; the first one's count, the others fill gaps and are asked for their opinion. */
export type Judge = {
  readonly uid: number;
  readonly hotkey: Hex;
  readonly axon: AxonAddress;
};

/** More would tell a person nothing new, and each is asked over the network. */
const MOST_JUDGES = 4;

/** The judges of a subnet, by falling stake. @param axons - addresses that may be asked */
export function judgesOf(
  neurons: readonly Pick<Neuron, "uid" | "hotkey" | "validatorPermit" | "stakeRao">[],
  axons: ReadonlyMap<Hex, AxonAddress>,
): readonly Judge[] {
  return neurons
    .filter(({ validatorPermit, stakeRao }) => validatorPermit && stakeRao > 0n)
    .toSorted((a, b) =>
      a.stakeRao === b.stakeRao ? a.uid - b.uid : a.stakeRao < b.stakeRao ? 1 : -1,
    )
    .flatMap(({ uid, hotkey }) => {
      const axon = axons.get(hotkey);
      return axon === undefined ? [] : [{ uid, hotkey, axon }];
    })
    .slice(0, MOST_JUDGES);
}
