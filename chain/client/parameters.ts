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
import { type ChainState } from "./state.ts";
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

async function readHolds(
  state: ChainState,
  { netuid, owner, at }: { readonly netuid: number; readonly owner: Hex; readonly at: Hex },
): Promise<ParameterHolds> {
  const batch = state.batch();
  const [cycle, last, pending] = [tempo, lastEpochBlock, pendingEpochAt].map((item) =>
    batch.askValue(item, netuid),
  );
  const [window, tempos, versions] = [freezeWindow, ownerTempos, versionTempos].map((item) =>
    batch.askValue(item),
  );
  const changes = OWNER_PARAMETER_NAMES.map((name) => {
    const { counted } = parameterNamed(name);
    const key = limitKey(netuid, counted);
    if (key !== null) return { name, counted, at: batch.askValue(lastRateLimited, key) };
    if (counted?.by !== "account") return { name, counted, at: () => 0 };
    return { name, counted, at: batch.askValue(lastByKind, owner, netuid, counted.kind) };
  });
  const [block] = await Promise.all([readNumber(state, at), batch.read(at)]);
  const blocks = cycle?.() ?? 0;
  const rates = {
    parameter: blocks * (tempos?.() ?? 0),
    version: blocks * (versions?.() ?? 0),
  };
  // A call that is sent now runs in the next block at the earliest.
  const next = block + 1;
  const triggered = pending?.() ?? 0;
  const regular = (last?.() ?? 0) + blocks;
  const isNear = blocks > 0 && Math.max(0, regular - next) < (window?.() ?? 0);
  const epoch = triggered > next ? triggered : isNear ? Math.max(regular, next) : null;
  const free = changes
    .map(
      ({ name, counted, at: changed }) => [name, changed(), blocksBetween(counted, rates)] as const,
    )
    .filter(([, changed, between]) => changed > 0 && changed + between > next)
    .map(([name, changed, between]) => [name, changed + between] as const);
  return { block, frozenUntil: blocks === 0 ? null : epoch, freeFrom: new Map(free) };
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
