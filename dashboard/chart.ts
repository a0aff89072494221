/** @file A chart and, beside it, the same numbers as a table: who does not see the one reads the other. */
import { h, type JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { type Column, table } from "./element.ts";

/** A line of a chart. Null: no value there. */
type Line = {
  readonly name: string;
  /** Name of a colour of the sheet, without its dashes. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  readonly kind?: "line" | "bars" | "dashed";
};

/** What is drawn. */
export type ChartProps = {
  readonly title: string;
  /** What the numbers say, in one sentence. */
  readonly says: string;
  /** Name of the numbers along the axis below. */
  readonly along: string;
  readonly at: readonly number[];
  readonly lines: readonly Line[];
  /** How a value is written, with its unit. */
  readonly format: (value: number) => string;
  /** How it is written along the axis. */
  readonly tick: (value: number) => string;
  readonly fromZero?: boolean;
  /** The axis reaches at least so high: what is next to nothing must not look like much. */
  readonly reaches?: number;
};

const HEIGHT = 220;
const TABLE_ROWS = 100;
const FONT = "12px system-ui, sans-serif";
/** Of that font, in pixels. */
const DIGIT_WIDTH = 7;
const TICK_ROOM = 18;
const DARK = "(prefers-color-scheme: dark)";

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** How a line's value stands in the legend. */
function written(format: ChartProps["format"]): uPlot.Series.Value {
  return (_plot, raw: number | null) => (raw === null ? "–" : format(raw));
}

function seriesOf({ lines, along, format }: ChartProps): uPlot.Series[] {
  const drawn = lines.map((line): uPlot.Series => {
    const stroke = colour(line.colour);
    const common = { label: line.name, stroke, value: written(format), spanGaps: true };
    if (line.kind === "dashed")
      return { ...common, width: 1.5, dash: [6, 5], points: { show: false } };
    if (line.kind !== "bars") return { ...common, width: 2, points: { size: 5 } };
    const paths = uPlot.paths.bars?.({ size: [0.7, 40] });
    return { ...common, fill: stroke, ...(paths && { paths }), points: { show: false } };
  });
  return [{ label: along, value: written(String) }, ...drawn];
}

/** As wide as what is written beside it. */
const roomFor: uPlot.Axis.Size = (_plot, values: readonly string[] | null) =>
  TICK_ROOM + DIGIT_WIDTH * Math.max(0, ...(values ?? []).map(({ length }) => length));

const wholeOnly = (_plot: uPlot, splits: number[]): string[] =>
  splits.map((split) => (Number.isInteger(split) ? String(split) : ""));

function axesOf({ tick }: ChartProps): uPlot.Axis[] {
  const common = {
    font: FONT,
    stroke: colour("faint"),
    grid: { stroke: colour("grid"), width: 1 },
    ticks: { stroke: colour("grid"), width: 1 },
  };
  return [
    { ...common, values: wholeOnly, grid: { show: false } },
    { ...common, size: roomFor, values: (_plot, splits) => splits.map(tick) },
  ];
}

function dataOf({ at, lines }: ChartProps): uPlot.AlignedData {
  return [[...at], ...lines.map(({ values }) => [...values])];
}

/** Room above and below the values, so that the newest one does not lie on the edge. */
function range({ fromZero = false, reaches = -Infinity }: ChartProps): uPlot.Range.Function {
  return (_plot, least, highest) => {
    if (!Number.isFinite(least) || !Number.isFinite(highest)) return [0, 1];
    const most = Math.max(highest, reaches);
    const low = fromZero ? Math.min(0, least) : least;
    const room = Math.max((most - low) * 0.08, Math.abs(most) * 0.005, 1e-9);
    return [fromZero && least >= 0 ? 0 : low - room, most + room];
  };
}

/** The legend says the newest values while nobody points at others. */
function restAtLast(plot: uPlot, idx: number): void {
  if (idx < 0) return;
  plot.setLegend({ idx }, false);
  plot.over.addEventListener("mouseleave", () => plot.setLegend({ idx }, false));
}

function optionsOf(props: ChartProps, width: number): uPlot.Options {
  const first = props.at[0] ?? 0;
  const last = props.at.at(-1) ?? 1;
  // Bars at both ends are whole.
  const room = props.at.length < 2 ? 0.5 : (last - first) / (props.at.length - 1) / 2;
  return {
    width,
    height: HEIGHT,
    scales: {
      x: { time: false, range: () => [first - room, Math.max(first + 1, last) + room] },
      y: { range: range(props) },
    },
    series: seriesOf(props),
    axes: axesOf(props),
    cursor: { drag: { x: false, y: false } },
    legend: { live: true },
    hooks: { ready: [(plot) => restAtLast(plot, props.at.length - 1)] },
  };
}

/** Draws into an element and goes on with new numbers, another width, another scheme of colours. */
function useChart(props: ChartProps): { readonly current: HTMLDivElement | null } {
  const place = useRef<HTMLDivElement>(null);
  const drawn = JSON.stringify([props.at, props.lines]);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    let plot: uPlot | null = null;
    const draw = (): void => {
      plot?.destroy();
      plot = new uPlot(optionsOf(props, element.clientWidth), dataOf(props), element);
    };
    const sized = new ResizeObserver(() => {
      if (plot !== null && plot.width !== element.clientWidth)
        plot.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    const scheme = matchMedia(DARK);
    draw();
    sized.observe(element);
    scheme.addEventListener("change", draw);
    return () => {
      sized.disconnect();
      scheme.removeEventListener("change", draw);
      plot?.destroy();
    };
  }, [drawn]);
  return place;
}

type TableRow = { readonly at: number; readonly values: readonly (number | null)[] };

function numbersOf({ title, along, at, lines, format }: ChartProps): JSX.Element {
  const rows = at
    .map((x, index): TableRow => ({
      at: x,
      values: lines.map((line) => line.values[index] ?? null),
    }))
    .toReversed();
  const columns = lines.map(({ name }, index): Column<TableRow> => {
    const cell = ({ values }: TableRow): string => {
      const value = values[index] ?? null;
      return value === null ? "–" : format(value);
    };
    return { title: name, isNumber: true, cell };
  });
  const more = rows.length > TABLE_ROWS ? `, the newest ${TABLE_ROWS}` : "";
  return h(
    "details",
    null,
    h("summary", null, `Numbers of “${title}”${more}`),
    table({
      caption: `${title}${more}`,
      columns: [{ title: along, cell: (row) => row.at }, ...columns],
      rows: rows.slice(0, TABLE_ROWS),
      keyOf: (row) => row.at,
      empty: "No numbers yet.",
    }),
  );
}

/** A chart with its title, its picture and its table. */
export function Chart(props: ChartProps): JSX.Element {
  const place = useChart(props);
  const { title, says, at } = props;
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", null, h("strong", null, title), h("span", { class: "says" }, says)),
    h("div", {
      class: at.length === 0 ? "plot none" : "plot",
      ref: place,
      role: "img",
      "aria-label": `${title}. ${says}`,
    }),
    at.length === 0 ? null : numbersOf(props),
  );
}
