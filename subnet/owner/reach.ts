/** @file Reaching a subnet as its owner, or as somebody who looks at it: with what was published from this machine. */
import type { NextCommand } from "../../base/fault.ts";
import type { Lifecycle } from "../../src/command/lifecycle.ts";
import { openLog } from "../../src/command/log.ts";
import { outageTeller } from "../../src/neuron/outages.ts";
import type { openStore } from "../../src/neuron/store.ts";
import { SendingTeller } from "../../src/neuron/sending.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { type ReachParts, reachSubnet } from "../../src/run/reach.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { OwnerPlace } from "./place.ts";
import { PublicationFolder } from "./publication.ts";

const SILENT = openLog({ name: "owner", level: "silent" });

/** A subnet, and the folder of its owner on this machine. */
export type Reached = { readonly subnet: Subnet; readonly publications: PublicationFolder };

/**
 * `keep`: blobs that are found stay in the folder, which is made if missing. `say`: for what runs for days; told when the
 * chain is away and back, and reads wait for it. `line`: for what sends; a person then hears of an extrinsic that waits.
 */
type ReachOptions = {
  readonly folder: string;
  readonly keep: boolean;
  /** Where others read what is published. */
  readonly store?: Parameters<typeof openStore>[0];
  readonly say?: (text: string) => void;
  readonly line?: (command: NextCommand) => string;
};

/** What people are told of the connection. */
function tellers(
  { say, line }: ReachOptions,
  lifecycle: Lifecycle,
): Pick<ReachParts, "patient" | "onNews" | "onSubmit"> {
  const lasting = say !== undefined && { patient: true, onNews: outageTeller(say, SILENT) };
  if (line === undefined) return { ...lasting };
  const teller = new SendingTeller({ line });
  lifecycle.onClose("sending", async () => teller.close());
  return { ...teller.connecting, ...lasting };
}

/** Reaches the subnet. @throws ChainError chain-unreachable, wrong-genesis, runtime-incompatible */
export async function reachPlace(
  { netuid, endpoint, genesis }: OwnerPlace,
  options: ReachOptions,
  lifecycle: Lifecycle,
): Promise<Reached> {
  const { folder, keep } = options;
  const folderOf = (hash: Hex): PublicationFolder => new PublicationFolder(folder, netuid, hash);
  const subnet = await reachSubnet(
    { netuid, endpoint, genesis },
    {
      lifecycle,
      ...tellers(options, lifecycle),
      blobs: (hash) =>
        keep
          ? folderOf(hash).blobs(options.store, { lifecycle, say: options.say })
          : folderOf(hash).blobsIfThere(),
    },
  );
  return { subnet, publications: folderOf(subnet.chain.genesisHash) };
}
