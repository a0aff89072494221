/**
 * @file What strangers can do to a chain by its JSON-RPC: a row for each kind of flood by four clients (256 of those who never read, or
 * say nothing), against what must hold under it. `npm run bench -- chain-flood`; `--seconds=10`, `--kind=metadata,forged`,
 * `--block-ms=250` and `--blocks=1000` (there before) change it, `--chain=FILE` takes another build's subnet/main.ts; `--json` ends
 * with one line. Exit code 1: a bound does not hold.
 */
import { ChainProcess } from "./flood/chain-process.ts";
import { type Kind, KINDS } from "./flood/kinds.ts";
import { BOUNDS, type Row, besiege, brokenBy, grow, knownOf } from "./flood/siege.ts";
import { flagsOf } from "./support/flags.ts";

const CALM_SECONDS = 5;
const BEFORE_MS = 1000;
const AFTER_MS = 3000;

const values = flagsOf({
  json: { type: "boolean", default: false },
  seconds: { type: "string", default: "60" },
  "block-ms": { type: "string", default: "250" },
  blocks: { type: "string", default: "1000" },
  kind: { type: "string", multiple: true, default: [] },
  chain: { type: "string" },
});

function chosen(): readonly Kind[] {
  const words = values.kind.flatMap((text) => text.split(","));
  const unknown = words.find((word) => !KINDS.some((kind) => kind === word));
  if (unknown !== undefined) throw new Error(`no "${unknown}"; there are ${KINDS.join(", ")}`);
  return words.length === 0 ? KINDS : KINDS.filter((kind) => words.includes(kind));
}

function number(name: "seconds" | "block-ms" | "blocks"): number {
  const value = Number(values[name]);
  if (!(value > 0)) throw new Error(`--${name} must be a positive number`);
  return value;
}

const HEAD =
  "kind           blocks on time  honest p50   p99   most ms  most MB  grown MB     sent    cut";

function lineOf(row: Row): string {
  const broken = brokenBy(row);
  const cells = [
    row.kind.padEnd(14),
    `${(100 * row.onTime).toFixed(0)} %`.padStart(14),
    row.p50Ms.toFixed(1).padStart(11),
    row.p99Ms.toFixed(0).padStart(5),
    row.mostMs.toFixed(0).padStart(9),
    row.mostMB.toFixed(0).padStart(8),
    row.grownMB.toFixed(0).padStart(9),
    String(row.sent).padStart(8),
    String(row.cut).padStart(6),
  ];
  return `${cells.join(" ")}${broken.length === 0 ? "" : `  broken: ${broken.join(", ")}`}`;
}

/** Each kind against a chain of its own: what one does to memory is not in the next one's row. */
async function rowsOf(kinds: readonly (Kind | "none")[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const blockMs = number("block-ms");
  for (const kind of kinds) {
    const chain = await ChainProcess.start(blockMs, values.chain);
    try {
      await grow(chain.port, number("blocks"));
      const known = await knownOf(chain.port);
      const seconds = kind === "none" ? CALM_SECONDS : number("seconds");
      const plan = { seconds, blockMs, known, beforeMs: BEFORE_MS, afterMs: AFTER_MS };
      const row = await besiege(chain, kind, plan);
      console.error(lineOf(row));
      rows.push(row);
    } finally {
      await chain.stop();
    }
  }
  return rows;
}

console.error(HEAD);
const rows = await rowsOf(["none", ...chosen()]);
const broken = rows.flatMap((row) => brokenBy(row).map((bound) => `${row.kind} ${bound}`));
console.log(broken.length === 0 ? "all bounds hold" : `broken: ${broken.join(", ")}`);
if (values.json)
  console.log(
    JSON.stringify({ bench: "chain-flood", bounds: BOUNDS, rows, passed: broken.length === 0 }),
  );
if (broken.length > 0) process.exitCode = 1;
