/** @file Reaching a subnet: connects to its chain and follows its blocks until a lifecycle ends. */
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectionNews, connectChain, type SubmitNews } from "../../chain/client/client.ts";
import { patientClient } from "../../chain/client/patient.ts";
import type { RequestSigner } from "../auth/signed-request.ts";
import type { BlobStore } from "../blobs/directory.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import type { AssayError } from "../errors.ts";
import { type Hex, isHex } from "../protocol/digest.ts";
import { BlockClock } from "./block-clock.ts";
import { BlobFinder, type WrongBytes } from "./finder.ts";
import { passportOf } from "./passport.ts";
import type { Subnet } from "./subnet.ts";

/** Where a subnet is. */
export type SubnetPlace = {
  readonly netuid: number;
  /** WebSocket URLs with commas between: the first that answers is used, the others are kept ready. */
  readonly endpoint: string;
  /** Genesis hash that the chain must have. */
  readonly genesis?: string | undefined;
};

/** What reaching needs. */
export type ReachParts = {
  readonly lifecycle: Lifecycle;
  /** Where blobs are kept; a function where that depends on which chain it is. */
  readonly blobs: BlobStore | ((genesis: Hex) => BlobStore);
  /** Whether reads wait while the chain is away, by any length; else they fail within seconds. */
  readonly patient?: boolean;
  /** Whose hotkey this process speaks for, if any: peers that have no room for strangers have some for it. */
  readonly signer?: RequestSigner;
  /** Told when a peer refuses what was signed. */
  readonly onRefused?: (error: AssayError) => void;
  /** Told of wrong bytes that others sent, or sent to. */
  readonly onWrong?: (wrong: WrongBytes) => void;
  /** Told when the connection to the chain is lost, sought in vain, and back. */
  readonly onNews?: (news: ConnectionNews) => void;
  /** Told when an extrinsic is sent, and when its fate is known. */
  readonly onSubmit?: (news: SubmitNews) => void;
};

const pause = (ms: number): Promise<void> => sleep(ms);

/** The subnet at a place. @throws ChainError chain-unreachable, wrong-genesis, runtime-incompatible */
export async function reachSubnet(place: SubnetPlace, parts: ReachParts): Promise<Subnet> {
  const { netuid, genesis } = place;
  const { lifecycle, onNews, onSubmit, patient = false } = parts;
  const { signal } = lifecycle;
  const connected = await connectChain({
    endpoints: place.endpoint.split(","),
    signal,
    ...(onNews !== undefined && { onNews }),
    ...(onSubmit !== undefined && { onSubmit }),
    ...(genesis !== undefined && isHex(genesis, 32) && { expectedGenesis: genesis }),
  });
  lifecycle.onClose("chain", () => connected.close());
  const chain = patient ? patientClient(connected, signal) : connected;
  const blobs = typeof parts.blobs === "function" ? parts.blobs(chain.genesisHash) : parts.blobs;
  const blocks = new BlockClock(chain, await chain.head());
  const following = blocks.follow(signal).catch((error: unknown) => {
    if (!signal.aborted) lifecycle.fail(error);
  });
  lifecycle.onClose("blocks", () => following);
  // Only where nobody publishes a public address may strangers point a node at its own network.
  const allowPrivate = await chain.isDevelopmentChain();
  const passport =
    parts.signer &&
    passportOf(parts.signer, { netuid, genesis: chain.genesisHash }, parts.onRefused);
  const finder = new BlobFinder(
    { netuid, allowPrivate },
    {
      chain,
      blobs,
      ...(passport !== undefined && { passport }),
      ...(parts.onWrong !== undefined && { onWrong: parts.onWrong }),
    },
  );
  return { netuid, chain, blocks, blobs, finder, pause };
}
