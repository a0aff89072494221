/** @file Fields that several commands share (keys, network, node), and the helpers that each command's options are made of. */
import { isIP } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { MOST_RAO, raoOf, taoDigits } from "../../base/tao.ts";
import { endpointsOf, NETWORKS } from "./endpoints.ts";
import { readersOf } from "./readers.ts";

/** What a whole number is read from: a number of a file, or digits. */
type Digits = number | string;
/** What a switch is read from: true or false of a file, or a word. */
type Word = boolean | string;

/** A whole number with its bounds, that must be given: a positional argument, for example. */
export function wholeNumber(min: number, max: number): z.ZodType<number, Digits> {
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\s*[+-]?\d+\s*$/)
          .transform(Number),
      ],
      {
        error: "must be a whole number",
      },
    )
    .pipe(
      z
        .number()
        .int("must be a whole number")
        .min(min, `must be at least ${min}`)
        .max(max, `must be at most ${max}`),
    );
}

/** A whole number with a default; `min` is 0 unless told. The description names its unit. */
export function count(about: {
  readonly description: string;
  readonly standard: number;
  readonly min?: number;
  readonly max: number;
}): z.ZodDefault<z.ZodType<number, Digits>> {
  const { description, standard, min = 0, max } = about;
  return wholeNumber(min, max).default(standard).meta({ description });
}

/** A number with a default, decimals allowed. The description names its unit. */
export function decimal(about: {
  readonly description: string;
  readonly standard: number;
  readonly min: number;
  readonly max: number;
}): z.ZodDefault<z.ZodType<number, Digits>> {
  const { description, standard, min, max } = about;
  const value: z.ZodType<number, Digits> = z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/)
          .transform(Number),
      ],
      {
        error: "must be a number",
      },
    )
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
  return value.default(standard).meta({ description });
}

/** Texts that are given one by one: `--key a --key b`, or a list in a file. */
export function list(
  description: string,
): z.ZodDefault<z.ZodType<readonly string[], string | readonly string[]>> {
  const value: z.ZodType<readonly string[], string | readonly string[]> = z.union(
    [z.array(z.string()), z.string().transform((one) => [one])],
    { error: "must be text, or a list of texts" },
  );
  return value.default([]).meta({ description: `${description}; repeatable`, type: "array" });
}

/** Text that is not empty. */
export function text(description: string, standard: string): z.ZodDefault<z.ZodString> {
  return z.string().min(1, "must not be empty").default(standard).meta({ description });
}

/** Text that may be absent. */
export function optionalText(description: string): z.ZodOptional<z.ZodString> {
  return z.string().min(1, "must not be empty").optional().meta({ description });
}

/** An IPv4 or IPv6 address that may be absent; no name, since the chain stores numbers. */
function ipAddress(description: string): z.ZodOptional<z.ZodType<string, string>> {
  return z
    .string()
    .refine((ip) => isIP(ip) !== 0 && !ip.includes("%"), "must be an IPv4 or IPv6 address")
    .optional()
    .meta({ description });
}

/** TAO or alpha, read exactly; the value is rao. */
export function amount(description: string): z.ZodType<bigint, Digits> {
  return z
    .union([z.number().transform(String), z.string()], {
      error: ({ input }) => (input === undefined ? "is missing" : "must be an amount such as 12.5"),
    })
    .transform((written, context) => {
      const rao = raoOf(written);
      if (rao !== null && rao > 0n) return rao;
      const isTooMuch = /^\d{11,}(?:\.\d{1,9})?$/.test(written.trim());
      const message = isTooMuch
        ? `must be at most ${taoDigits(MOST_RAO)}`
        : "must be an amount above 0 with at most nine places, such as 12.5";
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    })
    .meta({ description });
}

/** A switch: `--key`, `--no-key`, `--key=yes`, a word in the environment, a boolean in a file. */
export function flag(
  description: string,
  standard = false,
): z.ZodDefault<z.ZodType<boolean, Word>> {
  const value: z.ZodType<boolean, Word> = z.union([z.boolean(), z.stringbool()], {
    error: "must be yes or no",
  });
  return value.default(standard).meta({ description, type: "boolean" });
}

/** One of a list of words; the first is the default. */
export function choice<const T extends readonly [string, ...string[]]>(
  description: string,
  words: T,
): z.ZodDefault<z.ZodEnum<z.core.util.ToEnum<T[number]>>> {
  const [standard] = words;
  return z
    .enum(words, `must be one of ${words.join(", ")}`)
    .default(standard)
    .meta({ description: `${description} (${words.join(", ")})` });
}

