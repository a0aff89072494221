/** @file What the system says of the processes and the folder of a local network (Linux). */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { ProcessSample } from "./figures.ts";

const nodesSchema = z.object({
  parent: z.number(),
  pids: z.array(z.number()),
  nodes: z.array(z.object({ name: z.string(), pid: z.number() })),
});
const targetsSchema = z.array(
  z.object({ targets: z.tuple([z.string()]), labels: z.object({ node: z.string() }) }),
);

const KIB = 1024;

function jsonIn(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** Process ids of a run by name. */
export function processesOf(folder: string): ReadonlyMap<string, number> {
  const { parent, pids, nodes } = nodesSchema.parse(jsonIn(join(folder, "nodes.json")));
  const chain = pids.find((pid) => !nodes.some((node) => node.pid === pid));
  return new Map([
    ["localnet", parent],
    ...(chain === undefined ? [] : ([["chain", chain]] as const)),
    ...nodes.map(({ name, pid }) => [name, pid] as const),
  ]);
}

/** Where everybody answers, by name. */
export function addressesOf(folder: string): ReadonlyMap<string, string> {
  const targets = targetsSchema.parse(jsonIn(join(folder, "targets.json")));
  return new Map(
    targets.map(({ targets: [address], labels }) => [labels.node, `http://${address}`]),
  );
}

/** Resident memory and open descriptors; null: it has ended. */
export function processSample(pid: number): ProcessSample | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
    if (kib === 0) return null;
    return { rssBytes: kib * KIB, descriptors: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return null;
  }
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^chain\.sqlite/, "chain"],
  [/\.log(\.\d+)?$/, "logs"],
  [/^owner\//, "owner"],
  [/^nodes\/[^/]+\/blobs\//, "blobs"],
  [/^nodes\/[^/]+\/records-/, "records"],
  [/^nodes\//, "state"],
];

/** Every file below a folder; folders may vanish while they are looked at. */
function pathsBelow(folder: string, below: string): string[] {
  try {
    return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
      const path = join(below, entry.name);
      return entry.isDirectory() ? pathsBelow(folder, path) : [path];
    });
  } catch {
    return [];
  }
}

/** Bytes of the files below `folder` by what they are; what vanishes meanwhile counts nothing. */
export function diskOf(folder: string): Readonly<Record<string, number>> {
  const sums: Record<string, number> = Object.fromEntries(
    [...KINDS.map(([, kind]) => kind), "other"].map((kind) => [kind, 0]),
  );
  for (const path of pathsBelow(folder, "")) {
    const found = statSync(join(folder, path), { throwIfNoEntry: false });
    if (found === undefined) continue;
    const kind = KINDS.find(([pattern]) => pattern.test(path))?.[1] ?? "other";
    sums[kind] = (sums[kind] ?? 0) + found.size;
  }
  return sums;
}
