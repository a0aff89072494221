/** @file Local networks with a copier, one after the other, and what each paid it. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { playLive } from "./live.ts";

/** What is played. */
export type Runs = {
  readonly runs: number;
  readonly windows: number;
  readonly shield: boolean;
  readonly json: boolean;
};

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await once(probe.listen(0, "127.0.0.1"), "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Plays them and prints a line of each; returns how many paid the copier as much as its stake gives, or did not end. */
export async function playRuns({ runs, windows, shield, json }: Runs): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "assay-copier-"));
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  let failed = 0;
  try {
    for (let run = 1; run <= runs && !stop.signal.aborted; run++) {
      const own = join(folder, String(run));
      const port = await freePort();
      const pay = await playLive({ folder: own, port, windows, shield, signal: stop.signal });
      const { percent, epochs, inTime } = pay;
      if (shield && !(percent < 100)) failed++;
      if (json) console.log(JSON.stringify({ run, shield, ...pay }));
      else
        console.log(
          `run ${run}: copier ${percent.toFixed(2)} % of what its stake would give, ${epochs} epochs; its weights were the largest judge's in ${inTime}`,
        );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return failed;
}
