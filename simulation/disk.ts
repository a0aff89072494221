/**
 * @file What a simulated process leaves on disk: its state and blobs in memory, so that a start after a kill finds them,
 * and a real folder for a validator's log and scorebook.
 */
import { mkdirSync, rmSync } from "node:fs";
import type { Checkpoint } from "../src/api/types.ts";
import { type BlobStore, refuseOversized } from "../src/blobs/directory.ts";
import { memoryTrees } from "../src/blobs/memory-trees.ts";
import { onePiece } from "../src/blobs/stored.ts";
import { AssayError } from "../src/errors.ts";
import type { NeuronState } from "../src/neuron/state.ts";
import { blake2b256, type Hex } from "../src/protocol/digest.ts";
import type { KnownStanding } from "../src/run/amendments.ts";
import type { OwnCheckpoint } from "../src/run/retention.ts";
import type { Gate } from "./gate.ts";

/** The disk of one machine. */
export class SimulatedDisk {
  readonly folder: string;
  readonly blobs = new Map<Hex, Uint8Array>();
  /** Nothing more can be written. */
  isFull = false;
  readonly #files = new Map<string, Uint8Array>();
  #run: { readonly runId: Hex; readonly checkpoint: Checkpoint | null } | null = null;
  #checkpoints: { readonly runId: Hex; readonly list: readonly OwnCheckpoint[] } | null = null;
  #standing: { readonly runId: Hex; readonly known: KnownStanding } | null = null;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.folder = folder;
  }

  /** Empties it. */
  wipe(): void {
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    this.blobs.clear();
    this.#files.clear();
    this.#run = null;
    this.#standing = null;
    this.#checkpoints = null;
  }

  /** @throws AssayError disk-full */
  async #write(gate: Gate, write: () => void): Promise<void> {
    await gate.pass();
    if (this.isFull) throw new AssayError({ code: "disk-full", path: this.folder });
    write();
  }

  /** The state folder, for a process that `gate` lets through. */
  stateFor(gate: Gate): NeuronState {
    return {
      folder: this.folder,
      runOn: () => (this.#run === null ? null : { runId: this.#run.runId }),
      checkpointOf: ({ runId }) => (this.#run?.runId === runId ? this.#run.checkpoint : null),
      saveRun: ({ runId }, checkpoint) =>
        this.#write(gate, () => (this.#run = { runId, checkpoint })),
      standingOf: ({ runId }) => (this.#standing?.runId === runId ? this.#standing.known : null),
      saveStanding: ({ runId }, known) =>
        this.#write(gate, () => (this.#standing = { runId, known })),
      checkpointsOf: ({ runId }) =>
        this.#checkpoints?.runId === runId ? this.#checkpoints.list : [],
      saveCheckpoints: ({ runId }, list) =>
        this.#write(gate, () => (this.#checkpoints = { runId, list })),
      axonPort: () => null,
      saveAxonPort: async () => undefined,
      load: async (name) => this.#files.get(name) ?? null,
      save: (name, bytes) => this.#write(gate, () => this.#files.set(name, bytes)),
    };
  }

  /** The blob store, for a process that `gate` lets through. */
  blobsFor(gate: Gate): BlobStore {
    const { blobs } = this;
    const trees = memoryTrees(blobs);
    return {
      trees: {
        ...trees,
        put: async (form, blocks) => {
          await this.#write(gate, () => undefined);
          return trees.put(form, blocks);
        },
      },
      put: async (bytes) => {
        const address = blake2b256(bytes);
        await this.#write(gate, () => blobs.set(address, bytes));
        return address;
      },
      get: async (address, limitBytes = Infinity) => {
        const bytes = blobs.get(address);
        if (bytes === undefined) return null;
        refuseOversized(address, bytes.length, limitBytes);
        return bytes;
      },
      open: async (address) => {
        const bytes = blobs.get(address);
        if (bytes === undefined) return null;
        return { bytes: bytes.length, pieces: (range) => onePiece(bytes, range) };
      },
      has: async (address) => blobs.has(address),
      delete: async (address) => {
        blobs.delete(address);
      },
      addresses: async () => [...blobs.keys()],
    };
  }
}
