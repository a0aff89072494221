/** @file Options of `subnet status`. */
import { z } from "zod";
import { flag, keyFields } from "../../src/command/fields.ts";
import { placeFields } from "../owner/options.ts";

/** Options of `subnet status`. */
export const statusOptions = z.strictObject({
  ...placeFields,
  walletFolder: keyFields.walletFolder.meta({
    description: "folder of wallets whose names are shown instead of addresses",
  }),
  watch: flag("show it again and again until stopped"),
  json: flag("print one JSON object (one a line with --watch)"),
});

/** Parsed options of `subnet status`. */
export type StatusOptions = z.output<typeof statusOptions>;