/** Where to train. */
export const device = choice("where to train: auto tries cuda, webgpu, cpu", [
  "auto",
  "cpu",
  "cuda",
  "webgpu",
]);

/** Least level that is logged. */
export const logLevel = choice("least level that is logged", [
  "info",
  "debug",
  "warn",
  "error",
  "silent",
]);

/** What of old blocks a chain keeps. */
export const pruning = z
  .string()
  .regex(/^(archive|[1-9]\d{0,8})$/, "must be archive or a number of blocks")
  .default("archive")
  .meta({
    description:
      "archive, or of how many last blocks extrinsics and states are kept at least; headers and the genesis always are",
  });

/** How a node says what it does. */
const logFormat = choice(
  "what the node says it does: text for people, or json: lines of the log, with run, window and uid",
  ["text", "json"],
);

/** Who may read metrics. */
const metricsFrom = z
  .string()
  .refine(
    (written) => readersOf(written) !== null,
    "must be loopback, none, or IP addresses and networks such as 10.0.0.0/8, comma between",
  )
  .default("loopback")
  .meta({
    description:
      "who may read GET /metrics: loopback, none, or addresses and networks, comma between",
  });

/** Endpoints as people write them; the value is their URLs, comma between. */
const endpoint: z.ZodDefault<z.ZodType<string, string>> = z
  .string()
  .transform((written, context) => {
    const found = endpointsOf(written);
    if ("urls" in found) return found.urls.join(",");
    context.addIssue({ code: "custom", message: found.refusal });
    return z.NEVER;
  })
  .default(NETWORKS.local)
  .meta({
    description: `chain endpoints, comma between or the option again: the first that answers is used, the others are kept ready; or ${Object.keys(NETWORKS).join(", ")}`,
    joined: true,
  });

/** Which keys. */
export const keyFields = {
  wallet: text("wallet name", "default"),
  hotkey: text("hotkey name inside the wallet", "default"),
  walletFolder: text("folder of the wallets", join(homedir(), ".bittensor", "wallets")),
} as const;

/** Which chain. */
export const chainFields = {
  endpoint,
  genesis: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/, "must be 0x and 64 hex digits")
    .optional()
    .meta({ description: "expected genesis hash; another chain is refused" }),
} as const;

/** Which chain and subnet. */
export const networkFields = {
  netuid: count({ description: "netuid of the subnet", standard: 1, min: 1, max: 65_535 }),
  ...chainFields,
} as const;

/** Where a node keeps its state, and where its axon is. */
const axonFields = {
  state: text("folder of this node's state, blobs and records", join(homedir(), ".assay", "nodes")),
  axonHost: text("address of this machine to serve on, 0.0.0.0 for all", "127.0.0.1"),
  axonPort: count({
    description: "port to serve on; 0 takes the one of the last start if it is free, else any",
    standard: 0,
    max: 65_535,
  }),
  axonExternalIp: ipAddress(
    "address to publish, where others reach this machine; without it the one it serves on",
  ),
  axonExternalPort: wholeNumber(1, 65_535)
    .optional()
    .meta({ description: "port to publish, if a router maps another one to it" }),
} as const;

/** Where a node puts its blobs for others. */
export const storeFields = {
  store: optionalText(
    "bucket for what this node makes, s3://bucket/prefix, with keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; without it the node's folder",
  ),
  storeUrl: optionalText(
    "http(s) address at which anybody may read what lies below --store; without it readers get signed addresses",
  ),
} as const;

const logFields = {
  logLevel,
  logFile: optionalText("log to this file instead of standard error"),
  logFormat,
} as const;

/** What a node of any subnet takes: its wallet, its chain, its folder, its axon. */
export const nodeFields = { ...keyFields, ...networkFields, ...axonFields, ...logFields } as const;

/** What every node of a training subnet takes. */
export const neuronFields = {
  ...keyFields,
  ...networkFields,
  ...axonFields,
  ...storeFields,
  device,
  threads: count({ description: "threads of the training engine", standard: 1, min: 1, max: 256 }),
  ...logFields,
  metricsFrom,
  tensorboard: optionalText("folder to draw this node's curves over windows into, for TensorBoard"),
  tui: flag("show a full screen instead of lines, where the output is a terminal; Ctrl-C ends"),
} as const;
const neuronSchema = z.strictObject(neuronFields);

/** Parsed options that both roles share. */
export type NeuronOptions = z.output<typeof neuronSchema>;
