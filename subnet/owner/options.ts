/** @file Options that the commands of an owner share: which subnet, whose keys, where publications lie. */
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { chainFields, keyFields, text, wholeNumber } from "../../src/command/fields.ts";
import { configFields } from "../config/options.ts";

/** Which subnet: flags stand above [chain] of the file. */
export const placeFields = {
  ...configFields,
  netuid: wholeNumber(1, 65_535)
    .optional()
    .meta({ description: "netuid of the subnet (default: chain.netuid of the file)" }),
  endpoint: chainFields.endpoint.unwrap().optional().meta({
    description:
      "chain endpoints, comma between or the option again, or a network's name (default: chain.endpoint of the file)",
    joined: true,
  }),
  genesis: chainFields.genesis,
  folder: text("folder of an owner's publications", join(homedir(), ".assay", "subnets")),
} as const;

/** Which subnet, and whose keys. */
export const ownerFields = { ...placeFields, ...keyFields } as const;

const placeSchema = z.object(placeFields);

/** Parsed options that say which subnet. */
export type PlaceOptions = z.output<typeof placeSchema>;

/** Options that a next command repeats when the person gave them. */
export const PLACE_KEYS = ["netuid", "endpoint", "genesis", "folder", "set"] as const;
export const OWNER_KEYS = [...PLACE_KEYS, "wallet", "hotkey", "walletFolder"] as const;
