/** @file The run manifest: everything that two nodes of one run must agree on beforehand. */
import * as z from "zod";
import { type Hex, isHex } from "./digest.ts";
import { scoringSchema } from "./scoring.ts";

const MAXIMUM_BLOCK = 2 ** 32 - 1;
const count = (max: number): z.ZodInt => z.int().min(1).max(max);
const countOrZero = (max: number): z.ZodInt => z.int().min(0).max(max);
const positive = (max: number): z.ZodNumber => z.number().gt(0).max(max);
const fraction = z.number().min(0).lt(1);

/** 32 bytes as lowercase 0x-hex. */
export const digestSchema: z.ZodType<Hex> = z
  .custom<Hex>((value) => typeof value === "string" && isHex(value, 32), {
    error: "expected 32 bytes as lowercase 0x-hex",
  })
  .meta({ type: "string", pattern: "^0x[0-9a-f]{64}$" });

/** What the manifests of this release call themselves. */
export const RUN_FORMAT = "assay/run/3";

const modelSchema = z
  .strictObject({
    architecture: z.enum(["llama", "gpt2"]),
    layers: count(512),
    heads: count(1024),
    keyValueHeads: count(1024),
    width: count(65536),
    hidden: count(1_048_576),
    context: count(1_048_576),
    vocabulary: count(4_194_304),
    ropeBase: positive(1e9),
    normEpsilon: positive(1),
    bias: z.boolean().optional(),
    untied: z.boolean().optional(),
  })
  .readonly();

/** Every field with its own bounds; the rules between fields stand in manifest-conflicts.ts. */
export const manifestShape = z
  .strictObject({
    format: z.literal(RUN_FORMAT),
    name: z.string().min(1).max(64),
    netuid: countOrZero(65535),
    model: modelSchema,
    tokenizer: z
      .discriminatedUnion("kind", [
        /** A token is a byte of UTF-8. */
        z.strictObject({ kind: z.literal("bytes") }),
        /** `file`: blob address of a tokenizer.json. */
        z.strictObject({ kind: z.literal("huggingface"), file: digestSchema }),
        /** Tokens whose text nobody knows. */
        z.strictObject({ kind: z.literal("tokens") }),
      ])
      .readonly(),
    /** `manifest`: blob address of the data manifest; `pages`: P; `pagesPerWindow`: n; `noisePages`: m. */
    data: z
      .strictObject({
        manifest: digestSchema,
        pages: count(MAXIMUM_BLOCK),
        sequencesPerPage: count(65536),
        pagesPerWindow: count(65536),
        noisePages: count(65536),
      })
      .readonly(),
    /** Blob address of the checkpoint of theta_0. */
    genesisCheckpoint: digestSchema,
    startBlock: countOrZero(MAXIMUM_BLOCK),
    /** Number of windows; 0 = endless. */
    windows: countOrZero(MAXIMUM_BLOCK),
    /** Lengths in blocks. */
    phases: z
      .strictObject({
        train: count(100_000),
        commit: count(100_000),
        reveal: count(100_000),
        judge: count(100_000),
      })
      .readonly(),
    /** Offset in the window of the last block in which a commitment counts. */
    deadlineOffset: countOrZero(200_000),
    /** Blocks between the best and the final block. */
    finalityLag: countOrZero(1000),
    /** `k` coordinates are kept of each `chunk`. */
    codec: z.strictObject({ k: count(65536), chunk: count(65536) }).readonly(),
    inner: z
      .strictObject({
        steps: count(100_000),
        batch: count(65536),
        learningRate: positive(100),
        minimumLearningRate: z.number().min(0).max(100),
        warmupSteps: countOrZero(MAXIMUM_BLOCK),
        totalSteps: count(MAXIMUM_BLOCK),
        beta1: fraction,
        beta2: fraction,
        epsilon: positive(1),
        weightDecay: z.number().min(0).max(100),
        clip: positive(1e6),
        errorDecay: z.number().min(0).max(1),
        /** `adamw` if left out. `momentum` is Muon's, and there with it alone. */
        optimizer: z.literal("muon").optional(),
        momentum: fraction.optional(),
        /** `cosine` if left out. `decaySteps` is of `wsd`, and there with it alone. */
        schedule: z.enum(["flat", "wsd"]).optional(),
        decaySteps: count(MAXIMUM_BLOCK).optional(),
      })
      .readonly(),
    /**
     * `alpha`: the outer learning rate; it is used as float32. `optimizer`: `sparseloco` if left out. `momentum` is of
     * `diloco`, and there with it alone.
     */
    outer: z
      .strictObject({
        alpha: positive(100),
        mean: z.enum(["choosers", "all"]),
        optimizer: z.enum(["diloco", "demo"]).optional(),
        momentum: fraction.optional(),
      })
      .readonly(),
    /** Sequences per batch, and the share of the outer step that a single update is judged at. */
    evaluation: z
      .strictObject({
        ownSequences: count(65536),
        noiseSequences: count(65536),
        factor: positive(1),
        /** Which of the norms of the updates applied last, ascending, is the usual one; without it 0.5, the lower median. */
        usualShare: positive(1).optional(),
        /** Whether usual norms grow from window to window as the rate does while it warms up; without it not. */
        usualGrowth: z.boolean().optional(),
      })
      .readonly(),
    scoring: scoringSchema,
    checkpointEveryWindows: count(100_000),
    /** How many windows nodes keep the payloads and the records of; 0: all. */
    retention: z
      .strictObject({
        payloadWindows: countOrZero(MAXIMUM_BLOCK),
        recordWindows: countOrZero(MAXIMUM_BLOCK),
      })
      .readonly(),
  })
  .readonly();

/** A run manifest. All names are as in docs/protocol.md#manifest; block counts are blocks, `pages` and `sequences` are counts. */
export type RunManifest = z.infer<typeof manifestShape>;

/** The model of a run. `keyValueHeads` equals `heads` unless attention is grouped. */
export type ModelConfig = RunManifest["model"];
