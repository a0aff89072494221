/** @file The run: its clock, the loss, what updates did, what they weigh, how long windows take. */
import { h, type JSX } from "preact";
import type { LocalView, NowView, PhaseView, RunView, WindowView } from "../src/api/page.ts";
import { Chart } from "./chart.ts";
import { type Children, type Column, figure, linked, section, table } from "./element.ts";
import type { State } from "./state.ts";
import { bytes, count, fall, nats, percent, seconds } from "./words.ts";

const WINDOWS_SHOWN = 40;

const PHASE_WORDS: Readonly<Record<string, string>> = {
  train: "miners train on the pages they were assigned.",
  commit: "miners put the digest of their update on the chain.",
  reveal: "miners serve the update; validators fetch and check it.",
  judge: "validators measure what each update does to the loss, and vote.",
};

/** Where the run is, in words. */
export function windowText({ window, windows }: Pick<RunView, "window" | "windows">): string {
  if (window < 0) return "before window 0";
  if (windows > 0 && window >= windows) return `all ${windows} windows over`;
  return windows === 0 ? `window ${window}` : `window ${window} of ${windows}`;
}

/** The phase that the next block belongs to; null before and after the run. */
function running({ window, windows, phases }: RunView): PhaseView | null {
  if (window < 0 || (windows > 0 && window >= windows)) return null;
  return phases.find(({ done, blocks }) => done < blocks) ?? phases.at(-1) ?? null;
}

function phaseBar({ name, done, blocks }: PhaseView, isNow: boolean): JSX.Element {
  const state = isNow ? "now" : done === blocks ? "done" : "ahead";
  return h(
    "li",
    { class: `phase ${state}`, title: PHASE_WORDS[name] },
    h(
      "span",
      { class: "phase-name" },
      name,
      isNow ? h("span", { class: "unseen" }, " (now)") : null,
    ),
    h("progress", {
      max: blocks,
      value: done,
      "aria-label": `${name}: block ${done} of ${blocks}`,
    }),
    h("span", { class: "note" }, `${done} of ${blocks} blocks`),
  );
}

function timeText(local: LocalView | null): Children {
  if (local === null || local.seconds === null) return null;
  const left = local.secondsLeft === null ? "" : `, about ${seconds(local.secondsLeft)} left`;
  return h("p", { class: "note" }, `${seconds(local.seconds)} gone${left}`);
}

function clock(run: RunView, now: NowView): JSX.Element {
  const { window, windows, phases } = run;
  const current = running(run);
  const waiting = now.local?.waiting ?? null;
  const waits =
    waiting === null || waiting.seconds < 1
      ? null
      : `The chain waits ${seconds(waiting.seconds)} for ${waiting.names.slice(0, 3).join(", ")}.`;
  const isOver = windows > 0 && window >= windows;
  const doing = isOver
    ? `${now.local?.stage ?? "the run is over"}.`
    : ((current && PHASE_WORDS[current.name]) ?? "");
  return h(
    "section",
    { class: "clock", "aria-label": "Clock of the window" },
    h("h2", null, windowText(run)),
    windows > 0
      ? h("progress", {
          class: "whole",
          max: windows,
          value: Math.max(0, window),
          "aria-label": `${Math.max(0, window)} of ${windows} windows`,
        })
      : null,
    h(
      "ol",
      { class: "phases" },
      phases.map((phase) => phaseBar(phase, phase === current)),
    ),
    h("p", { class: "doing" }, doing, " ", waits),
    timeText(now.local),
  );
}

function lossFigure({ now, losses }: State): JSX.Element {
  const [first, last] = [losses[0], losses.at(-1)];
  if (first === undefined || last === undefined)
    return figure({ name: "Loss on held-out text", value: "–", note: "not measured yet" });
  const note =
    first === last
      ? `perplexity ${Math.exp(last.loss).toFixed(1)}`
      : `${(last.loss - first.loss).toFixed(3).replace("-", "−")} since window ${first.window}; perplexity ${Math.exp(last.loss).toFixed(1)}`;
  return figure({
    name: "Loss on held-out text",
    value: last.loss.toFixed(3),
    unit: "nats/token",
    note,
    from: now?.losses ?? null,
  });
}

function figures(state: State, run: RunView): JSX.Element {
  const newest = state.windows.at(-1);
  const size = newest === undefined || newest.seen === 0 ? null : newest.bytes / newest.seen;
  const from = newest?.record ?? null;
  return h(
    "dl",
    { class: "figures" },
    lossFigure(state),
    figure({
      name: "Updates applied",
      value: newest === undefined ? "–" : String(newest.accepted.length),
      unit: newest === undefined ? "" : `of ${newest.seen}`,
      note: newest === undefined ? "no window is over yet" : `in window ${newest.window}`,
      from,
    }),
    figure({
      name: "An update weighs",
      value: size === null ? "–" : bytes(size),
      note:
        size === null
          ? `dense: ${bytes(run.denseBytes)}`
          : `${(run.denseBytes / size).toFixed(0)} times less than dense float32 (${bytes(run.denseBytes)})`,
      from,
    }),
    figure({
      name: "A window takes",
      value: seconds(state.windows.findLast((one) => one.seconds !== null)?.seconds ?? null),
      note: `${run.blocksPerWindow} blocks`,
    }),
    figure({ name: "Model", value: count(run.parameters), unit: "parameters", note: run.name }),
  );
}

