/** @file A process that plays one cast: told which by its parent, it tells every window and the result. */
import { readFileSync, writeFileSync } from "node:fs";
import { reasonOf } from "../base/fault.ts";
import { encodeRecord, type WindowRecord } from "../src/protocol/record.ts";
import { type CastResult, type CastSpec, playCast } from "./cast.ts";
import { materialFor, type RunChoice } from "./material.ts";
import { strategiesByName } from "./strategy-list.ts";

/** What the process is to play. */
export type CastOrder = {
  readonly spec: CastSpec;
  readonly run: RunChoice;
  /** File of theta_0 as float32; null: the model's initial parameters. */
  readonly thetaPath: string | null;
  /** File that gets the log of the validator with most stake; null: none. */
  readonly recordsPath: string | null;
};

/** What it tells. */
export type CastNews =
  | { readonly kind: "window"; readonly window: number }
  | { readonly kind: "result"; readonly result: CastResult }
  | { readonly kind: "failed"; readonly reason: string };

const tell = (news: CastNews): void => {
  process.send?.(news);
};

function thetaOf(path: string): Float32Array {
  const bytes = new Uint8Array(readFileSync(path));
  return new Float32Array(bytes.buffer);
}

/** The reasons of a failure, one behind the other. */
function reasonsOf(error: unknown): string {
  const own = reasonOf(error);
  return error instanceof Error && error.cause !== undefined
    ? `${own}: ${reasonsOf(error.cause)}`
    : own;
}

function write(path: string, records: readonly WindowRecord[]): void {
  writeFileSync(path, records.map((record) => `${encodeRecord(record)}\n`).join(""));
}

async function play({ spec, run, thetaPath, recordsPath }: CastOrder): Promise<void> {
  const theta = thetaPath === null ? undefined : thetaOf(thetaPath);
  const material = await materialFor(run, theta);
  const strategies = await strategiesByName();
  const onWindow = (window: number): void => tell({ kind: "window", window });
  const onRecords = (records: readonly WindowRecord[]): void => {
    if (recordsPath !== null) write(recordsPath, records);
  };
  const result = await playCast(spec, material, { strategies, onWindow, onRecords });
  tell({ kind: "result", result });
}

process.once("message", (order: CastOrder) => {
  play(order)
    .catch((error: unknown) => tell({ kind: "failed", reason: reasonsOf(error) }))
    .finally(() => process.disconnect());
});
