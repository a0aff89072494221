/** @file Dashboards as Grafana imports them (schema 39, Grafana 10 and newer). */
import type { Board, Panel } from "./panels.ts";

const WIDTH = 24;
const HEIGHT = { stat: 4, timeseries: 8, table: 8 } as const;
const SOURCE = { type: "prometheus", uid: "${datasource}" };

type Place = { readonly x: number; readonly y: number; readonly w: number; readonly h: number };

function panelJson(
  { title, about, unit, kind = "timeseries", lines }: Panel,
  id: number,
  gridPos: Place,
): object {
  return {
    id,
    type: kind,
    title,
    description: about,
    datasource: SOURCE,
    gridPos,
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: Object.entries(lines).map(([legendFormat, expr], index) => ({
      refId: String.fromCodePoint(65 + index),
      datasource: SOURCE,
      expr,
      legendFormat,
      ...(kind === "table" && { format: "table", instant: true }),
    })),
  };
}

/** Panels from left to right, row below row. */
function panelsOf({ rows }: Board): readonly object[] {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title: row.title,
      gridPos: { x: 0, y, w: WIDTH, h: 1 },
      panels: [],
    });
    y += 1;
    const isStats = row.panels.every(({ kind }) => kind === "stat");
    const across = isStats ? row.panels.length : 2;
    const h = isStats ? HEIGHT.stat : HEIGHT.timeseries;
    for (const [index, panel] of row.panels.entries()) {
      const w = Math.floor(WIDTH / across);
      const place = { x: (index % across) * w, y: y + Math.floor(index / across) * h, w, h };
      panels.push(panelJson(panel, panels.length + 1, place));
    }
    y += Math.ceil(row.panels.length / across) * h;
  }
  return panels;
}

/** Choices at the head. */
const CHOICES = [
  { name: "datasource", label: "Prometheus", type: "datasource", query: "prometheus" },
  {
    name: "node",
    label: "Node",
    type: "query",
    datasource: SOURCE,
    query: { query: 'label_values(up{job="assay"}, node)', refId: "node" },
    refresh: 2,
    includeAll: true,
    allValue: ".*",
    multi: true,
    current: { text: "All", value: "$__all" },
  },
];

/** A dashboard as JSON. */
export function dashboardJson(board: Board): string {
  const json = {
    uid: board.uid,
    title: board.title,
    tags: ["assay"],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: "10s",
    time: { from: "now-1h", to: "now" },
    timezone: "browser",
    templating: { list: CHOICES },
    annotations: { list: [] },
    panels: panelsOf(board),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
