/** @file After the last window: the last parameters as a file, the losses, the comparison runs, a text sample. */
import { join } from "node:path";
import { type Engine, startEngine } from "../../kernels/engine/engine.ts";
import { TREES } from "../../src/blobs/directory.ts";
import { putCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { formOf } from "../../src/checkpoint/form.ts";
import { openLog } from "../../src/command/log.ts";
import type { Tokenizer } from "../../src/data/tokenizer.ts";
import { ChainError } from "../../chain/errors.ts";
import { isAssayError } from "../../src/errors.ts";
import { openNeuronState } from "../../src/neuron/state.ts";
import type { KnownStanding } from "../../src/run/amendments.ts";
import { engineOptionsOf, type Run } from "../../src/run/run.ts";
import { rederive, type Rederived } from "../audit/rederive.ts";
import { type Comparison, HELD_OUT_SEQUENCES, trainWithoutNetwork } from "../baseline/baseline.ts";
import { printable } from "../generate/printable.ts";
import { whileLate } from "./late-chain.ts";
import type { Localnet } from "./network.ts";
import { NODES, OWNER_BLOBS } from "./run-folder.ts";
import type { Screen } from "./screen.ts";
import type { Stop } from "./stop.ts";
import type { FinalCheckpoint, Learned } from "./summary.ts";

/** What the end of a run is told to, and what may cut it short. */
export type EndParts = {
  readonly stop: Stop;
  readonly screen: Screen;
  /** What was left out because somebody wants to stop, for the summary. */
  readonly skipped: string[];
};

const SAMPLE_TOKENS = { usual: 400, hurried: 100 } as const;
/** Sequences of one call of the engine, which cannot be cut. */
const SEQUENCES_AT_ONCE = 32;
const SAMPLE_PROMPT = "export interface ";
const SOME_WORDS = /\p{L}[\p{L}\d ]{5,20} (?=\p{L})/u;
const OTHER_PROMPT = "The ";
const SAMPLE_TEMPERATURE = 0.7;
/** Time after the first Ctrl-C by which each part has to be done, so that all of it takes less than ten seconds. */
const CUT_MS = { everyWindow: 5000, checkpoint: 7000, measuring: 8500 } as const;

/** `work` under a signal that a Ctrl-C cuts; null (and a line for the summary) when it was cut. */
async function unlessCut<T>(
  parts: EndParts,
  about: { readonly name: string; readonly cutMs: number },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const limit = parts.stop.limit(about.cutMs);
  try {
    return await work(limit.signal);
  } catch (error) {
    if (!limit.signal.aborted) throw error;
    parts.skipped.push(about.name);
    return null;
  } finally {
    limit.done();
  }
}

/** Re-derives the run; null when there is no time, or when nobody serves an accepted payload any more. */
export async function audit(net: Localnet, parts: EndParts): Promise<Rederived | null> {
  try {
    return await auditInTime(net, parts);
  } catch (error) {
    const isPruned = error instanceof ChainError && net.pruning !== "archive";
    if (!isPruned && !isAssayError(error, "blob-missing")) throw error;
    if (isPruned) parts.skipped.push("re-deriving windows whose blocks are not kept");
    parts.screen.step(error.explanation.cause);
    return null;
  }
}

/** Whether every window was derived, from theta_0 on. */
export function isWhole({ digests, window }: Rederived): boolean {
  return digests.length > window;
}

/** Whether nodes may have removed payloads of this run by now. */
function forgets({ manifest: { retention, windows } }: Localnet): boolean {
  return retention.payloadWindows > 0 && (windows === 0 || retention.payloadWindows < windows);
}

/** Where the run stood in the newest checkpoint of a validator; null where the chain itself can be asked. */
function standingIn(net: Localnet): (run: Run) => KnownStanding | null {
  const known = net.members
    .filter(({ kind }) => kind === "validator" && net.pruning !== "archive")
    .map(({ hotkey }) => openNeuronState(join(net.folder, NODES, hotkey.ss58)));
  return (run) =>
    known
      .flatMap((state) => state.standingOf(run) ?? [])
      .toSorted((a, b) => a.window - b.window)[0] ?? null;
}

/** Every window, or those since the newest confirmed checkpoint: in a hurry, or where payloads before it are not kept. */
async function auditInTime(net: Localnet, parts: EndParts): Promise<Rederived | null> {
  const log = openLog({ name: "audit", level: "silent" });
  const standingOf = standingIn(net);
  parts.screen.step("re-deriving every window's parameters from the chain's record");
  const whole = { name: "re-deriving every window", cutMs: CUT_MS.everyWindow };
  if (forgets(net)) parts.skipped.push("re-deriving windows whose payloads are not kept");
  else {
    const all = await unlessCut(parts, whole, (signal) =>
      whileLate(() => rederive(net.subnet, { from: "genesis", signal, log, standingOf }), signal),
    );
    if (all !== null) return all;
  }
  const rest = { name: "the last parameters", cutMs: CUT_MS.checkpoint };
  const some = await unlessCut(parts, rest, (signal) =>
    whileLate(() => rederive(net.subnet, { from: "checkpoint", signal, log, standingOf }), signal),
  );
  // Without a checkpoint it was every window after all.
  const cut = parts.skipped.indexOf(whole.name);
  if (some !== null && isWhole(some) && cut >= 0) parts.skipped.splice(cut, 1);
  return some;
}

/** Stores the last parameters among the owner's blobs, so that a run which was stopped early keeps them too. */
export async function keepFinal(net: Localnet, last: Rederived): Promise<FinalCheckpoint> {
  const { run, theta, window, digests } = last;
  const checkpoint = await putCheckpoint(net.subnet.blobs.trees, run.sharedLayout, theta);
  const thetaDigest = digests.find((one) => one.window === window)?.digest ?? "0x";
  const place = join(net.folder, OWNER_BLOBS, TREES, checkpoint.slice(2));
  const { files } = formOf(run.sharedLayout);
  const path = files.length === 1 ? join(place, files[0]?.name ?? "") : place;
  return { runId: run.runId, window, thetaDigest, checkpoint, path };
}

/** How the sample begins: with words that the run's own text has. */
function promptOf(run: Run, tokenizer: Tokenizer): string {
  const tokens = run.heldOutTokens(HELD_OUT_SEQUENCES);
  if (run.manifest.tokenizer.kind === "tokens") return tokenizer.decode(tokens.slice(0, 8));
  const text = tokenizer.decode(tokens);
  if (text.includes(SAMPLE_PROMPT)) return SAMPLE_PROMPT;
  return SOME_WORDS.exec(printable(text))?.[0] ?? OTHER_PROMPT;
}

/** The loss that src/run/held-out.ts defines, in calls so short that a Ctrl-C need not wait for them. */
async function lossInSteps(engine: Engine, run: Run, signal: AbortSignal): Promise<number> {
  const tokens = run.heldOutTokens(HELD_OUT_SEQUENCES);
  const step = SEQUENCES_AT_ONCE * (run.manifest.model.context + 1);
  const losses: number[] = [];
  for (let at = 0; at < tokens.length; at += step) {
    signal.throwIfAborted();
    losses.push(...(await engine.losses({ tokens: tokens.slice(at, at + step) })));
  }
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** What the engine's parameters write. */
async function sampleOf(
  engine: Engine,
  tokenizer: Tokenizer,
  { prompt, count }: { readonly prompt: string; readonly count: number },
): Promise<string> {
  const begun = tokenizer.encode(prompt);
  const drawn = await engine.sample({
    prompt: begun,
    count,
    temperature: SAMPLE_TEMPERATURE,
    seed: 1,
  });
  return printable(tokenizer.decode([...begun, ...drawn]));
}

/** Held-out losses of the first and the last parameters, and what the model writes. */
export async function measure(last: Rederived, parts: EndParts): Promise<Learned | null> {
  parts.screen.step("measuring the first and the last parameters on held-out text");
  const about = { name: "measuring on held-out text", cutMs: CUT_MS.measuring };
  return unlessCut(parts, about, async (signal) => {
    const { run, genesisTheta, theta } = last;
    const engine = await startEngine({ ...engineOptionsOf(run.manifest), batch: 1, device: "cpu" });
    try {
      await engine.setParameters(genesisTheta);
      const start = await lossInSteps(engine, run, signal);
      await engine.setParameters(theta);
      const end = await lossInSteps(engine, run, signal);
      const tokenizer = run.tokenizer();
      const prompt = promptOf(run, tokenizer);
      const count = parts.stop.isAsked ? SAMPLE_TOKENS.hurried : SAMPLE_TOKENS.usual;
      return { start, end, prompt, sample: await sampleOf(engine, tokenizer, { prompt, count }) };
    } finally {
      await engine.close();
    }
  });
}

/** The two comparison runs side by side: everybody's batches on one node, and one honest miner alone. */
export async function compare(
  net: Localnet,
  last: Rederived,
  parts: EndParts,
): Promise<{ baselineLoss: number; aloneLoss: number } | null> {
  const honest = net.members.flatMap((member, uid) => (member.kind === "honest" ? [uid] : []));
  const about = { name: "the comparison runs", cutMs: 0 };
  return unlessCut(parts, about, async (signal) => {
    const far = { what: "comparison runs without a network", unit: "windows" };
    const common: Omit<Comparison, "uids"> = {
      run: last.run,
      chain: net.subnet.chain,
      blocks: net.subnet.blocks,
      windows: last.window,
      genesisTheta: last.genesisTheta,
      signal,
      progress: (done) => {
        if (!signal.aborted) parts.screen.far({ ...far, done, of: last.window });
      },
    };
    const quiet = { ...common, progress: () => undefined };
    const runs = [
      trainWithoutNetwork({ ...common, uids: honest }, "synchronous"),
      trainWithoutNetwork({ ...quiet, uids: honest.slice(0, 1) }, "alone"),
    ] as const;
    // When one is cut, the other is about to be: its engine must be closed before anybody goes on.
    await Promise.allSettled(runs);
    const [baselineLoss, aloneLoss] = await Promise.all(runs);
    return { baselineLoss, aloneLoss };
  });
}
