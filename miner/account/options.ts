/** @file Options of the commands about keys and registration: `miner wallet ...` and `miner register`. */
import { z } from "zod";
import { choice, flag, keyFields, networkFields } from "../../src/command/fields.ts";

/** Options of `miner wallet` and `miner wallet hotkey`. */
export const walletOptions = z.strictObject(keyFields);

/** Options of `miner wallet list`. */
export const walletListOptions = z.strictObject({
  walletFolder: keyFields.walletFolder,
  json: flag("print one JSON object instead of a table"),
});

/** Options of `miner wallet import`. The secret is no option: command lines show in process lists and histories. */
export const walletImportOptions = z.strictObject({
  ...keyFields,
  key: choice("which key the phrase or seed belongs to", ["coldkey", "hotkey"]),
});

/** Options of `miner register`. */
export const registerOptions = z.strictObject({ ...keyFields, ...networkFields });

/** Parsed options of each. */
export type WalletOptions = z.output<typeof walletOptions>;
export type WalletListOptions = z.output<typeof walletListOptions>;
export type WalletImportOptions = z.output<typeof walletImportOptions>;
export type RegisterOptions = z.output<typeof registerOptions>;
