/** @file Options of `subnet beacon`: pulses of a public beacon for a chain that follows one. */
import { z } from "zod";
import { chainFields, keyFields, optionalText } from "../src/command/fields.ts";

/** Options of `subnet beacon`. */
export const beaconOptions = z.strictObject({
  ...chainFields,
  file: optionalText(
    "JSON file of pulses as the beacon's API gives them: one, a list, or one a line",
  ),
  url: optionalText(
    "API of the beacon, as https://api.drand.sh/52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971; asked until stopped",
  ),
  wallet: optionalText(
    "wallet whose hotkey signs a pulse that the chain has no time for without a signature, when false ones pour in; it needs 0.01 TAO",
  ),
  hotkey: keyFields.hotkey,
  walletFolder: keyFields.walletFolder,
});

/** Parsed options of `subnet beacon`. */
export type BeaconOptions = z.output<typeof beaconOptions>;
