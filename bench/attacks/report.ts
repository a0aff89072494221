/** @file What attacks did, row by row, against what must hold under each of them; as a table and as one object. */

/** What one attack on one target did. What does not apply is null. */
export type Row = {
  readonly attack: string;
  readonly target: string;
  readonly seconds: number;
  /** Windows of the run during it, and those of them in which an honest node missed something. */
  readonly windows: number | null;
  readonly windowsMissed: number | null;
  /** How long a window took: the chain of a local network waits for whoever is slow. */
  readonly secondsPerWindow: number | null;
  readonly missed: Missed | null;
  readonly fetches: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Against the same without attack, in the same run. */
  readonly p99Ratio: number;
  /** The most that any process under attack grew, in 10^6 bytes. */
  readonly rssGrowthMB: number;
  /** The longest that an attacker's connection lived, whether or not it was cut in the end. */
  readonly cutWithinSeconds: number | null;
  /** Connections of attackers, or to hostile axons. */
  readonly connections: number;
  /** Of a flood: when it was held down, and to how many answers a second. */
  readonly heldAfterSeconds: number | null;
  readonly answersPerSecond: number | null;
  /** Of hostile hotkeys: their commitments, and those that were not refused in their own window. */
  readonly commitments: number | null;
  readonly notRefused: number | null;
  /** How long in all an unattacked process of this machine was kept from running. */
  readonly machineLostSeconds: number;
};

/** What honest nodes missed. */
export type Missed = {
  /** Windows in which nobody's update was accepted. */
  readonly nullWindows: number;
  /** Updates of honest miners that were not there in time. */
  readonly updates: number;
  readonly votes: number;
};

/** What must hold under every attack. */
export const BOUNDS = {
  windowsMissed: 0,
  p99Ms: 500,
  rssGrowthMB: 100,
  cutWithinSeconds: 7,
  heldAfterSeconds: 7,
  notRefused: 0,
} as const satisfies Partial<Record<keyof Row, number>>;

type Bound = keyof typeof BOUNDS;
const isBound = (name: string): name is Bound => name in BOUNDS;

/** Bounds that a row breaks; "nothing attacked" where the attackers did not come. */
function brokenBy(row: Row): readonly (Bound | "nothing attacked")[] {
  const broken = Object.keys(BOUNDS)
    .filter(isBound)
    .filter((name) => (row[name] ?? 0) > BOUNDS[name]);
  const isAttack = row.connections > 0 || (row.commitments ?? 0) > 0;
  return isAttack ? broken : [...broken, "nothing attacked"];
}

const round = (x: number): number => Math.round(x * 10) / 10;

/** The row with figures that can be read. */
export function rounded(row: Row): Row {
  const figures = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === "number" ? round(value) : value,
  ]);
  return { ...row, ...Object.fromEntries(figures) };
}

/** Columns of the table: heading, and what stands in it. */
const COLUMNS: readonly (readonly [string, (row: Row) => string | number | null])[] = [
  ["attack", ({ attack }) => attack],
  ["target", ({ target }) => target],
  ["windows", ({ windows }) => windows],
  ["s/window", ({ secondsPerWindow }) => secondsPerWindow],
  ["missed", ({ windowsMissed }) => windowsMissed],
  ["p50 ms", ({ p50Ms }) => p50Ms],
  ["p99 ms", ({ p99Ms }) => p99Ms],
  ["x calm", ({ p99Ratio }) => p99Ratio],
  ["failed", ({ failures, fetches }) => `${failures}/${fetches}`],
  ["RSS + MB", ({ rssGrowthMB }) => rssGrowthMB],
  ["cut s", ({ cutWithinSeconds }) => cutWithinSeconds],
  ["held s", ({ heldAfterSeconds }) => heldAfterSeconds],
  ["answers/s", ({ answersPerSecond }) => answersPerSecond],
  ["not refused", ({ notRefused, commitments }) => commitments && `${notRefused}/${commitments}`],
  ["lost s", ({ machineLostSeconds }) => machineLostSeconds],
  ["", (row) => (isCalm(row) ? "" : brokenBy(row).join(", ") || "ok")],
];

/** The row without attack: nothing is held against it. */
const isCalm = ({ attack }: Row): boolean => attack === "none";

/** Rows as a table for people. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => COLUMNS.map(([, cell]) => String(cell(row) ?? "-")));
  const lines = [COLUMNS.map(([heading]) => heading), ...cells];
  const widths = COLUMNS.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((text, column) =>
          column < 2 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Rows and bounds as one object, and whether all of them hold. */
export function verdictOf(rows: readonly Row[]): {
  readonly bounds: typeof BOUNDS;
  readonly rows: readonly (Row & { readonly broken: ReturnType<typeof brokenBy> })[];
  readonly passed: boolean;
} {
  const judged = rows.map((row) => ({ ...row, broken: isCalm(row) ? [] : brokenBy(row) }));
  return {
    bounds: BOUNDS,
    rows: judged,
    passed: judged.every(({ broken }) => broken.length === 0),
  };
}
