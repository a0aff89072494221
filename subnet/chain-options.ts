/** @file Options of `subnet chain`: the embedded chain as a process of its own. */
import { z } from "zod";
import { count, flag, logLevel, optionalText, pruning } from "../src/command/fields.ts";

/** Options of `subnet chain`. */
export const chainOptions = z.strictObject({
  // As --endpoint writes an address of IPv6.
  host: z
    .string()
    .min(1, "must not be empty")
    .transform((host) => host.replace(/^\[(.*:.*)\]$/, "$1"))
    .default("127.0.0.1")
    .meta({ description: "address of this machine to answer on, 0.0.0.0 for all" }),
  port: count({
    description: "JSON-RPC port, WebSocket and HTTP; 0 for a free one",
    standard: 9944,
    max: 65_535,
  }),
  sealing: z
    .string()
    .regex(/^(manual|instant|[1-9]\d{0,5})$/, "must be manual, instant or milliseconds a block")
    .optional()
    .meta({
      description:
        "manual, instant, or milliseconds a block (default: phases.blockMs of --subnet, else 250)",
    }),
  subnet: optionalText(
    "subnet.toml of an owner: new subnets get the tempo, immunity, price and limits of its [chain]",
  ),
  preset: z.enum(["development", "live"]).default("development").meta({
    description:
      "what the genesis begins with: development (rich known accounts, //Alice is sudo, dev_ methods) or live (nothing of that; authorities, balances and the keys of governance come from --genesis)",
  }),
  beacon: z.enum(["quicknet"]).optional().meta({
    description:
      "public beacon to follow: timelocked weights are taken then, and opened by the pulses that subnet beacon sends",
  }),
  genesis: optionalText("JSON file merged into the genesis of the preset"),
  database: optionalText("SQLite file; without it the chain lives in memory"),
  pruning,
  shield: flag("announce keys for encrypted calls, so that weights cannot be copied in time", true),
  logLevel,
});

/** Parsed options of `subnet chain`. */
export type ChainOptions = z.output<typeof chainOptions>;
