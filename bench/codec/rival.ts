/** @file PyTorch's steps (rival.py) as a process that runs them when it is told to. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Layout } from "../../kernels/nn/model.ts";
import { gapCode } from "../../src/protocol/codec-gaps.ts";
import { keptOf } from "../../src/protocol/codec.ts";

/** What the rival does. */
export type RivalStep =
  | "compress"
  | "decode"
  | "published"
  | "apply"
  | "scatter"
  | "scatter again"
  | "copy";

/** A process that holds the same numbers. */
export type Rival = {
  /** The median of `count` runs, in milliseconds. */
  measure(step: RivalStep, count: number): Promise<number>;
  close(): void;
};

function groupsOf({ lengths, offsets }: Layout, k: number, chunk: number): number[][] {
  return lengths.flatMap((length, tensor) => {
    const start = offsets[tensor] ?? 0;
    const rows = Math.floor(length / chunk);
    const rest = length - rows * chunk;
    return [
      [start, rows, chunk, k],
      [start + rows * chunk, 1, rest, keptOf(rest, k, chunk)],
    ].filter(([, number, columns]) => number !== 0 && columns !== 0);
  });
}

/** Starts `python rival.py` on these numbers. It ends with an error where its own bytes differ from `body`. */
export async function startRival(
  python: string,
  numbers: {
    readonly error: Float32Array;
    readonly theta: Float32Array;
    readonly body: Uint8Array;
  },
  how: { readonly layout: Layout; readonly k: number; readonly chunk: number },
): Promise<Rival> {
  const folder = mkdtempSync(join(tmpdir(), "assay-rival-"));
  const { error, theta, body } = numbers;
  writeFileSync(join(folder, "error.f32"), new Uint8Array(error.slice().buffer));
  writeFileSync(join(folder, "theta.f32"), new Uint8Array(theta.slice().buffer));
  writeFileSync(join(folder, "body.bin"), body);
  const { layout, k, chunk } = how;
  const shapes = { groups: groupsOf(layout, k, chunk), ...gapCode({ count: k, length: chunk }) };
  writeFileSync(join(folder, "shapes.json"), JSON.stringify(shapes));
  const script = fileURLToPath(new URL("rival.py", import.meta.url));
  const child = spawn(python, [script, folder], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${python} ${script} ended`);
    return value;
  };
  const [spawned] = await Promise.all([next(), once(child, "spawn")]);
  if (spawned !== "ready") throw new Error(`the rival says ${spawned}`);
  return {
    measure: async (step, count) => {
      child.stdin.write(`${step} ${count}\n`);
      return Number(await next());
    },
    close: () => {
      child.stdin.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
