/** @file Options of `subnet serve`. */
import { z } from "zod";
import { neuronFields, storeFields } from "../../src/command/fields.ts";
import { placeFields } from "../owner/options.ts";

/** Where the owner's node serves. */
export const axonFields = {
  axonHost: neuronFields.axonHost,
  axonPort: neuronFields.axonPort,
  axonExternalIp: neuronFields.axonExternalIp,
  axonExternalPort: neuronFields.axonExternalPort,
  ...storeFields,
} as const;

/** Options of `subnet serve`. */
export const serveOptions = z.strictObject({
  ...placeFields,
  wallet: neuronFields.wallet,
  hotkey: neuronFields.hotkey,
  walletFolder: neuronFields.walletFolder,
  ...axonFields,
});

/** Parsed options of `subnet serve`. */
export type ServeOptions = z.output<typeof serveOptions>;
