/** @file The chain as a whole: its name, its token, its time, and whether its accounts are public. */
import { z } from "zod";
import { type Hex } from "../wallet/hex.ts";
import { blockOf, type ClientParts } from "./parts.ts";
import { type StorageItem } from "./storage-item.ts";

/** What a node says about its chain. */
export type SystemProperties = {
  readonly chain: string;
  /** Symbol of the token in which balances are shown. */
  readonly tokenSymbol: string;
  /** Digits after the point: one token is 10^tokenDecimals rao. */
  readonly tokenDecimals: number;
};

/** Reads of the system. */
export type System = {
  systemProperties(): Promise<SystemProperties>;
  /**
   * Whether the node's chain specification calls the chain a development or local one: its genesis funds //Alice and
   * others, whose keys everybody knows. Live and test networks of strangers are neither.
   */
  isDevelopmentChain(): Promise<boolean>;
  /** The time that a block gives for itself, in milliseconds since 1970; null where the chain keeps none. */
  timestampMs(at?: Hex): Promise<number | null>;
};

const DEFAULT_SYMBOL = "TAO";
const DEFAULT_DECIMALS = 9;

/** Chains with several tokens give lists, of which the first is their own. */
function oneOf<T extends z.ZodType>(schema: T): z.ZodUnion<readonly [T, z.ZodArray<T>]> {
  return z.union([schema, z.array(schema)]);
}

const now: StorageItem<number> = {
  pallet: "Timestamp",
  name: "Now",
  shape: "u64",
  decode: (reader) => Number(reader.u64()),
};

const propertiesSchema = z.object({
  tokenSymbol: oneOf(z.string().max(32)).nullish(),
  tokenDecimals: oneOf(z.number().int().min(0).max(38)).nullish(),
});

/** The group over a connected chain. */
export function systemOf({ state }: ClientParts): System {
  return {
    systemProperties: async () => {
      const [chain, properties] = await Promise.all([
        state.request(z.string(), "system_chain", []),
        state.request(propertiesSchema, "system_properties", []),
      ]);
      return {
        chain,
        tokenSymbol: [properties.tokenSymbol].flat()[0] ?? DEFAULT_SYMBOL,
        tokenDecimals: [properties.tokenDecimals].flat()[0] ?? DEFAULT_DECIMALS,
      };
    },
    isDevelopmentChain: async () => {
      // A custom type is an object and no development chain.
      const type = await state.request(z.unknown(), "system_chainType", []);
      return type === "Development" || type === "Local";
    },
    timestampMs: async (at) => {
      const batch = state.batch();
      const time = batch.ask(now);
      await batch.read(await blockOf(state, at));
      return time();
    },
  };
}
