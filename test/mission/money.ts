/** @file All money of a chain at a block, read with a plain @polkadot/api client from storage: nothing of it owes anything to our own client or pallets' sums. */
import assert from "node:assert/strict";
import type { ApiPromise } from "@polkadot/api";
import { z } from "zod";

/** A number of shares: mantissa * 10^exponent. */
type Shares = { readonly mantissa: bigint; readonly exponent: number };

/** What a subnet says of its alpha and TAO, in rao. */
export type SubnetMoney = {
  /** TAO that was staked and not taken back. */
  readonly tao: bigint;
  /** Alpha that was ever issued, and where it went. */
  readonly issued: bigint;
  readonly accounted: bigint;
  /** Alpha that came as pay, and that went by the pot or was given up. */
  readonly paid: bigint;
  readonly gone: bigint;
};

/** All money at a block, in rao. Keys of places: netuid, hotkey, coldkey, space between; accounts as hex. */
export type Money = {
  readonly issuance: bigint;
  /** SubtensorModule's count, which is Balances' before the block's extrinsics. */
  readonly ownIssuance: bigint;
  readonly staked: bigint;
  /** Free and reserved balance by account. */
  readonly balances: ReadonlyMap<string, bigint>;
  /** TAO of a coldkey in a position, by "netuid hotkey coldkey". */
  readonly principals: ReadonlyMap<string, bigint>;
  /** Alpha of all stakers on a hotkey, by "netuid hotkey". */
  readonly alpha: ReadonlyMap<string, bigint>;
  readonly pooled: ReadonlyMap<string, Shares>;
  /** Shares of a coldkey, by "netuid hotkey coldkey". */
  readonly shares: ReadonlyMap<string, Shares>;
  readonly subnets: ReadonlyMap<number, SubnetMoney>;
  readonly deposit: bigint;
};

type State = Awaited<ReturnType<ApiPromise["at"]>>;

const wholeSchema = z.union([z.number(), z.string()]).transform((text) => BigInt(text));
const accountSchema = z.object({ data: z.object({ free: wholeSchema, reserved: wholeSchema }) });
const sharesSchema = z.object({ mantissa: wholeSchema, exponent: z.number() });

function entryOf(
  state: State,
  pallet: string,
  name: string,
): NonNullable<State["query"][string][string]> {
  const entry = state.query[pallet]?.[name];
  assert.ok(entry !== undefined, `no storage item ${pallet}.${name}`);
  return entry;
}

async function value(state: State, pallet: string, name: string): Promise<bigint> {
  return wholeSchema.parse((await entryOf(state, pallet, name)()).toJSON());
}

/** A map whose keys end with a netuid comes out as "netuid first second". */
async function entries<T>(
  state: State,
  [pallet, name]: readonly [string, string],
  schema: z.ZodType<T>,
): Promise<ReadonlyMap<string, T>> {
  const found = await entryOf(state, pallet, name).entries();
  return new Map(
    found.map(([key, one]) => {
      const parts = key.args.map((part) =>
        part.toRawType() === "u16" ? part.toString() : part.toHex(),
      );
      const netuid = parts.length > 1 ? [parts.pop() ?? ""] : [];
      return [[...netuid, ...parts].join(" "), schema.parse(one.toJSON())];
    }),
  );
}

const LEDGER = [
  "subnetTAO",
  "subnetAlphaOut",
  "paidToNeurons",
  "paidToOwner",
  "burnedEmission",
  "carriedEmission",
  "pendingServerEmission",
  "pendingValidatorEmission",
  "pendingOwnerCut",
  "paidFromPot",
  "destroyedAlpha",
] as const;

