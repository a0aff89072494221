/** @file Reaching a subnet: connects to its chain and follows its blocks until a lifecycle ends. */
import { connectChain } from "../../chain/client/client.ts";
import type { BlobStore } from "../blobs/directory.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import { isPrivateAddress } from "../network/address.ts";
import { type Hex, isHex } from "../protocol/digest.ts";
import { BlockClock } from "./block-clock.ts";
import { BlobFinder } from "./finder.ts";
import type { Subnet } from "./subnet.ts";

/** Where a subnet is. */
export type SubnetPlace = {
  readonly netuid: number;
  /** WebSocket URLs with commas between; the first that answers is used. */
  readonly endpoint: string;
  /** Genesis hash that the chain must have. */
  readonly genesis?: string | undefined;
};

/** What reaching needs. */
export type ReachParts = {
  readonly lifecycle: Lifecycle;
  /** Where blobs are kept; a function where that depends on which chain it is. */
  readonly blobs: BlobStore | ((genesis: Hex) => BlobStore);
  /** Whether axons at private addresses are asked; default: if every endpoint is at one itself. */
  readonly allowPrivate?: boolean;
  /** Told before the lifecycle fails because the chain is gone for good. */
  readonly onLost?: (error: unknown) => void;
};

/** An endpoint on this machine or in this network belongs to a private subnet, whose axons are private too. */
function isPrivateEndpoint(endpoint: string): boolean {
  const host = URL.parse(endpoint)?.hostname.replaceAll(/[[\]]/g, "") ?? "";
  return host === "localhost" || (/^[\d.]+$|:/.test(host) && isPrivateAddress(host));
}

/** The subnet at a place. @throws ChainError chain-unreachable, wrong-genesis, runtime-incompatible */
export async function reachSubnet(place: SubnetPlace, parts: ReachParts): Promise<Subnet> {
  const { netuid, genesis } = place;
  const { lifecycle, onLost } = parts;
  const endpoints = place.endpoint.split(",");
  const chain = await connectChain({
    endpoints,
    signal: lifecycle.signal,
    ...(genesis !== undefined && isHex(genesis, 32) && { expectedGenesis: genesis }),
  });
  lifecycle.onClose("chain", () => chain.close());
  const blobs = typeof parts.blobs === "function" ? parts.blobs(chain.genesisHash) : parts.blobs;
  const blocks = new BlockClock(chain, await chain.head());
  const following = blocks.follow(lifecycle.signal).catch((error: unknown) => {
    if (lifecycle.signal.aborted) return;
    onLost?.(error);
    lifecycle.fail(error);
  });
  lifecycle.onClose("blocks", () => following);
  const allowPrivate = parts.allowPrivate ?? endpoints.every(isPrivateEndpoint);
  const finder = new BlobFinder({ netuid, allowPrivate }, { chain, blobs });
  return { netuid, chain, blocks, blobs, finder };
}
