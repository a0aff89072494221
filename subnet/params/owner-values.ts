/** @file What [chain] and [hyperparameters] of an owner's file mean on the chain, parameter by parameter. */
import { isDeepStrictEqual } from "node:util";
import type {
  OwnerParameters,
  ParameterName,
  ParameterValue,
} from "../../chain/client/parameters.ts";
import { publicKeyOf, ss58Of } from "../../chain/wallet/account.ts";
import { AssayError } from "../../src/errors.ts";
import type { SubnetConfig } from "../config/schema.ts";

/** A key whose value on the chain differs from the file's. */
export type ParameterChange = {
  readonly name: ParameterName;
  /** Key of the file, or keys, as people write them. */
  readonly key: string;
  readonly before: ParameterValue;
  readonly after: ParameterValue;
};

/** A key that the file has otherwise than the chain, and that only Root may change. */
export type RootOnly = { readonly key: string; readonly before: number; readonly after: number };

/** Tempos that an owner may set, in blocks. */
export const OWNER_TEMPO = { least: 360, most: 50_400 } as const;

const SHARES_SUM = 65_535;
const FRACTION_BITS = 2 ** 64;

const bad = (detail: string): AssayError => new AssayError({ code: "bad-option", detail });

function sharesOf(written: string): readonly number[] {
  if (written === "even") return [];
  const shares = written.split(",").map((part) => Number(part.trim()));
  const sum = shares.reduce((all, one) => all + one, 0);
  if (shares.every((one) => Number.isInteger(one) && one >= 0) && sum === SHARES_SUM) return shares;
  throw bad(
    `hyperparameters.mechanismShares = ${JSON.stringify(written)} must be "even" or whole numbers with commas between that sum to ${SHARES_SUM}`,
  );
}

function difficultyOf(written: string): bigint {
  if (/^\d{1,19}$/.test(written)) return BigInt(written);
  throw bad(`hyperparameters.maxDifficulty = ${JSON.stringify(written)} must be a whole number`);
}

function hotkeyOf(written: string): string {
  try {
    return publicKeyOf(written);
  } catch (cause) {
    const detail = `hyperparameters.ownerHotkey = ${JSON.stringify(written)} must be an address, or "unchanged"`;
    throw new AssayError({ code: "bad-option", detail }, { cause });
  }
}

/** A configuration, and which of its keys somebody named: only those are anybody's wish. */
export type Wishes = { readonly config: SubnetConfig; readonly named: ReadonlySet<string> };

/** What the file asks for, its defaults included. @throws AssayError bad-option for a text that is none of its kind */
function wantedOf({ chain, hyperparameters: own }: SubnetConfig): OwnerParameters {
  const wanted = new Map<ParameterName, ParameterValue>([
    ["activityCutoffFactorMilli", own.activityCutoffFactorMilli],
    ["immunityPeriod", chain.immunityPeriod],
    ["servingRateLimit", chain.servingRateLimit],
    ["maxAllowedUids", chain.maximumUids],
    ["ownerCut", own.ownerCut],
    ["ownerCutAutoLock", own.ownerCutAutoLock],
    ["ownerImmuneUids", own.ownerImmuneUids],
    ["recycleOrBurn", own.recycleOrBurn],
    ["transfers", own.transfers],
    ["minAllowedWeights", own.minAllowedWeights],
    ["weightsVersion", own.weightsVersion],
    ["commitReveal", own.commitReveal],
    ["revealPeriodEpochs", own.revealPeriodEpochs],
    ["activityCutoff", own.activityCutoff],
    ["bondsMovingAverage", own.bondsMovingAverage],
    ["bondsPenalty", own.bondsPenalty],
    ["bondsReset", own.bondsReset],
    ["yuma3", own.yuma3],
    ["liquidAlpha", own.liquidAlpha],
    ["alphaValues", [own.alphaLow, own.alphaHigh]],
    ["alphaSteepness", own.alphaSteepness],
    ["rho", own.rho],
    ["minBurnRao", BigInt(own.minBurnRao)],
    ["maxBurnRao", BigInt(own.maxBurnRao)],
    ["burnHalfLife", own.burnHalfLife],
    ["burnIncrease", BigInt(own.burnIncrease * FRACTION_BITS)],
    ["maxDifficulty", difficultyOf(own.maxDifficulty)],
    ["adjustmentAlpha", BigInt(own.adjustmentAlpha)],
    ["minChildkeyTake", own.minChildkeyTake],
    ["mechanisms", own.mechanisms],
    ["mechanismShares", sharesOf(own.mechanismShares)],
  ]);
  if (own.ownerHotkey !== "unchanged") wanted.set("ownerHotkey", hotkeyOf(own.ownerHotkey));
  if (isOwnersTempo(chain.tempo)) wanted.set("tempo", chain.tempo);
  return wanted;
}

