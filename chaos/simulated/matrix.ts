/** @file Plays the cells of the matrix, in as many processes at once as there are cores. */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Material } from "../../simulation/material.ts";
import type { CaseResult } from "../outcome/result.ts";
import { judgedCell } from "./judge.ts";
import type { Cell } from "./plan.ts";
import { play } from "./play.ts";

/** Plays one cell; whatever ends it is its cause of failure. */
export async function runCell(cell: Cell, material: Material): Promise<CaseResult> {
  try {
    return await play(cell, material, (played) => judgedCell(cell, played));
  } catch (error) {
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    const why = cause instanceof Error ? `${message}: ${cause.message}` : message;
    const nothing = { recoveredAfterWindows: null, digestsEqual: false, leastPay: null };
    return { name: cell.name, ...nothing, payWindows: 0, causes: [why], folder: null };
  }
}

/** A cell from its words, with the matrix that it belongs to. */
export type CellRequest = { readonly cell: Cell };

/** Plays cells in a process of its own until none is left. */
async function player(
  next: () => Cell | undefined,
  told: (result: CaseResult) => void,
): Promise<void> {
  const worker = new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url);
  const child = fork(fileURLToPath(worker), { serialization: "advanced" });
  try {
    for (let cell = next(); cell !== undefined; cell = next()) {
      const answer = new Promise<CaseResult>((resolve, reject) => {
        child.once("message", (result: CaseResult) => resolve(result));
        child.once("exit", (code) => reject(new Error(`a player ended with ${code}`)));
      });
      child.send({ cell } satisfies CellRequest);
      told(await answer);
      child.removeAllListeners();
    }
  } finally {
    child.kill();
  }
}

/** Plays all cells; `told` hears of each as it ends. @throws Error when a player's process ends */
export async function runMatrix(
  cells: readonly Cell[],
  told: (result: CaseResult) => void,
): Promise<void> {
  const left = [...cells];
  const players = Math.min(cells.length, availableParallelism());
  await Promise.all(Array.from({ length: players }, () => player(() => left.shift(), told)));
}
