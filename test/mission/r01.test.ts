/** @file R1: honest miners train as well as one node on their tokens, cheats earn nothing to speak of, three validators agree. */
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { LAZY_SHARE } from "../../miner/strategies/lazy.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { Nodes } from "../support/localnet.ts";
import { hotkeyOf, type Onlooker } from "./onlooker.ts";
import { validatorTrust } from "./public-client.ts";
import { above, atMost, exactly, type Goal, report } from "./report.ts";
import { ROWS } from "./rows.ts";
import { openScene } from "./scene.ts";

const WINDOWS = 36;
const HONEST = 5;
const VALIDATORS = ["validator-1", "validator-2", "validator-3"];
const CHEATS = ["copy", "noise", "lazy", "stale", "poison"];
/** Loss of the network over that of one node which trained on the same tokens. */
const MOST_LOSS_RATIO = 1.02;
const LEAST_TRUST = 0.9;
/** What a cheat may be paid at most, as a part of what the worst paid honest miner is. */
const MOST_PAY = 0.1;
/**
 * A lazy miner may be paid what an honest one is for as many steps, and above it by as much as any point of the pay curve, in honest shares, for it
 * does real work; MOST_PAY binds those that do none.
 */
const MOST_ABOVE_STEPS = 0.02;
/** Pay is judged from this window on: before it the first scores are luck, and a new hotkey is a stranger. Printed as well: from the first. */
const SETTLED_WINDOW = 5;

const LAST_STEP_MS = 10_000;
const LOOK_MS = 200;

const summarySchema = z.object({
  windows: z.number(),
  windowsWithUpdates: z.number(),
  heldOutLoss: z.object({ start: z.number(), end: z.number() }),
  baselineLoss: z.number(),
  digestsEqual: z.boolean(),
  missed: z.record(z.string(), z.number()),
  faults: z.array(z.string()),
});

/** Hotkeys of the cheats, by what they do. */
function cheatsOf(nodes: Nodes): readonly { readonly kind: string; readonly hotkey: Hex }[] {
  return CHEATS.map((kind) => {
    const name = nodes.nodes.find((node) => node.kind === kind)?.name ?? "";
    return { kind, hotkey: hotkeyOf(nodes, name) };
  });
}

/** What was paid in epochs from a block on. */
type Pay = {
  /** Of each cheat, over what the worst paid honest miner got. */
  readonly overWorst: Readonly<Record<string, number>>;
  /** Of the lazy miner, over the mean of the honest ones. */
  readonly lazyOverMean: number;
};

async function payFrom(onlooker: Onlooker, nodes: Nodes, block: number): Promise<Pay> {
  const names = Array.from({ length: HONEST }, (_, index) => `miner-${index + 1}`);
  const cheats = cheatsOf(nodes);
  const hotkeys = [
    ...names.map((name) => hotkeyOf(nodes, name)),
    ...cheats.map(({ hotkey }) => hotkey),
  ];
  const paid = (await onlooker.paidRao(hotkeys, block)).map(Number);
  const honest = paid.slice(0, HONEST);
  const worst = Math.min(...honest);
  const mean = honest.reduce((sum, one) => sum + one, 0) / HONEST;
  const cheated = paid.slice(HONEST);
  return {
    overWorst: Object.fromEntries(
      cheats.map(({ kind }, index) => [kind, (cheated[index] ?? 0) / worst]),
    ),
    lazyOverMean: (cheated[CHEATS.indexOf("lazy")] ?? 0) / mean,
  };
}

/** Inner steps of the lazy miner over those of the mean honest one, counted by the updates that they sent. */
function lazySteps({ windows }: Onlooker, { nodes }: Nodes): number {
  const kinds = new Map(nodes.map(({ hotkey, kind }) => [hotkey, kind]));
  const sent = windows.flatMap(({ commits }) => commits).map(({ hotkey }) => kinds.get(hotkey));
  const of = (wanted: string): number => sent.filter((kind) => kind === wanted).length;
  return (LAZY_SHARE * of("lazy")) / (of("honest") / HONEST);
}

/** Asks the nodes until two of them have taken the last outer step, which they do while the record is derived again; some may end before. */
async function lastDigests(onlooker: Onlooker): Promise<void> {
  for (
    const end = performance.now() + LAST_STEP_MS;
    performance.now() < end;
    await sleep(LOOK_MS)
  ) {
    await onlooker.readDigests();
    if (onlooker.comparison(WINDOWS).alone.length === 0) return;
  }
}

test("R1", { timeout: 900_000 }, async (t) => {
  const began = performance.now();
  const cast = ["--miners", String(HONEST), "--validators", String(VALIDATORS.length)];
  const attack = ["--attack", CHEATS.join(",")];
  const words = ["--windows", String(WINDOWS), ...cast, ...attack];
  const { net, nodes, onlooker, api } = await openScene(t, words);
  await onlooker.through(WINDOWS - 1);
  const trust = await validatorTrust(api, nodes.netuid);
  const uids = await onlooker.subnet.chain.hotkeys(nodes.netuid);
  const trusts = VALIDATORS.map((name) => trust[uids.indexOf(hotkeyOf(nodes, name))] ?? 0);
  const pay = await payFrom(onlooker, nodes, onlooker.clock.startBlock(SETTLED_WINDOW));
  const payFromTheFirst = await payFrom(onlooker, nodes, 0);
  await lastDigests(onlooker);
  const digests = onlooker.comparison(WINDOWS);
  await Promise.all([onlooker.close(), api.disconnect()]);
  await net.exited;
  const summary = summarySchema.parse(net.summary());
  const { heldOutLoss, baselineLoss, windowsWithUpdates, missed, faults } = summary;
  const lazyWork = lazySteps(onlooker, nodes);
  const goals: readonly Goal[] = [
    exactly("windows", summary.windows, WINDOWS),
    atMost("loss over a single node's", heldOutLoss.end / baselineLoss, MOST_LOSS_RATIO),
    ...CHEATS.filter((kind) => kind !== "lazy").map((kind) =>
      atMost(`pay of ${kind} over the worst honest`, pay.overWorst[kind] ?? null, MOST_PAY),
    ),
    atMost(
      "pay of lazy above its part of an honest miner's steps",
      pay.lazyOverMean - lazyWork,
      MOST_ABOVE_STEPS,
    ),
    above("least trust of a validator", Math.min(...trusts), LEAST_TRUST),
    exactly("windows with different parameters", digests.different.length, 0),
    exactly("windows computed by fewer than two", digests.alone.length, 0),
    exactly("parameters derived again are equal", summary.digestsEqual, true),
  ];
  const numbers = {
    loss: { start: heldOutLoss.start, end: heldOutLoss.end, singleNode: baselineLoss },
    validatorTrust: trusts,
    payOverWorstHonestFromTheFirstWindow: payFromTheFirst.overWorst,
    lazy: {
      stepsOverHonest: lazyWork,
      payOverHonest: pay.lazyOverMean,
      payOverHonestFromTheFirstWindow: payFromTheFirst.lazyOverMean,
    },
    windowsWithUpdates,
    nodesCompared: Math.max(...[...onlooker.digests.values()].map(({ size }) => size)),
    missed,
    faults,
  };
  report(ROWS.R1, began, { goals: [...goals], numbers });
});