async function readSubnets(state: State): Promise<ReadonlyMap<number, SubnetMoney>> {
  const [added, ...lists] = await Promise.all([
    entries(state, ["subtensorModule", "networksAdded"], z.boolean()),
    ...LEDGER.map(async (name) => entries(state, ["subtensorModule", name], wholeSchema)),
  ]);
  const of = (netuid: string, name: (typeof LEDGER)[number]): bigint =>
    lists[LEDGER.indexOf(name)]?.get(netuid) ?? 0n;
  const netuids = [...added]
    .filter(([netuid, is]) => is && netuid !== "0")
    .map(([netuid]) => netuid);
  return new Map(
    netuids.map((netuid) => {
      const paid = of(netuid, "paidToNeurons") + of(netuid, "paidToOwner");
      const waiting = LEDGER.slice(4, 9).reduce((sum, name) => sum + of(netuid, name), 0n);
      return [
        Number(netuid),
        {
          tao: of(netuid, "subnetTAO"),
          issued: of(netuid, "subnetAlphaOut"),
          accounted: paid + waiting,
          paid,
          gone: of(netuid, "paidFromPot") + of(netuid, "destroyedAlpha"),
        },
      ];
    }),
  );
}

/** Everything at the block of this hash. */
export async function readMoney(api: ApiPromise, hash: string): Promise<Money> {
  const state = await api.at(hash);
  const [issuance, ownIssuance, staked, accounts, principals, alpha, pooled, shares, subnets] =
    await Promise.all([
      value(state, "balances", "totalIssuance"),
      value(state, "subtensorModule", "totalIssuance"),
      value(state, "subtensorModule", "totalStake"),
      entries(state, ["system", "account"], accountSchema),
      entries(state, ["subtensorModule", "principal"], wholeSchema),
      entries(state, ["subtensorModule", "totalHotkeyAlpha"], wholeSchema),
      entries(state, ["subtensorModule", "totalHotkeySharesV2"], sharesSchema),
      entries(state, ["subtensorModule", "alphaV2"], sharesSchema),
      readSubnets(state),
    ]);
  return {
    issuance,
    ownIssuance,
    staked,
    balances: new Map([...accounts].map(([who, { data }]) => [who, data.free + data.reserved])),
    principals,
    alpha,
    pooled,
    shares,
    subnets,
    deposit: wholeSchema.parse(api.consts["balances"]?.["existentialDeposit"]?.toJSON()),
  };
}

/** The account of a subnet: the pallet's, with its netuid; nobody has a key. */
export function subnetAccount(netuid: number): string {
  const bytes = Buffer.alloc(32);
  bytes.write("modlsubtensr", "latin1");
  bytes.writeUInt16LE(netuid, 12);
  return `0x${bytes.toString("hex")}`;
}

/** TAO in a subnet's account that is nobody's principal. */
export function potOf({ balances, subnets, deposit }: Money, netuid: number): bigint {
  const held = balances.get(subnetAccount(netuid)) ?? 0n;
  return held - deposit - (subnets.get(netuid)?.tao ?? 0n);
}

/** Alpha of a position: its part of the hotkey's, truncated, and never less than its principal. */
export function alphaOf({ alpha, pooled, shares, principals }: Money, place: string): bigint {
  const hotkey = place.slice(0, place.lastIndexOf(" "));
  const [own, all] = [shares.get(place), pooled.get(hotkey)];
  const principal = principals.get(place) ?? 0n;
  if (own === undefined || all === undefined || all.mantissa === 0n) return principal;
  const digits = own.exponent - all.exponent;
  const [more, less] = digits > 0 ? [10n ** BigInt(digits), 1n] : [1n, 10n ** BigInt(-digits)];
  const worth = ((alpha.get(hotkey) ?? 0n) * own.mantissa * more) / (all.mantissa * less);
  return worth > principal ? worth : principal;
}

/** TAO that each account can call its own: its balance, and what it staked and did not take back. Not the subnets' accounts. */
export function wealth({ balances, principals, subnets }: Money): ReadonlyMap<string, bigint> {
  const own = new Map(balances);
  for (const netuid of subnets.keys()) own.delete(subnetAccount(netuid));
  for (const [place, rao] of principals) {
    const who = place.slice(place.lastIndexOf(" ") + 1);
    own.set(who, (own.get(who) ?? 0n) + rao);
  }
  return own;
}
