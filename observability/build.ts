/**
 * @file Makes dashboards, alert rules and docs/metrics.md, which are committed, from the list of metrics: `node observability/build.ts`
 * writes them, `--check` fails when they are not what the list gives. An expression that names a metric that there is not fails both.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ALERTS, rulesFile } from "./alerts.ts";
import { dashboardJson } from "./dashboards.ts";
import { type Group, metricGroups } from "./metric-list.ts";
import { BOARDS } from "./panels.ts";
import { referenceText } from "./reference.ts";

const ROOT = new URL("../", import.meta.url);
const WORDS = new URL("words.md", import.meta.url);
const MADE = "Made by node observability/build.ts";
/** What Prometheus itself tells of each target. */
const OF_PROMETHEUS = new Set(["up"]);

/** Names of metrics in an expression. */
function namesIn(expr: string): readonly string[] {
  const bare = expr.replaceAll(/"[^"]*"/g, "").replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, "");
  return bare.match(/\b(?:assay|nodejs|process)_[a-z0-9_]+|\bup\b/g) ?? [];
}

/** Expressions that name what nobody tells, one line each. */
function unknownNames(groups: readonly Group[]): readonly string[] {
  const known = new Set(groups.flatMap(({ metrics }) => metrics.map(({ name }) => name)));
  const panels = BOARDS.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
  const uses = [
    ...ALERTS.map(({ name, expr }) => ({ name, expr })),
    ...panels.flatMap(({ title, lines }) =>
      Object.values(lines).map((expr) => ({ name: title, expr })),
    ),
  ];
  return uses.flatMap(({ name, expr }) =>
    namesIn(expr)
      .filter((one) => !known.has(one) && !OF_PROMETHEUS.has(one))
      .map((one) => `${name}: nobody tells ${one}`),
  );
}

/** Every file by its path. */
function filesOf(groups: readonly Group[]): ReadonlyMap<string, string> {
  const words = readFileSync(WORDS, "utf8");
  return new Map([
    ["docs/metrics.md", referenceText(words, groups)],
    ["observability/alerts.yml", rulesFile(`# ${MADE}; docs/metrics.md says what each is for.\n`)],
    ...BOARDS.map(
      (board) => [`observability/dashboards/${board.uid}.json`, dashboardJson(board)] as const,
    ),
  ]);
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(new URL(path, ROOT), "utf8");
  } catch {
    return "";
  }
}

const groups = metricGroups();
const faults = [...unknownNames(groups)];
const files = filesOf(groups);
if (process.argv.includes("--check")) {
  const differing = [...files].filter(([path, text]) => readOrNothing(path) !== text);
  for (const [path] of differing)
    faults.push(`${path} is not what the list of metrics gives: npm run observability:build`);
} else if (faults.length === 0) {
  for (const [path, text] of files) {
    const url = new URL(path, ROOT);
    mkdirSync(dirname(url.pathname), { recursive: true });
    writeFileSync(url, text);
  }
}
if (faults.length > 0) {
  process.stderr.write(`${faults.join("\n")}\n`);
  process.exitCode = 1;
}
