/** @file What a neuron keeps on disk between starts: its newest checkpoint and, for miners, the optimizer's state. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../../base/folders.ts";
import { z } from "zod";
import { type Checkpoint, checkpointSchema } from "../api/types.ts";
import { writeAtomically } from "../disk/atomic-file.ts";
import { blake2b256, type Hex } from "../protocol/digest.ts";
import { digestSchema } from "../protocol/manifest.ts";
import { rulesSchema } from "../protocol/run-text.ts";
import type { KnownStanding, StandingAt } from "../run/amendments.ts";
import type { OwnRun } from "../run/live-run.ts";
import type { OwnCheckpoint } from "../run/retention.ts";

const axonSchema = z.strictObject({ port: z.number().int().min(1).max(65_535) });
const stateSchema = z.strictObject({
  genesis: digestSchema,
  runId: digestSchema,
  checkpoint: checkpointSchema.nullable(),
});
/** No run's checkpoints reach back so far. */
const MOST_STANDINGS = 1_000_000;

const standingAtSchema = z.strictObject({
  window: z.int().min(0),
  rules: rulesSchema,
  over: z.boolean(),
});
const standingSchema = z.strictObject({
  genesis: digestSchema,
  runId: digestSchema,
  ...standingAtSchema.shape,
  later: z.array(standingAtSchema).optional(),
  to: z.int().min(0).optional(),
});

const checkpointsSchema = z.strictObject({
  genesis: digestSchema,
  runId: digestSchema,
  checkpoints: z.array(checkpointSchema.extend({ digest: digestSchema })),
});

/** A run on a chain: what is kept of another one does not count. */
type RunPlace = { readonly genesis: Hex; readonly runId: Hex };

/** A neuron's state folder. A file that does not parse counts as absent: everything in it can be derived again. */
export type NeuronState = {
  readonly folder: string;
  /** The run that this neuron was in last on this chain, and where it stood in the windows that were saved; or null. */
  runOn(genesis: Hex): OwnRun | null;
  /** The newest own checkpoint of a run, or null. */
  checkpointOf(place: RunPlace): Checkpoint | null;
  /** Remembers the run, and its newest own checkpoint once there is one. */
  saveRun(place: RunPlace, checkpoint: Checkpoint | null): Promise<void>;
  /** Where the run stood in the windows that were saved, or null. */
  standingOf(place: RunPlace): KnownStanding | null;
  saveStanding(place: RunPlace, known: KnownStanding): Promise<void>;
  /** The own checkpoints of a run that are still in the blob store, in any order. */
  checkpointsOf(place: RunPlace): readonly OwnCheckpoint[];
  saveCheckpoints(place: RunPlace, checkpoints: readonly OwnCheckpoint[]): Promise<void>;
  /** The port that the axon had last, or null. */
  axonPort(): number | null;
  saveAxonPort(port: number): Promise<void>;
  /** Bytes saved under `name`, or null; a checksum guards them against torn or foreign files. */
  load(name: string): Promise<Uint8Array | null>;
  save(name: string, bytes: Uint8Array): Promise<void>;
};

const DIGEST_CHARACTERS = 66;

/** The JSON of a file in the shape of `schema`, or null. */
function parsedIn<S extends z.ZodType>(path: string, schema: S): z.output<S> | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return schema.parse(value);
  } catch {
    return null;
  }
}

function standingAt({ window, rules, over }: z.output<typeof standingAtSchema>): StandingAt {
  return { window, standing: { rules, over } };
}

function savedStanding({ window, standing }: StandingAt): z.output<typeof standingAtSchema> {
  return { window, ...standing };
}

/** Opens (and makes) the state folder of a neuron. */
export function openNeuronState(folder: string): NeuronState {
  makeFolder(folder);
  const statePath = join(folder, "state.json");
  const axonPath = join(folder, "axon.json");
  const standingPath = join(folder, "standing.json");
  const checkpointsPath = join(folder, "checkpoints.json");
  const read = (): z.output<typeof stateSchema> | null => parsedIn(statePath, stateSchema);
  const standingOf = ({ genesis, runId }: RunPlace): KnownStanding | null => {
    const saved = parsedIn(standingPath, standingSchema);
    if (saved?.genesis !== genesis || saved.runId !== runId) return null;
    const { later = [], to = saved.window } = saved;
    if (to - saved.window > MOST_STANDINGS) return null;
    return { ...standingAt(saved), later: later.map(standingAt), to };
  };
  return {
    folder,
    runOn(genesis) {
      const saved = read();
      if (saved?.genesis !== genesis) return null;
      return { runId: saved.runId, standing: standingOf(saved) };
    },
    checkpointOf({ genesis, runId }) {
      const saved = read();
      return saved?.genesis === genesis && saved.runId === runId ? saved.checkpoint : null;
    },
    saveRun: ({ genesis, runId }, checkpoint) =>
      writeAtomically(statePath, JSON.stringify({ genesis, runId, checkpoint })),
    standingOf,
    saveStanding({ genesis, runId }, known) {
      const later = known.later?.map(savedStanding);
      const saved = { genesis, runId, ...savedStanding(known), later, to: known.to };
      return writeAtomically(standingPath, JSON.stringify(saved));
    },
    checkpointsOf({ genesis, runId }) {
      const saved = parsedIn(checkpointsPath, checkpointsSchema);
      return saved?.genesis === genesis && saved.runId === runId ? saved.checkpoints : [];
    },
    saveCheckpoints: ({ genesis, runId }, checkpoints) =>
      writeAtomically(checkpointsPath, JSON.stringify({ genesis, runId, checkpoints })),
    axonPort: () => parsedIn(axonPath, axonSchema)?.port ?? null,
    saveAxonPort: (port) => writeAtomically(axonPath, JSON.stringify({ port })),
    async load(name) {
      const bytes = await readFile(join(folder, name)).catch(() => null);
      if (bytes === null || bytes.length < DIGEST_CHARACTERS) return null;
      const content = new Uint8Array(bytes.subarray(DIGEST_CHARACTERS));
      return blake2b256(content) === bytes.toString("latin1", 0, DIGEST_CHARACTERS)
        ? content
        : null;
    },
    save: (name, bytes) =>
      writeAtomically(
        join(folder, name),
        Buffer.concat([Buffer.from(blake2b256(bytes), "latin1"), bytes]),
      ),
  };
}
