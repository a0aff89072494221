/** @file Test helper: lints planted files under the repository's own rules. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));
export const IMPORTS = "no-restricted-imports";
export const GLOBALS = "no-restricted-globals";
export const PROPERTIES = "no-restricted-properties";

/** A rule that objected, and on which line. */
export type Objection = { readonly rule: string; readonly line: number };

/** A file with this text, and the one rule that must object; null where the linter must stay silent. */
export type Plant = { readonly path: string; readonly text: string; readonly rule: string | null };

const report = z.object({
  diagnostics: z.array(
    z.object({
      filename: z.string(),
      code: z.string().default(""),
      labels: z.array(z.object({ span: z.object({ line: z.int() }) })),
    }),
  ),
});

/** The repository's configuration without the rules that need types: those need a program of real files. */
function configuration(): string {
  const config: { options?: unknown } = JSON.parse(
    readFileSync(join(ROOT, ".oxlintrc.json"), "utf8"),
  );
  return JSON.stringify({ ...config, options: {} });
}

/** Plants files in a folder of their own and returns what the linter objects to, by path. */
export function lintPlanted(
  files: readonly { readonly path: string; readonly text: string }[],
): ReadonlyMap<string, readonly Objection[]> {
  const folder = mkdtempSync(join(tmpdir(), "assay-planted-"));
  try {
    writeFileSync(join(folder, ".oxlintrc.json"), configuration());
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return lint(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function lint(folder: string): ReadonlyMap<string, readonly Objection[]> {
  const oxlint = join(ROOT, "node_modules", "oxlint", "bin", "oxlint");
  const args = [oxlint, "--disable-nested-config", "--format", "json", "."];
  const run = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const value: unknown = JSON.parse(run.stdout);
  const found = new Map<string, Objection[]>();
  for (const { filename, code, labels } of report.parse(value).diagnostics) {
    const rule = /\((.*)\)$/.exec(code)?.[1] ?? code;
    const line = labels[0]?.span.line ?? 0;
    found.set(filename, [...(found.get(filename) ?? []), { rule, line }]);
  }
  return found;
}

/** Files to plant, each with the rule that must object. */
export class Plants {
  readonly all: Plant[] = [];

  /** Plants one file for each text in `folder`. */
  add(folder: string, rule: string | null, ...texts: readonly string[]): void {
    for (const text of texts)
      this.all.push({ path: `${folder}/planted-${this.all.length}.ts`, text: `${text}\n`, rule });
  }

  /** What is wrong with one plant's objections, or null. One rule may fire several times, others on top of it. */
  fault(plant: Plant, found: ReadonlyMap<string, readonly Objection[]>): string | null {
    const watched = new Set([IMPORTS, GLOBALS, PROPERTIES, ...this.all.map(({ rule }) => rule)]);
    const objections = [...new Set((found.get(plant.path) ?? []).map(({ rule }) => rule))].filter(
      (rule) => watched.has(rule),
    );
    const fine = plant.rule === null ? objections.length === 0 : objections.includes(plant.rule);
    return fine ? null : `objections: ${objections.join(", ")}`;
  }
}
