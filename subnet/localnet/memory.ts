/** @file Memory of a group of processes, from /proc (Linux); elsewhere only our own is known. */
import { readFileSync } from "node:fs";

const KIB = 1024;

function residentBytes(pid: number): number {
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(found?.[1] ?? 0) * KIB;
  } catch {
    return pid === process.pid ? process.memoryUsage.rss() : 0;
  }
}

/** Remembers the highest sum of resident memory that `sample` saw. */
export class PeakMemory {
  #peakBytes = 0;

  get bytes(): number {
    return this.#peakBytes;
  }

  /** Adds up the resident memory of this process and `pids` now. */
  sample(pids: readonly number[]): number {
    const total = [process.pid, ...pids].reduce((sum, pid) => sum + residentBytes(pid), 0);
    this.#peakBytes = Math.max(this.#peakBytes, total);
    return total;
  }
}
