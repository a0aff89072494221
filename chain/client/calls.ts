/** @file The calls Assay makes, with their arguments in the order of the chain's metadata. */
import { type Hex } from "../wallet/hex.ts";
import { type CommitmentField, commitmentArgument } from "./commitments.ts";
import { chainAddressOf } from "./internet-address.ts";
import { type CallSpec } from "./sign.ts";

/** Our server speaks HTTP; axons of Bittensor's SDK 10 state the same number. */
const PROTOCOL_HTTP = 4;
const AXON_VERSION = 1;

/** What `set_subnet_identity` may say; everything left out is empty. */
export type SubnetIdentity = {
  readonly name: string;
  readonly githubRepo?: string;
  readonly contact?: string;
  readonly url?: string;
  readonly discord?: string;
  readonly description?: string;
  readonly logoUrl?: string;
  /** Holds `assay:run=0x...`. */
  readonly additional?: string;
};

function subtensor(name: string, ...args: readonly unknown[]): CallSpec {
  return { pallet: "SubtensorModule", name, args };
}

/** Arguments of text type enter the library as hex, since it would read text that looks like hex as bytes. */
function blob(text: string | undefined): string {
  return `0x${Buffer.from(text ?? "", "utf8").toString("hex")}`;
}

export function setCommitment(netuid: number, fields: readonly CommitmentField[]): CallSpec {
  return {
    pallet: "Commitments",
    name: "set_commitment",
    args: [netuid, commitmentArgument(fields)],
  };
}

/** Weights by uid, u16 each. `versionKey` must be at least the subnet's. */
export type WeightVector = {
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly versionKey: bigint;
};

/** Mechanism 0 by the newer call, as the Python SDK does. */
export function setWeights(netuid: number, weights: WeightVector): CallSpec {
  const { uids, values, versionKey } = weights;
  return subtensor("set_mechanism_weights", netuid, 0, uids, values, versionKey);
}

/** @throws ChainError invalid-address */
export function serveAxon(
  netuid: number,
  axon: { readonly ip: string; readonly port: number },
): CallSpec {
  const { ip, kind } = chainAddressOf(axon.ip);
  const args = [netuid, AXON_VERSION, ip, axon.port, kind, PROTOCOL_HTTP, 0, 0];
  return subtensor("serve_axon", ...args);
}

export function burnedRegister(netuid: number, hotkey: Hex): CallSpec {
  return subtensor("burned_register", netuid, hotkey);
}

export function registerNetwork(hotkey: Hex): CallSpec {
  return subtensor("register_network", hotkey);
}

export function startCall(netuid: number): CallSpec {
  return subtensor("start_call", netuid);
}

export function addStake(hotkey: Hex, netuid: number, amountRao: bigint): CallSpec {
  return subtensor("add_stake", hotkey, netuid, amountRao);
}

export function removeStake(hotkey: Hex, netuid: number, amountRao: bigint): CallSpec {
  return subtensor("remove_stake", hotkey, netuid, amountRao);
}

/** Stake of one coldkey on a hotkey of a subnet, before or after a move. */
export type StakePlace = { readonly hotkey: Hex; readonly netuid: number };

export function moveStake(from: StakePlace, to: StakePlace, amountRao: bigint): CallSpec {
  return subtensor("move_stake", from.hotkey, to.hotkey, from.netuid, to.netuid, amountRao);
}

/** Gives stake to another coldkey, on the same subnet. */
export function transferStake(
  to: Hex,
  { hotkey, netuid }: StakePlace,
  amountRao: bigint,
): CallSpec {
  return subtensor("transfer_stake", to, hotkey, netuid, netuid, amountRao);
}

export function setSubnetIdentity(netuid: number, identity: SubnetIdentity): CallSpec {
  const { name, githubRepo, contact, url, discord, description, logoUrl, additional } = identity;
  const texts = [name, githubRepo, contact, url, discord, description, logoUrl, additional];
  return subtensor("set_subnet_identity", netuid, ...texts.map(blob));
}

/** `keepAlive` fails rather than closing the sender's account, which happens below the existential deposit. */
export function transfer(to: Hex, amountRao: bigint, keepAlive: boolean): CallSpec {
  const name = keepAlive ? "transfer_keep_alive" : "transfer_allow_death";
  return { pallet: "Balances", name, args: [{ Id: to }, amountRao] };
}

/** Everything that is free after the fee; with `keepAlive` the existential deposit stays. */
export function transferAll(to: Hex, keepAlive: boolean): CallSpec {
  return { pallet: "Balances", name: "transfer_all", args: [{ Id: to }, keepAlive] };
}