/** The newest windows of a long run: a chart has no more points than a screen. */
function lossChart({ losses, now }: State): JSX.Element {
  const at = losses.map(({ window }) => window);
  const values = losses.map(({ loss }) => loss);
  const baseline = now?.local?.baseline ?? null;
  const flat = (value: number): number[] => at.map(() => value);
  const [first, last] = [values[0], values.at(-1)];
  const says =
    first === undefined || last === undefined
      ? "No loss is measured yet."
      : `From ${nats(first)} to ${nats(last)} in ${count(values.length)} measurements; lower is better.`;
  return h(Chart, {
    title: "Loss on held-out text",
    says,
    along: "window",
    at,
    lines: [
      { name: "this network", colour: "main", values },
      ...(baseline === null
        ? []
        : [
            {
              name: "one node, same tokens",
              colour: "hue-0",
              values: flat(baseline.together),
              kind: "dashed" as const,
            },
            {
              name: "one miner alone",
              colour: "hue-1",
              values: flat(baseline.alone),
              kind: "dashed" as const,
            },
          ]),
    ],
    format: nats,
    tick: (value) => value.toFixed(2),
  });
}

function gainChart(windows: readonly WindowView[]): JSX.Element {
  const last = windows.findLast(({ own }) => own !== null);
  return h(Chart, {
    title: "What an applied update gains",
    says:
      last === undefined
        ? "No update has been applied yet."
        : `Mean fall of the loss by one update alone: ${fall(last.own)} on its own pages, ${fall(last.noise)} on pages that nobody was assigned, in window ${last.window}.`,
    along: "window",
    at: windows.map(({ window }) => window),
    lines: [
      { name: "own pages", colour: "main", values: windows.map(({ own }) => own) },
      { name: "other pages", colour: "hue-4", values: windows.map(({ noise }) => noise) },
    ],
    format: fall,
    tick: (value) => percent(value, 1),
    fromZero: true,
    reaches: 0.005,
  });
}

function bytesChart(windows: readonly WindowView[]): JSX.Element {
  const sum = windows.reduce((all, one) => all + one.bytes, 0);
  return h(Chart, {
    title: "Bytes of all updates",
    says: `${bytes(sum)} in ${count(windows.length)} windows.`,
    along: "window",
    at: windows.map(({ window }) => window),
    lines: [
      {
        name: "bytes",
        colour: "hue-6",
        values: windows.map((one) => one.bytes),
        kind: "bars",
      },
    ],
    format: bytes,
    tick: bytes,
    fromZero: true,
  });
}

function timeChart(windows: readonly WindowView[]): JSX.Element {
  const known = windows.filter((one) => one.seconds !== null);
  const last = known.at(-1)?.seconds ?? null;
  return h(Chart, {
    title: "How long a window takes",
    says:
      last === null
        ? "This page has seen no whole window yet."
        : `${seconds(last)} for window ${known.at(-1)?.window ?? 0}.`,
    along: "window",
    at: known.map(({ window }) => window),
    lines: [
      { name: "time", colour: "hue-2", values: known.map((one) => one.seconds), kind: "bars" },
    ],
    format: (value) => seconds(value),
    tick: (value) => seconds(value),
    fromZero: true,
  });
}

function verdictText(verdicts: WindowView["verdicts"]): string {
  return Object.entries(verdicts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([code, many]) => `${many} ${code}`)
    .join(", ");
}

const WINDOW_COLUMNS: readonly Column<WindowView>[] = [
  {
    title: "window",
    cell: ({ window, record }) => linked(`window ${window}`, record, "the record of this window"),
  },
  {
    title: "applied",
    isNumber: true,
    cell: ({ accepted, seen }) => `${accepted.length} of ${seen}`,
  },
  { title: "own pages", isNumber: true, cell: ({ own }) => fall(own) },
  { title: "other pages", isNumber: true, cell: ({ noise }) => fall(noise) },
  { title: "bytes", isNumber: true, cell: (one) => bytes(one.bytes) },
  { title: "time", isNumber: true, cell: (one) => seconds(one.seconds) },
  {
    title: "verdicts",
    cell: ({ verdicts, flags }) => [
      verdictText(verdicts),
      flags.length > 0 ? h("span", { class: "badge middle" }, flags.join(", ")) : null,
    ],
  },
];

function alertsOf({ alerts, digestsEqual }: LocalView): Children {
  const all = digestsEqual ? alerts : ["Nodes hold different parameters.", ...alerts];
  if (all.length === 0) return null;
  return h(
    "ul",
    { class: "alerts", role: "status" },
    all.map((text) => h("li", { key: text }, text)),
  );
}

/** The page of the run. */
export function RunPage(state: State): JSX.Element {
  const { now, windows } = state;
  const run = now?.run ?? null;
  if (now === null || run === null)
    return h(
      "p",
      { class: "empty" },
      now?.local?.stage === "starting"
        ? "The local network is starting: chain, validators and miners come up, then the run is published."
        : "This node is in no run yet: none is published, or it is still joining.",
    );
  return h(
    "div",
    null,
    now.local === null ? null : alertsOf(now.local),
    clock(run, now),
    figures(state, run),
    h(
      "div",
      { class: "charts" },
      lossChart(state),
      gainChart(windows),
      bytesChart(windows),
      timeChart(windows),
    ),
    section(
      "Windows",
      table({
        caption: `The newest ${WINDOWS_SHOWN} windows, as the validator with the most stake recorded them`,
        columns: WINDOW_COLUMNS,
        rows: windows.slice(-WINDOWS_SHOWN).toReversed(),
        keyOf: ({ window }) => window,
        empty: "No window is over and recorded yet.",
      }),
    ),
  );
}
