/** @file `subnet create`: registers a subnet with the owner's wallet, names it and starts it; every step can be taken up again. */
import { isDeepStrictEqual } from "node:util";
import { taoText } from "../../base/tao.ts";
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import { refusalNames } from "../../chain/client/refusal.ts";
import type { SubnetSummary } from "../../chain/client/subnets.ts";
import { ss58Of } from "../../chain/wallet/account.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { openHotkey, readColdkeyPublic } from "../../chain/wallet/wallet.ts";
import type { Told } from "../../src/command/command.ts";
import { confirm, type Terminal } from "../../src/command/confirm.ts";
import { AssayError } from "../../src/errors.ts";
import { type Hex, isHex } from "../../src/protocol/digest.ts";
import { unlockColdkey } from "../../src/neuron/coldkey.ts";
import { SendingTeller } from "../../src/neuron/sending.ts";
import { requireOwner } from "../owner/keys.ts";
import { OWNER_KEYS } from "../owner/options.ts";
import { nextOf, type OwnerPlace, placeOf, requireFile } from "../owner/place.ts";
import { requireKey, setInFile } from "../config/set-key.ts";
import type { CreateOptions } from "./options.ts";
import { existingOf } from "./existing.ts";
import { chainReport } from "./report.ts";

/** Where results go, and whom to ask. */
export type CreateParts = Told & {
  readonly print: (text: string) => void;
  /** Told what came of it, for programs. */
  readonly result?: (value: object) => void;
  readonly terminal: Terminal;
};

/** Who creates, where. */
type Owner = {
  readonly chain: ChainClient;
  readonly place: OwnerPlace;
  readonly coldkey: Hex;
  readonly hotkey: Signer;
};

/** Beside the price: three calls, and what an account must keep. Generous, since a half-made subnet is worth nothing. */
const FEES_RAO = 10_000_000n;

/** The subnets of a coldkey, by netuid. */
async function ownedBy(chain: ChainClient, coldkey: Hex): Promise<readonly SubnetSummary[]> {
  return (await chain.subnets()).filter((one) => one.ownerColdkey === coldkey);
}

/** Says price, balance and what remains; refuses without funds. @throws AssayError not-enough-funds */
async function showPrice(
  { chain, coldkey, hotkey }: Owner,
  print: CreateParts["print"],
): Promise<void> {
  const [price, balance, faucet] = await Promise.all([
    chain.networkLockCost(),
    chain.balance(coldkey),
    chain.isDevelopmentChain(),
  ]);
  const account = ss58Of(coldkey);
  if (balance < price + FEES_RAO)
    throw new AssayError({
      code: "not-enough-funds",
      account,
      haveRao: balance,
      needRao: price + FEES_RAO,
      purpose: "Creating a subnet, fees included,",
      faucet,
    });
  print(`coldkey   ${account}`);
  print(`hotkey    ${hotkey.ss58}, which becomes uid 0`);
  print(`price     ${taoText(price)}, locked for as long as the subnet exists`);
  print(`balance   ${taoText(balance)}, after it about ${taoText(balance - price)}`);
}

/** Registers the subnet; returns its number. */
async function register(
  owner: Owner,
  coldkey: Signer,
  print: CreateParts["print"],
): Promise<number> {
  const { netuid, block } = await owner.chain.registerNetwork(coldkey, owner.hotkey.ss58);
  print(`subnet ${netuid} exists since block ${block.number}`);
  return netuid;
}

/** What the steps after the registration share. */
type Finishing = {
  readonly options: CreateOptions;
  readonly coldkey: Signer;
  readonly print: CreateParts["print"];
};

/** Writes name and texts that were given; keeps the others, and what stands in `additional`. */
async function setIdentity(
  { chain, place }: Owner,
  netuid: number,
  { options, coldkey, print }: Finishing,
): Promise<void> {
  const before = await chain.identity(netuid);
  const { url, contact, description } = options;
  const kept = before === null || before.name === "" ? place.config.name : before.name;
  const identity = {
    ...before,
    name: options.name ?? kept,
    ...(url !== undefined && { url }),
    ...(contact !== undefined && { contact }),
    ...(description !== undefined && { description }),
  };
  if (before !== null && isDeepStrictEqual(identity, { ...before })) return;
  await chain.setSubnetIdentity(coldkey, netuid, identity);
  print(`named ${identity.name}`);
}

