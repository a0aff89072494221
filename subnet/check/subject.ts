/** @file What the rules look at: a configuration, what follows from it by arithmetic, and what was measured. */
import type { TokenBytes } from "../../src/data/tokens.ts";
import { KernelError } from "../../kernels/errors.ts";
import { activationBytes } from "../../kernels/nn/memory.ts";
import { layoutOf, specsOf } from "../../kernels/nn/model.ts";
import { maximumBodyBytes } from "../../src/protocol/codec.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { UPDATE_HEADER_BYTES } from "../../src/protocol/update.ts";
import { manifestOf } from "../config/manifest.ts";
import { blocksPerWindow } from "../config/resolve.ts";
import type { SubnetConfig } from "../config/schema.ts";

/** What this very model costs on a machine. Times are milliseconds of one engine with nothing else running. */
export type EngineMeasure = {
  readonly device: string;
  readonly threads: number;
  /** One inner step with the configured batch. */
  readonly stepMs: number;
  /** Cutting an update out of the error feedback. */
  readonly compressMs: number;
  /** Between windows: the outer step and the digest of the parameters. */
  readonly turnMs: number;
  /** Sequences whose loss under an update is found in a second. */
  readonly lossesPerSecond: number;
};

/** What the data makes. Pages are those of the configured context and page size. */
export type DataMeasure = {
  readonly pages: number;
  readonly trainingBytes: number;
  readonly tokenBytes: TokenBytes;
  readonly heldOutBytes: number;
  readonly files: number;
};

/** How a chain was seen to make blocks final. */
export type FinalityMeasure = {
  /** Blocks that were watched, and milliseconds of one. */
  readonly blocks: number;
  readonly blockMs: number;
  /** By so many the newest block was ahead of the newest final one at most. */
  readonly lag: number;
};

/** Everything that does not stand in the configuration. What was not measured is null: rules that need it say nothing. */
export type Measured = {
  readonly engine: EngineMeasure | null;
  readonly data: DataMeasure | null;
  /** Why the text cannot be read, or null. */
  readonly dataFault: string | null;
  readonly finality: FinalityMeasure | null;
  /** Neurons to count with. */
  readonly neurons: number;
  /** Megabits a second that the slowest honest miner uploads. */
  readonly uplinkMbps: number;
  /** Memory of this machine. */
  readonly memoryBytes: number;
};

/** Sizes of a model that can be built. */
export type Sizes = {
  readonly parameters: number;
  /** Elements of each tensor. */
  readonly lengths: readonly number[];
  /** Most bytes that an update may take. */
  readonly updateBytes: number;
  /** Estimated memory of a node that trains, bytes: what a batch of no sequences takes, and each sequence of one. */
  readonly memoryBytes: { readonly base: number; readonly perSequence: number };
};

/** What follows from a configuration. */
export type Facts = {
  readonly blocksPerWindow: number;
  readonly windowMs: number;
  /** Null when the model or the codec cannot be built: the conflicts say why. */
  readonly sizes: Sizes | null;
  /** With placeholders for digests, and with the pages that were counted (as many as can be when they were not). */
  readonly manifest: RunManifest;
};

/** What a rule judges. */
export type Subject = {
  readonly config: SubnetConfig;
  readonly facts: Facts;
  readonly measured: Measured;
};

const PLACEHOLDER = `0x${"00".repeat(32)}` as const;
/** A block at which a run might begin, beyond the finality lag. */
const START_BLOCK = 1000;
const MOST_PAGES = 2 ** 32 - 1;

/** Node with the engine's libraries loaded, before any model. */
const BASE_BYTES = 300e6;
/** Parameters, working copy, two moments, error feedback, gradient, and onnxruntime's copy of the gradients. */
const FLOATS_A_PARAMETER = 7;
const FLOAT_BYTES = 4;

/** Most bytes that an update of these tensors may take, header included. */
export function updateBytesOf(lengths: readonly number[], codec: SubnetConfig["codec"]): number {
  return UPDATE_HEADER_BYTES + maximumBodyBytes({ lengths, ...codec });
}

function sizesOf(config: SubnetConfig): Sizes | null {
  const { k, chunk } = config.codec;
  if (k > chunk) return null;
  try {
    const { lengths } = layoutOf(specsOf(config.model));
    const parameters = lengths.reduce((sum, length) => sum + length, 0);
    const floats = FLOATS_A_PARAMETER + (config.outer.momentum > 0 ? 1 : 0);
    return {
      parameters,
      lengths,
      updateBytes: updateBytesOf(lengths, { k, chunk }),
      memoryBytes: {
        base: BASE_BYTES + FLOAT_BYTES * floats * parameters,
        perSequence: activationBytes(config.model),
      },
    };
  } catch (error) {
    if (error instanceof KernelError && error.code === "bad-config") return null;
    throw error;
  }
}

/** Estimated bytes of a node that trains with the configured batch. */
export function memoryOf({ inner }: SubnetConfig, { memoryBytes }: Sizes): number {
  return memoryBytes.base + inner.batch * memoryBytes.perSequence;
}

/** Everything that arithmetic says about a configuration. */
export function factsOf(config: SubnetConfig, pages: number | null): Facts {
  const blocks = blocksPerWindow(config);
  return {
    blocksPerWindow: blocks,
    windowMs: blocks * config.phases.blockMs,
    sizes: sizesOf(config),
    manifest: manifestOf(config, {
      netuid: config.chain.netuid,
      startBlock: START_BLOCK + config.phases.finalityLag,
      genesisCheckpoint: PLACEHOLDER,
      dataManifest: PLACEHOLDER,
      pages: pages ?? MOST_PAGES,
      tokenizerFile: PLACEHOLDER,
    }),
  };
}

/** What the rules judge. */
export function subjectOf(config: SubnetConfig, measured: Measured): Subject {
  return { config, measured, facts: factsOf(config, measured.data?.pages ?? null) };
}
