/** @file Who listens to what a neuron counts: curves for TensorBoard, traces for OpenTelemetry. Each only where it is asked for. */
import type { Lifecycle } from "../command/lifecycle.ts";
import type { WindowStep } from "../api/types.ts";
import { CurveFile, pointsOf } from "../metrics/curves.ts";
import { NODE_METRICS, type NodeState } from "../metrics/node-metrics.ts";
import { SUBNET_METRICS } from "../metrics/subnet-metrics.ts";
import type { TallyEvent } from "../metrics/tally.ts";
import { openTraces, type Traces } from "../metrics/traces.ts";
import type { OpenPage, Seen } from "../page/page.ts";
import type { Neuron } from "./neuron.ts";

/** With these a window is over for a role. */
const LAST_STEPS: ReadonlySet<WindowStep> = new Set(["settled", "recorded"]);
const LOOK_PATIENCE_MS = 3000;

/** What is drawn, as it is now. */
export type Drawn = {
  readonly neuron: Pick<Neuron, "role" | "tally" | "options" | "signer" | "log" | "say">;
  readonly page: Pick<OpenPage, "seen">;
  readonly node: () => Promise<NodeState>;
};

/** Every curve's newest point. */
async function pointsNow({ page, node }: Drawn): Promise<Parameters<CurveFile["add"]>[0]> {
  const seen: Seen = await page.seen(LOOK_PATIENCE_MS);
  return [...pointsOf(NODE_METRICS, await node()), ...pointsOf(SUBNET_METRICS, seen)];
}

/** Draws the neuron's curves into `folder`. */
function draw(drawn: Drawn, folder: string, lifecycle: Lifecycle): void {
  const { tally, log, say } = drawn.neuron;
  let file: CurveFile | null = null;
  let told = false;
  const fault = (error: unknown): void => {
    log.warn({ error, folder }, "curves are not written");
    if (!told) say(`curves cannot be written to ${folder}; going on without them`);
    told = true;
  };
  const add = async (first: number): Promise<void> => {
    file ??= new CurveFile({ folder, first, fault });
    await file.add(await pointsNow(drawn));
  };
  tally.listen((event) => {
    if (event.kind === "step" && LAST_STEPS.has(event.step)) add(event.window).catch(fault);
  });
  // The newest record is often served only after the window's last step.
  lifecycle.onClose("curves", () => file?.add([]));
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