/** Lets it emit. On chains that make owners wait, says so: it is no failure. */
async function start(
  { chain }: Owner,
  netuid: number,
  { coldkey, print }: Finishing,
): Promise<void> {
  try {
    const { block } = await chain.startCall(coldkey, netuid);
    print(`started: it emits tokens from block ${block.number + 1} on`);
  } catch (error) {
    if (!refusalNames(error).includes("NeedWaitingMoreBlocksToStarCall")) throw error;
    print(
      "not started yet: on this chain a new subnet may start only some time after its creation;",
    );
    print(`run this again then, with --netuid ${netuid}`);
  }
}

/** Does what is left to do on a subnet that is there. */
async function finish(owner: Owner, netuid: number, parts: Finishing): Promise<void> {
  await setIdentity(owner, netuid, parts);
  const found = (await owner.chain.subnets()).find((one) => one.netuid === netuid);
  if (found?.startedAt === null) await start(owner, netuid, parts);
}

/** Writes the number into the owner's file, where every other command looks for it. */
async function keepNetuid(
  { file, config }: OwnerPlace,
  netuid: number,
  print: CreateParts["print"],
): Promise<void> {
  if (file === null || config.chain.netuid === netuid) return;
  await setInFile(file, requireKey("chain.netuid"), netuid);
  print(`${file}: chain.netuid = ${netuid}`);
}

/** Whether there is nothing left to do on a subnet. */
function isWhole(subnet: SubnetSummary, options: CreateOptions): boolean {
  const { name, url, contact, description } = options;
  const says = [name, url, contact, description].some((text) => text !== undefined);
  return subnet.startedAt !== null && subnet.name !== "" && !says;
}

/** Registers, names and starts as far as that is still to be done; returns the subnet's number. */
async function make(
  owner: Owner,
  options: CreateOptions,
  { print, terminal }: CreateParts,
): Promise<number> {
  const { chain, place, coldkey: publicKey } = owner;
  if (options.netuid !== undefined)
    await requireOwner(chain, options.netuid, {
      coldkey: publicKey,
      walletFolder: options.walletFolder,
    });
  const owned = await ownedBy(chain, publicKey);
  const existing = existingOf(options, { owned, namedInFile: place.config.chain.netuid });
  if (existing !== null && isWhole(existing, options)) {
    print(`subnet ${existing.netuid} (${existing.name}) is there and started`);
    return existing.netuid;
  }
  if (existing === null) await showPrice(owner, print);
  else print(`subnet ${existing.netuid} of this coldkey is there: what is missing or new is set`);
  const question = existing === null ? "Create a subnet?" : "Go on?";
  await confirm(question, { yes: options.yes, terminal });
  const coldkey = await unlockColdkey(options);
  const netuid = existing?.netuid ?? (await register(owner, coldkey, print));
  await finish(owner, netuid, { options, coldkey, print });
  return netuid;
}

async function create(owner: Owner, options: CreateOptions, parts: CreateParts): Promise<void> {
  const { chain, place } = owner;
  const { print } = parts;
  const netuid = await make(owner, options, parts);
  await keepNetuid(place, netuid, print);
  for (const line of chainReport(place.config, await chain.hyperparameters(netuid))) print(line);
  const next = nextOf("subnet publish", place, {
    keep: OWNER_KEYS.filter((key) => key !== "netuid"),
    set: place.file === null ? { netuid } : {},
  });
  print(`next: ${parts.line(next)}`);
  parts.result?.({ netuid, next: parts.line(next) });
}

/**
 * Creates a subnet, or finishes one of this coldkey that was left half-made.
 * @throws AssayError not-enough-funds, not-owner, declined, bad-option; ChainError
 */
export async function createSubnet(options: CreateOptions, parts: CreateParts): Promise<void> {
  const { wallet: name, walletFolder: folder, genesis } = options;
  const place = placeOf(options);
  if (options.name === undefined) requireFile(place);
  const [coldkey, hotkey] = await Promise.all([
    readColdkeyPublic({ folder, name }),
    openHotkey({ folder, name, hotkey: options.hotkey }),
  ]);
  const teller = new SendingTeller(parts);
  const chain = await connectChain({
    endpoints: place.endpoint.split(","),
    ...teller.connecting,
    ...(genesis !== undefined && isHex(genesis, 32) && { expectedGenesis: genesis }),
  });
  try {
    await create({ chain, place, coldkey, hotkey }, options, parts);
  } finally {
    teller.close();
    await chain.close();
  }
}
