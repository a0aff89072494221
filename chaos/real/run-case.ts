/** @file One case on real processes: a network of its own, a fault, and what became of everybody. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { verifyRecords } from "../../src/protocol/record.ts";
import { brokenBounds, type CaseResult, recoveryOf } from "../outcome/result.ts";
import type { RealFault } from "./faults.ts";
import { Ledger } from "./ledger.ts";
import { allBack, type Network, openNetwork } from "./network.ts";

/** How real cases are run. */
export type RealOptions = {
  /** Where each case makes its folder. */
  readonly output: string;
  readonly windowMs: number;
  /** Windows that are watched once training goes on again. */
  readonly after: number;
  /** key=value of a subnet.toml. */
  readonly set: readonly string[];
  readonly say: (text: string) => void;
};

/** What a fault leaves to judge. */
export type Watched = {
  readonly ledger: Ledger;
  /** Window in which everybody was back. */
  readonly healed: number;
  /** What only this fault has to hold. */
  readonly causes: readonly string[];
};

/** Windows that are trained before a fault. */
const BEFORE_WINDOWS = 3;
/** Training that has not gone on by then will not. */
const PATIENCE_WINDOWS = 8;

/** Runs a case in a folder of its own; the folder of a case that passed is removed. */
export async function runRealCase(fault: RealFault, options: RealOptions): Promise<CaseResult> {
  return watched(fault.name, options, async (net, ledger) => {
    const [healed] = await Promise.all([heal(fault, net, ledger), ledger.through(BEFORE_WINDOWS)]);
    return { ledger, healed, causes: [] };
  });
}

async function heal(fault: RealFault, net: Network, ledger: Ledger): Promise<number> {
  await net.subnet.blocks.reached(net.clock.startBlock(BEFORE_WINDOWS), net.signal);
  net.step(`fault: ${fault.about}`);
  await fault.run(net);
  net.step(`everything runs again, in window ${ledger.now}`);
  await allBack(net);
  net.step(`everybody is back in the run, in window ${ledger.now}`);
  return ledger.now;
}

/** Brings a network up, lets `body` do its worst, and judges what is left. */
export async function watched(
  name: string,
  options: RealOptions,
  body: (net: Network, ledger: Ledger) => Promise<Watched>,
): Promise<CaseResult> {
  const folder = join(options.output, name);
  mkdirSync(folder, { recursive: true });
  const started = performance.now();
  const step = (text: string): void => {
    const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(4);
    options.say(`${seconds} s  ${name}: ${text}`);
  };
  try {
    const { windowMs, set } = options;
    const net = await openNetwork({ folder, windowMs, set, step });
    const result = await judged(net, { name, folder, after: options.after }, body);
    if (result.causes.length === 0) rmSync(folder, { recursive: true, force: true });
    return result;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    const nothing = { recoveredAfterWindows: null, digestsEqual: false, leastPay: null };
    return { name, ...nothing, payWindows: 0, causes: [cause], folder };
  }
}

type Judging = { readonly name: string; readonly folder: string; readonly after: number };

async function judged(
  net: Network,
  { name, folder, after }: Judging,
  body: (net: Network, ledger: Ledger) => Promise<Watched>,
): Promise<CaseResult> {
  try {
    const { ledger, healed, causes } = await body(net, new Ledger(net));
    const miners = (await ledger.minerUids()).length;
    const recovered = await recovery(ledger, { healed, miners });
    const from = healed + (recovered ?? 0);
    await ledger.through(from + after);
    const leastPay = await ledger.leastPay(from);
    const { difference } = ledger;
    const measured = { recoveredAfterWindows: recovered, digestsEqual: difference === null };
    const gone = net.nodes.filter(({ process }) => !process.runs);
    const codes = await net.close();
    const result = { name, ...measured, leastPay, payWindows: after, folder };
    return {
      ...result,
      causes: [
        ...causes,
        ...brokenBounds(result),
        ...(difference === null ? [] : [difference]),
        ...gone.map((node) => `${node.name} had ended by itself`),
        ...exitCauses(codes),
        ...recordCauses(folder),
      ],
    };
  } finally {
    await net.close();
  }
}

/** Reads windows until training is whole, or nobody would wait any longer. */
async function recovery(
  ledger: Ledger,
  at: { readonly healed: number; readonly miners: number },
): Promise<number | null> {
  for (let window = at.healed; window <= at.healed + PATIENCE_WINDOWS; window++) {
    await ledger.through(window);
    // An honest update is refused now and then for what it is worth; who is refused for good shows in the pay.
    const found = recoveryOf(ledger.rows, { ...at, least: at.miners - 1 });
    if (found !== null) return found;
  }
  return null;
}

/** Whoever is asked to end ends well. */
function exitCauses(codes: ReadonlyMap<string, number | null>): string[] {
  return [...codes].flatMap(([name, code]) =>
    code === 0 ? [] : [`${name} ended with ${code ?? "a signal"} when it was asked to stop`],
  );
}

/** The logs of the validators hold: chained, one line a window, no window twice. */
function recordCauses(folder: string): string[] {
  const found = readdirSync(join(folder, "nodes"), { recursive: true, encoding: "utf8" });
  return found
    .filter((path) => /records-.*\.jsonl$/.test(path))
    .flatMap((path) => {
      const text = readFileSync(join(folder, "nodes", path), "utf8").trimEnd();
      try {
        verifyRecords(text.split("\n"), path);
        return [];
      } catch (error) {
        return [error instanceof Error ? error.message : String(error)];
      }
    });
}
