/** @file The task: a text for every window and miner, which nobody can know before and every validator draws alike. */
import { createHash } from "node:crypto";

/** 3,000 words, common ones often and rare ones seldom, as in any language. `seed`: of the window. */
export function textFor(seed: string, hotkey: string): string {
  const words = Array.from({ length: 3000 }, (_, at) => {
    const drawn =
      createHash("sha256").update(`${seed} ${hotkey} ${at}`).digest().readUInt32LE() / 2 ** 32;
    return Math.floor(60_000 * drawn ** 4).toString(36);
  });
  return words.join(" ");
}
