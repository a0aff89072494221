/** @file Who listens to what a neuron counts: curves for TensorBoard, traces for OpenTelemetry. Each only where it is asked for. */
import { join } from "node:path";
import type { Lifecycle } from "../command/lifecycle.ts";
import type { WindowStep } from "../api/types.ts";
import { CurveFile, pointsOf } from "../metrics/curves.ts";
import type { Scalar } from "../metrics/event-file.ts";
import { NODE_METRICS, type NodeState } from "../metrics/node-metrics.ts";
import { SUBNET_METRICS } from "../metrics/subnet-metrics.ts";
import type { TallyEvent } from "../metrics/tally.ts";
import { openTraces, type Traces } from "../metrics/traces.ts";
import type { OpenPage, Seen } from "../page/page.ts";
import type { Hex } from "../protocol/digest.ts";
import type { Neuron } from "./neuron.ts";

/** With these a window is over for a role. */
const LAST_STEPS: ReadonlySet<WindowStep> = new Set(["settled", "recorded"]);
const LOOK_PATIENCE_MS = 3000;
/** A node that is to end looks once more, at what came since the last window. */
const LAST_LOOK_MS = 500;
/** Of a run's id, for the name of its folder. */
const RUN_CHARACTERS = 10;
/** Windows that a look makes up for: records come some windows late, and several at once. */
const MADE_UP = 64;

/** What is drawn, as it is now. */
export type Drawn = {
  readonly neuron: Pick<Neuron, "role" | "tally" | "options" | "signer" | "log" | "say">;
  readonly page: Pick<OpenPage, "seen">;
  readonly node: () => Promise<NodeState>;
};

/** Every curve's newest point, and those of windows and losses that were told since the look before. */
async function pointsNow({ page, node }: Drawn, patienceMs: number): Promise<readonly Scalar[]> {
  // Its own first: a look may take a while, in which it goes on.
  const own = pointsOf(NODE_METRICS, await node());
  const seen: Seen = await page.seen(patienceMs);
  const { windows, losses } = seen;
  const before = { now: null, windows: [], losses: [], isFresh: true };
  return [
    ...own,
    ...windows
      .slice(-MADE_UP, -1)
      .flatMap((one) => pointsOf(SUBNET_METRICS, { ...before, windows: [one] })),
    ...losses
      .slice(-MADE_UP, -1)
      .flatMap((one) => pointsOf(SUBNET_METRICS, { ...before, losses: [one] })),
    ...pointsOf(SUBNET_METRICS, seen),
  ];
}

/** Draws the neuron's curves into a folder for each run below `folder`. */
function draw(drawn: Drawn, folder: string, lifecycle: Lifecycle): void {
  const { tally, log, say } = drawn.neuron;
  let drawing: { readonly runId: Hex; readonly file: CurveFile } | null = null;
  let told = false;
  const fault = (error: unknown): void => {
    log.warn({ error, folder }, "curves are not written");
    if (!told) say(`curves cannot be written to ${folder}; going on without them`);
    told = true;
  };
  const add = async (first: number): Promise<void> => {
    const { runId } = tally;
    if (runId === null) return;
    // Windows of another run begin at 0 again.
    if (drawing?.runId !== runId) {
      const place = join(folder, runId.slice(0, RUN_CHARACTERS));
      drawing = { runId, file: new CurveFile({ folder: place, first, fault }) };
    }
    await drawing.file.add(await pointsNow(drawn, LOOK_PATIENCE_MS));
  };
  tally.listen((event) => {
    if (event.kind === "step" && LAST_STEPS.has(event.step)) add(event.window).catch(fault);
  });
  lifecycle.onClose("curves", async () => drawing?.file.add(await pointsNow(drawn, LAST_LOOK_MS)));
}

/** Draws the neuron's steps into the trace of each window. */
function trace({ tally, role }: Drawn["neuron"], traces: Traces): void {
  const add = (event: Exclude<TallyEvent, { kind: "outcome" }>): void => {
    const { runId, uid } = tally;
    if (runId === null) return;
    const { window, fromMs, toMs } = event;
    const isStep = event.kind === "step";
    traces.add({
      runId,
      window,
      fromMs,
      toMs,
      name: `${role} ${isStep ? event.step : "update"}`,
      last: isStep && LAST_STEPS.has(event.step),
      attributes: {
        ...(uid !== null && { "assay.uid": uid }),
        ...(!isStep && { "assay.update.bytes": event.bytes }),
      },
    });
  };
  tally.listen((event) => {
    if (event.kind !== "outcome") add(event);
  });
}

/** Lets whoever was asked for listen. */
export async function observe(drawn: Drawn, lifecycle: Lifecycle): Promise<void> {
  const { neuron } = drawn;
  const { tensorboard } = neuron.options;
  if (tensorboard !== undefined) draw(drawn, tensorboard, lifecycle);
  const who = { service: `assay-${neuron.role}`, instance: neuron.signer.ss58 };
  const traces = await openTraces(who, neuron.say);
  if (traces === null) return;
  lifecycle.onClose("traces", () => traces.close());
  trace(neuron, traces);
}
