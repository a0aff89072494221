/**
 * @file The imports as the compiler resolves them, of values and of types, held against zones.ts: no circle, no arrow
 * against the floors, no package without a door. `node test/lint/import-graph.ts` prints the floors, `--check` does not.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ZONES, type Zone, allowed, mayImport, packagesOf, zoneOf } from "../../zones.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** One import: of a file by its path from the root, or of a package by its name. */
export type Arrow = { readonly from: string; readonly to: string };

/** Every file of the program, and what they import. Node's own modules are left out. */
export type ImportGraph = {
  readonly files: readonly string[];
  readonly arrows: readonly Arrow[];
  readonly packages: readonly Arrow[];
};

const IMPORTED = /^ +Imported via (["'])(?<specifier>.+?)\1 from file '(?<from>[^']+)'/;
const byName = (a: string, b: string): number => (a < b ? -1 : 1);
/** `@scope/name` or `name` of a bare specifier. */
const packageOf = (specifier: string): string =>
  specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

/** Reads `tsc --explainFiles`: the path of a file, then, indented, who imports it by which specifier. */
export function parseExplanation(text: string): ImportGraph {
  const files: string[] = [];
  const arrows: Arrow[] = [];
  const packages: Arrow[] = [];
  let file = "";
  for (const line of text.split("\n")) {
    if (line !== "" && !line.startsWith(" ")) {
      file = line.trim();
      if (!file.includes("node_modules/")) files.push(file);
      continue;
    }
    const { specifier, from } = IMPORTED.exec(line)?.groups ?? {};
    if (specifier === undefined || from === undefined || from.includes("node_modules/")) continue;
    if (specifier.startsWith(".")) arrows.push({ from, to: file });
    else if (!specifier.startsWith("node:")) packages.push({ from, to: packageOf(specifier) });
  }
  return { files: files.toSorted(byName), arrows, packages };
}

/** The graph of the program in `root`, whose settings are there or in a folder of it. @throws Error when the compiler does not run */
export function readImportGraph(root: string = ROOT, project = "."): ImportGraph {
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const args = [compiler, "-p", project, "--noEmit", "--noCheck", "--explainFiles"];
  const run = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const graph = parseExplanation(run.stdout);
  if (run.status !== 0 || graph.files.length === 0) throw new Error(run.stdout + run.stderr);
  return graph;
}

/** The graph of this repository: what Node runs, and what a browser runs, a program with settings of its own. */
export function readWholeGraph(): ImportGraph {
  const [one, other] = [readImportGraph(), readImportGraph(ROOT, "dashboard")];
  const either = (pick: (graph: ImportGraph) => readonly Arrow[]): readonly Arrow[] => [
    ...pick(one),
    ...pick(other),
  ];
  return {
    files: [...new Set([...one.files, ...other.files])].toSorted(byName),
    arrows: either(({ arrows }) => arrows),
    packages: either(({ packages }) => packages),
  };
}

/** Circles of imports: sets of files each of which reaches each other, in order of their names. */
export function circlesOf({ files, arrows }: ImportGraph): readonly (readonly string[])[] {
  const next = Map.groupBy(arrows, ({ from }) => from);
  const reached = new Map(
    files.map((file) => {
      const seen = new Set<string>();
      const open = [file];
      for (let at = open.pop(); at !== undefined; at = open.pop()) {
        for (const { to } of next.get(at) ?? []) {
          if (!seen.has(to)) open.push(to);
          seen.add(to);
        }
      }
      return [file, seen] as const;
    }),
  );
  const circles = new Map<string, readonly string[]>();
  for (const [file, seen] of reached) {
    if (!seen.has(file)) continue;
    const circle = [...seen].filter((other) => reached.get(other)?.has(file) === true);
    const sorted = circle.toSorted(byName);
    circles.set(sorted.join(" "), sorted);
  }
  return [...circles.values()];
}

/** Height of every zone above the ground: one more than the highest zone it may import. @throws Error on a circle of zones */
export function floorsOf(zones: readonly Zone[] = ZONES): ReadonlyMap<string, number> {
  const floors = new Map<string, number>();
  const climb = (zone: Zone, under: readonly string[]): number => {
    const known = floors.get(zone.zone);
    if (known !== undefined) return known;
    const path = [...under, zone.zone];
    if (under.includes(zone.zone)) throw new Error(`zones in a circle: ${path.join(" > ")}`);
    const below = [...allowed(zone, zones), ...(zone.types ?? [])]
      .map((name) => zones.find((other) => other.zone === name) ?? zoneOf(name, zones) ?? zone)
      .filter((other) => other !== zone);
    const floor = 1 + Math.max(-1, ...below.map((other) => climb(other, path)));
    floors.set(zone.zone, floor);
    return floor;
  };
  for (const zone of zones) climb(zone, []);
  return new Map([...floors].toSorted(([, a], [, b]) => b - a));
}

const arrowText = ({ from, to }: Arrow): string => `${from} imports ${to}`;
/** What is wrong with a graph, as sentences; empty when all is well. */
export function importFaults(graph: ImportGraph): string[] {
  const homeless = graph.files.filter((file) => zoneOf(file) === undefined);
  const against = graph.arrows.filter(({ from, to }) => !mayImport(from, to));
  const strangers = graph.packages.filter(
    ({ from, to }) => !packagesOf(zoneOf(from)?.zone ?? "").includes(to),
  );
  return [
    ...homeless.map((file) => `no zone, add its folder to zones.ts: ${file}`),
    ...[...new Set(against.map(arrowText))].map((arrow) => `against zones.ts: ${arrow}`),
    ...strangers.map((arrow) => `no door for this package: ${arrowText(arrow)}`),
    ...circlesOf(graph).map((circle) => `a circle: ${circle.join(", ")}`),
  ];
}

if (import.meta.main) {
  const faults = importFaults(readWholeGraph());
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
  const floors = process.argv.includes("--check") ? [] : [...floorsOf()];
  for (const [floor, zones] of Map.groupBy(floors, ([, height]) => height))
    console.log(`${String(floor).padStart(2)}  ${zones.map(([zone]) => zone).join(", ")}`);
}
