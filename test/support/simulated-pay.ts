/** @file What `subnet simulate` says that a subnet.toml pays, beside what a real local network of it paid. */
import { strict as assert } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { spreadOf } from "../../subnet/report/spread.ts";
import { Running } from "./running.ts";

const SEEDS = [1, 2, 3] as const;
/** 95 % of one more draw beside three: Student's t of two degrees of freedom, times the root of 1 + 1/3. */
const ERRORS = 4.303 * Math.sqrt(1 + 1 / SEEDS.length);
/**
 * What real runs differ by among themselves, of which seeds of the simulation show a third. Replay is paid in its first windows only: 2.5 and 3.1 % in two real runs of
 * 24 windows, 0.9 to 1.3 % in five of 60, which is 2.3 to 3.3 % of 24; 3.5 +- 0.2 % in the simulation.
 */
const LEAST = 0.015;
const LIMIT_MS = 45 * 60_000;

/** Shares of all that miners were paid, by kind; and those of each honest miner. */
export type Paid = {
  readonly kinds: ReadonlyMap<string, number>;
  readonly honest: readonly number[];
};

/** A subnet and who takes part in it. */
type Played = {
  /** Its subnet.toml. */
  readonly file: string;
  readonly windows: number;
  readonly honest: number;
  readonly cheats: readonly string[];
};

const simulatedSchema = z.object({
  casts: z.array(
    z.object({
      name: z.string(),
      work: z.string(),
      rows: z.array(z.object({ strategy: z.string(), share: z.number() })),
    }),
  ),
});

/** From what each was paid to shares of all. */
export function paidOf(rows: readonly { readonly kind: string; readonly paid: number }[]): Paid {
  const all = rows.reduce((sum, { paid }) => sum + paid, 0);
  assert.ok(all > 0, "nobody was paid");
  const kinds = new Map<string, number>();
  for (const { kind, paid } of rows) kinds.set(kind, (kinds.get(kind) ?? 0) + paid / all);
  const honest = rows.flatMap(({ kind, paid }) => (kind === "honest" ? [paid / all] : []));
  return { kinds, honest };
}

async function simulated({ file, windows, honest, cheats }: Played, seed: number): Promise<Paid> {
  const sizes = ["--miners", `${honest + cheats.length}`, "--cheats", `${cheats.length}`];
  const cast = ["--cast", cheats.join(",")];
  const words = [...cast, "--windows", `${windows}`, "--seed", `${seed}`, "--json"];
  const running = new Running("subnet", ["simulate", file, ...sizes, ...words], process.env);
  for (const until = performance.now() + LIMIT_MS; running.runs && performance.now() < until;)
    await sleep(200);
  assert.equal(await running.stop("SIGKILL"), 0, running.out);
  const line = running.out.split("\n").find((one) => one.startsWith("{")) ?? "";
  const { casts } = simulatedSchema.parse(JSON.parse(line));
  const played = casts.find(({ name }) => name !== "clean");
  const rows = played?.rows ?? [];
  return paidOf(
    rows.map(({ strategy, share }) => ({
      kind: strategy === played?.work ? "honest" : strategy,
      paid: share,
    })),
  );
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length;
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, one) => sum + (one - middle) ** 2, 0) / (values.length - 1));
}

/**
 * What each kind was paid, really and simulated, on lines; and the lines of those whose pay is further apart than the simulation's own error,
 * which is its spread over seeds.
 */
export async function comparedPay(
  found: Paid,
  played: Played,
): Promise<{ readonly lines: readonly string[]; readonly apart: readonly string[] }> {
  const told = (what: string, paid: Paid): string =>
    `${what}: honest ${paid.honest.map(percent).join(", ")}; cv ${percent(spreadOf(paid.honest)?.cv ?? 0)}`;
  const lines = [told("real", found)];
  const seeds: Paid[] = [];
  for (const seed of SEEDS) {
    const paid = await simulated(played, seed);
    seeds.push(paid);
    lines.push(told(`simulated, seed ${seed}`, paid));
  }
  const apart: string[] = [];
  for (const kind of ["honest", ...played.cheats]) {
    const paid = found.kinds.get(kind) ?? 0;
    const shares = seeds.map(({ kinds }) => kinds.get(kind) ?? 0);
    const [middle, error] = [mean(shares), deviation(shares)];
    const allowed = Math.max(LEAST, ERRORS * error);
    const line = `${kind}: real ${percent(paid)}, simulated ${percent(middle)} (deviation ${percent(error)}), apart ${percent(Math.abs(paid - middle))} of ${percent(allowed)}`;
    lines.push(line);
    if (Math.abs(paid - middle) > allowed) apart.push(line);
  }
  return { lines, apart };
}
