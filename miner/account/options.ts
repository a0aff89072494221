/** @file Options of the commands about keys, money and standing: `miner wallet ...`, `miner register`, `miner stake` and so on. */
import { z } from "zod";
import {
  amount,
  chainFields,
  choice,
  flag,
  keyFields,
  networkFields,
  wholeNumber,
} from "../../src/command/fields.ts";
import { raoOf } from "../../base/tao.ts";

const json = flag("print one JSON object instead of text; amounts in it are rao");
const said = flag("print one JSON object instead of text");
const yes = flag("do not ask before anything is spent");
const { wallet, walletFolder } = keyFields;

/** Options of `miner wallet` and `miner wallet hotkey`. */
export const walletOptions = z.strictObject({ ...keyFields, json: said });

/** Options of `miner wallet list`. */
export const walletListOptions = z.strictObject({ walletFolder, json });

/** Options of `miner wallet import`. The secret is no option: command lines show in process lists and histories. */
export const walletImportOptions = z.strictObject({
  ...keyFields,
  key: choice("which key the phrase or seed belongs to", ["coldkey", "hotkey"]),
  json: said,
});

/** Options of `miner register`. */
export const registerOptions = z.strictObject({ ...keyFields, ...networkFields, yes, json });

/** Options of `miner balance`. */
export const balanceOptions = z.strictObject({ wallet, walletFolder, ...chainFields, json });

/** Options of `miner faucet`. */
export const faucetOptions = z.strictObject({
  ...balanceOptions.shape,
  amount: amount("TAO to take").default(raoOf("1000") ?? 0n),
});

/** Options of `miner transfer`. */
export const transferOptions = z.strictObject({
  ...balanceOptions.shape,
  to: z
    .string("is missing")
    .min(1, "must not be empty")
    .meta({ description: "address that receives" }),
  amount: amount("TAO to send"),
  yes,
});

/** Options of `miner stake`. */
export const stakeOptions = z.strictObject({
  ...registerOptions.shape,
  amount: amount("TAO to stake on the hotkey; it becomes as much alpha"),
});

/** Options of `miner unstake`. */
export const unstakeOptions = z.strictObject({
  ...registerOptions.shape,
  amount: amount("alpha to take off the hotkey; it becomes as much TAO").optional(),
  all: flag("take all of it"),
});

/** Options of `miner status`. */
export const statusOptions = z.strictObject({ ...keyFields, ...networkFields, json });

/** Options of `miner why`. */
export const whyOptions = z.strictObject({
  ...statusOptions.shape,
  window: wholeNumber(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description: "window to explain; without it the newest that was judged" }),
});

/** Parsed options of each. */
export type WalletOptions = z.output<typeof walletOptions>;
export type WalletListOptions = z.output<typeof walletListOptions>;
export type WalletImportOptions = z.output<typeof walletImportOptions>;
export type RegisterOptions = z.output<typeof registerOptions>;
export type BalanceOptions = z.output<typeof balanceOptions>;
export type FaucetOptions = z.output<typeof faucetOptions>;
export type TransferOptions = z.output<typeof transferOptions>;
export type StakeOptions = z.output<typeof stakeOptions>;
export type UnstakeOptions = z.output<typeof unstakeOptions>;
export type StatusOptions = z.output<typeof statusOptions>;
export type WhyOptions = z.output<typeof whyOptions>;