const isOwnersTempo = (tempo: number): boolean =>
  tempo >= OWNER_TEMPO.least && tempo <= OWNER_TEMPO.most;

const OTHER_KEYS: ReadonlyMap<ParameterName, readonly string[]> = new Map([
  ["tempo", ["chain.tempo"]],
  ["immunityPeriod", ["chain.immunityPeriod"]],
  ["servingRateLimit", ["chain.servingRateLimit"]],
  ["maxAllowedUids", ["chain.maximumUids"]],
  ["alphaValues", ["hyperparameters.alphaLow", "hyperparameters.alphaHigh"]],
]);

/** Keys of the file that make a parameter. */
const keysOf = (name: ParameterName): readonly string[] =>
  OTHER_KEYS.get(name) ?? [`hyperparameters.${name}`];

/** What the file asks of a parameter whose value is `before`; of a list only what is named. */
function wishOf(
  before: ParameterValue,
  after: ParameterValue,
  isNamed: readonly boolean[],
): ParameterValue {
  if (isNamed.length === 1 || !Array.isArray(before) || !Array.isArray(after)) return after;
  return after.map((value: number, index) =>
    isNamed[index] === true ? value : Number(before[index] ?? value),
  );
}

/** What of the file's own words differs from the chain, in an order in which one change allows the next. */
export function parameterChanges(
  found: OwnerParameters,
  { config, named }: Wishes,
): readonly ParameterChange[] {
  const wanted = wantedOf(config);
  return [...found].flatMap(([name, before]) => {
    const keys = keysOf(name);
    const isNamed = keys.map((key) => named.has(key));
    const asked = wanted.get(name);
    if (asked === undefined || !isNamed.includes(true)) return [];
    const after = wishOf(before, asked, isNamed);
    const key = keys.filter((_, index) => isNamed[index]).join(", ");
    return isDeepStrictEqual(before, after) ? [] : [{ name, key, before, after }];
  });
}

/** What of the file's own words only Root could bring about. */
export function rootChanges(
  found: {
    readonly tempo: number;
    readonly weightsRateLimit: number;
    readonly maxAllowedValidators: number;
  },
  { config: { chain }, named }: Wishes,
): readonly RootOnly[] {
  const keys: readonly RootOnly[] = [
    ...(isOwnersTempo(chain.tempo)
      ? []
      : [{ key: "chain.tempo", before: found.tempo, after: chain.tempo }]),
    {
      key: "chain.weightsRateLimit",
      before: found.weightsRateLimit,
      after: chain.weightsRateLimit,
    },
    {
      key: "chain.maximumValidators",
      before: found.maxAllowedValidators,
      after: chain.maximumValidators,
    },
  ];
  return keys.filter(({ key, before, after }) => named.has(key) && before !== after);
}

/** A value as people write it in the file. */
export function valueText(name: ParameterName, value: ParameterValue): string {
  if (name === "burnIncrease") return String(Number(value) / FRACTION_BITS);
  if (name === "ownerHotkey") return ss58Of(publicKeyOf(String(value)));
  if (name === "mechanismShares" && Array.isArray(value) && value.length === 0) return "even";
  return Array.isArray(value) ? value.join(", ") : String(value);
}
