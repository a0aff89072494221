/** @file Memory of processes as the system counts it (Linux): what is shared is divided among those that share it. */
import { readdirSync, readFileSync } from "node:fs";

const KIB = 1024;

/** Bytes: resident, and resident with shared pages divided among those that have them (proportional set size). */
export type ProcessMemory = { readonly rss: number; readonly pss: number };

/** Memory of one process; null when it has ended. */
export function memoryOf(pid: number): ProcessMemory | null {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    const bytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0) * KIB;
    return { rss: bytes("Rss"), pss: bytes("Pss") };
  } catch {
    return null;
  }
}

/** Parent by process. */
function parents(): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      // The name before it may hold anything, brackets and spaces included.
      const [, parent = "0"] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      found.set(Number(name), Number(parent));
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** A process and all that it, or one of these, has started. */
export function familyOf(pid: number): readonly number[] {
  const all = parents();
  const family = [pid];
  for (const member of family)
    for (const [child, parent] of all) if (parent === member) family.push(child);
  return family;
}
