/** @file The owner's hyperparameters on a chain: what they are, what holds their changes up, and changing one. */
import { publicKeyOf } from "../wallet/account.ts";
import { type Hex } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import { readNumber } from "./heads.ts";
import {
  type Counted,
  limitKey,
  OWNER_PARAMETER_NAMES,
  parameterCall,
  type ParameterName as Name,
  parameterNamed,
  type ParameterValue as Value,
} from "./owner-parameters.ts";
import { type AccountText, blockOf, type ClientParts, type Submitted, submitted } from "./parts.ts";
import { type Answer, type ChainState, type StateBatch } from "./state.ts";
import { countItem, u16Item } from "./storage-item.ts";

/** Name of a parameter. */
export type ParameterName = Name;
/** Value of a parameter. */
export type ParameterValue = Value;

/** Values of all parameters. */
export type OwnerParameters = ReadonlyMap<ParameterName, ParameterValue>;

/** What holds changes up, for a call that is sent now. */
export type ParameterHolds = {
  /** Block of the state that was read. */
  readonly block: number;
  /** Block whose epoch ends the freeze; null: nothing is frozen. */
  readonly frozenUntil: number | null;
  /** First block in which the owner may change a parameter again; absent: now. */
  readonly freeFrom: ReadonlyMap<ParameterName, number>;
};

/** Reads and calls of an owner's hyperparameters. */
export type Parameters = {
  ownerParameters(netuid: number, at?: Hex): Promise<OwnerParameters>;
  /** `owner`: the coldkey, by which some changes are counted. */
  parameterHolds(netuid: number, owner: AccountText, at?: Hex): Promise<ParameterHolds>;
  setOwnerParameter(
    coldkey: Signer,
    netuid: number,
    change: { readonly name: ParameterName; readonly value: ParameterValue },
  ): Promise<Submitted>;
};

/** Blocks between two changes, where upstream has constants. */
const OWNER_HOTKEY_BLOCKS = 50_400;
const KIND_BLOCKS: ReadonlyMap<number, number> = new Map([
  [7, 7_200],
  [8, 7_200],
  [11, 360],
]);
const WEIGHTS_VERSION_KIND = 4;

const tempo = u16Item("Tempo");
const lastEpochBlock = countItem("LastEpochBlock");
const pendingEpochAt = countItem("PendingEpochAt");
const freezeWindow = u16Item("AdminFreezeWindow");
const ownerTempos = u16Item("OwnerHyperparamRateLimit");
const versionTempos = countItem("WeightsVersionKeyRateLimit");
const lastRateLimited = countItem("LastRateLimitedBlock");
const lastByKind = countItem("TransactionKeyLastBlock");

async function readParameters(
  state: ChainState,
  netuid: number,
  at: Hex,
): Promise<OwnerParameters> {
  const batch = state.batch();
  const asked = OWNER_PARAMETER_NAMES.map((name) => {
    const { item, optional } = parameterNamed(name);
    if (optional === undefined) return [name, batch.askValue(item, netuid)] as const;
    const answer = batch.ask(item, netuid);
    return [name, () => answer() ?? []] as const;
  });
  await batch.read(at);
  return new Map(asked.map(([name, answer]) => [name, answer()]));
}

/** What the rates are, in blocks. */
type Rates = { readonly parameter: number; readonly version: number };

function blocksBetween(counted: Counted, rates: Rates): number {
  if (counted?.by === "subnet") return rates.parameter;
  if (counted?.by === "owner-hotkey") return OWNER_HOTKEY_BLOCKS;
  if (counted === null) return 0;
  return counted.kind === WEIGHTS_VERSION_KIND
    ? rates.version
    : (KIND_BLOCKS.get(counted.kind) ?? 0);
}

/** The clock of a subnet's epochs, in blocks. */
type Clock = {
  readonly tempo: number;
  readonly last: number;
  readonly pending: number;
  readonly window: number;
};

/** Block whose epoch ends the freeze, for a call that runs in block `next`; null: nothing is frozen. */
function frozenUntil({ tempo: blocks, last, pending, window }: Clock, next: number): number | null {
  if (blocks === 0) return null;
  if (pending > next) return pending;
  const regular = Math.max(last + blocks, next);
  return regular - next < window ? regular : null;
}

/** Asks for the block of the last change of a parameter; 0: none, or changes are not counted. */
function askChanged(
  batch: StateBatch,
  counted: Counted,
  { netuid, owner }: { readonly netuid: number; readonly owner: Hex },
): Answer<number> {
  const key = limitKey(netuid, counted);
  if (key !== null) return batch.askValue(lastRateLimited, key);
  if (counted?.by !== "account") return () => 0;
  return batch.askValue(lastByKind, owner, netuid, counted.kind);
}

async function readHolds(
  state: ChainState,
  where: { readonly netuid: number; readonly owner: Hex; readonly at: Hex },
): Promise<ParameterHolds> {
  const { netuid, at } = where;
  const batch = state.batch();
  const cycle = batch.askValue(tempo, netuid);
  const last = batch.askValue(lastEpochBlock, netuid);
  const pending = batch.askValue(pendingEpochAt, netuid);
  const window = batch.askValue(freezeWindow);
  const tempos = batch.askValue(ownerTempos);
  const versions = batch.askValue(versionTempos);
  const changes = OWNER_PARAMETER_NAMES.map((name) => {
    const { counted } = parameterNamed(name);
    return { name, counted, changed: askChanged(batch, counted, where) };
  });
  const [block] = await Promise.all([readNumber(state, at), batch.read(at)]);
  // A call that is sent now runs in the next block at the earliest.
  const next = block + 1;
  const rates = { parameter: cycle() * tempos(), version: cycle() * versions() };
  const free = changes
    .map(({ name, counted, changed }) => [name, changed(), blocksBetween(counted, rates)] as const)
    .filter(([, changed, between]) => changed > 0 && changed + between > next)
    .map(([name, changed, between]) => [name, changed + between] as const);
  const clock = { tempo: cycle(), last: last(), pending: pending(), window: window() };
  return { block, frozenUntil: frozenUntil(clock, next), freeFrom: new Map(free) };
}

/** The group over a connected chain. */
export function parametersOf(parts: ClientParts): Parameters {
  const { state } = parts;
  return {
    ownerParameters: async (netuid, at) => readParameters(state, netuid, await blockOf(state, at)),
    parameterHolds: async (netuid, owner, at) =>
      readHolds(state, { netuid, owner: publicKeyOf(owner), at: await blockOf(state, at) }),
    setOwnerParameter: async (coldkey, netuid, { name, value }) =>
      submitted(parts, coldkey, parameterCall(netuid, name, value)),
  };
}
