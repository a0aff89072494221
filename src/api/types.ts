/** @file Answers of the read API: what a node says about itself over HTTP. */
import { z } from "zod";
import { isHex } from "../protocol/digest.ts";

/** A digest or a public key. */
const hex32 = z
  .custom<`0x${string}`>((value) => typeof value === "string" && isHex(value, 32))
  .meta({ type: "string", pattern: "^0x[0-9a-f]{64}$" });

/** What a neuron has done last in a window; "skipped": a miner that sends nothing in it. */
export const windowStepSchema = z.enum([
  "committed",
  "skipped",
  "settled",
  "collected",
  "voted",
  "recorded",
]);
export type WindowStep = z.output<typeof windowStepSchema>;

/** How many of those that a validator still waits for are named. */
export const MOST_AWAITED = 32;

/** `GET /status`: where a node stands. */
export const statusSchema = z.strictObject({
  role: z.enum(["miner", "validator", "owner"]),
  hotkey: hex32,
  runId: hex32.nullable(),
  /** Window whose parameters the node holds, or null before it joined. */
  window: z.number().int().nullable(),
  /** Digest of those parameters. */
  thetaDigest: hex32.nullable(),
  /** Digest of the rules in force in that window. */
  rulesDigest: hex32.nullable(),
  device: z.string(),
  /** Newest held-out loss in nats per token with its window (validators), or null. */
  heldOut: z.strictObject({ window: z.number().int(), loss: z.number() }).nullable(),
  /** The last step that is done, and the window it belongs to. */
  progress: z.strictObject({ window: z.number().int(), step: windowStepSchema }).nullable(),
  /** Whose payloads of a window a validator still looks for: the first of them, and how many there are besides. */
  awaited: z
    .strictObject({
      window: z.number().int(),
      hotkeys: z.array(hex32).max(MOST_AWAITED),
      more: z.number().int().min(0),
    })
    .optional(),
  /** A validator's weights wait to go out unseen, in the block before this one, which is an epoch's. */
  weightsBefore: z.number().int().min(0).optional(),
  /** What the node is doing, for people. */
  activity: z.string().max(200),
});
export type Status = z.output<typeof statusSchema>;

/** `GET /digests?from=w`: parameter digests the node computed itself, by window. */
export const digestsSchema = z
  .array(z.strictObject({ window: z.number().int(), digest: hex32 }))
  .max(100_000);
export type Digests = z.output<typeof digestsSchema>;

/** `GET /held-out?from=w`: held-out losses in nats per token that a validator measured since it started, of the parameters of each window. */
export const lossesSchema = z
  .array(z.strictObject({ window: z.number().int(), loss: z.number() }))
  .max(100_000);
export type Losses = z.output<typeof lossesSchema>;

/** `GET /checkpoints/latest`: the newest parameters a node can hand out, and the window they belong to. */
export const checkpointSchema = z.strictObject({ window: z.number().int().min(0), address: hex32 });
export type Checkpoint = z.output<typeof checkpointSchema>;

/** How many checkpoints a node names. */
export const MOST_CHECKPOINTS = 4;
/** `GET /checkpoints`: all that a node can hand out, newest first. The newest may not be confirmed yet, or never be. */
export const checkpointsSchema = z.array(checkpointSchema).max(MOST_CHECKPOINTS);

/** `GET /verdicts/:window/:uid`: why a validator scored an update as it did. Doubles are hex floats. */
export const verdictSchema = z.strictObject({
  window: z.number().int().min(0),
  uid: z.number().int().min(0),
  verdict: z.string().max(64),
  explanation: z.string().max(500),
  detail: z.string().max(500),
  final: z.string().max(64),
  weight: z.number().int().min(0).max(65_535),
});
export type Verdict = z.output<typeof verdictSchema>;
