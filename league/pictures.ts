/** @file The standings of a league as SVG: what each strategy earned, and pay against steps. */
import { isWithin } from "./table.ts";
import type { Standings } from "./standings.ts";

const ROW = 18;
const LABEL = 190;
const BAR = 420;
const MARGIN = 16;
const CURVE = 320;

const INK = "#333";
const GOOD = "#3a7d44";
const BAD = "#c0392b";
const BOUND = "#888";

function svg(width: number, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="${INK}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

const text = (x: number, y: number, words: string, anchor = "start"): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`;

/** A bar for each strategy's share of emission, with a tick at the most that it may earn. */
export function sharesPicture({ strategies }: Standings): string {
  const rows = strategies.filter(({ most }) => most !== null);
  const widest = Math.max(0.01, ...rows.map(({ share, most }) => Math.max(share, most ?? 0)));
  const at = (value: number): number => Math.round((BAR * value * 10) / widest) / 10;
  const parts = rows.flatMap((row, index) => {
    const y = MARGIN + index * ROW;
    const name = row.regime === "plateau" ? `${row.name} (plateau)` : row.name;
    const tick = LABEL + at(row.most ?? 0);
    return [
      text(LABEL - 6, y + 12, name, "end"),
      `<rect x="${LABEL}" y="${y + 3}" width="${at(row.share)}" height="${ROW - 7}" fill="${isWithin(row) ? GOOD : BAD}"/>`,
      `<line x1="${tick}" y1="${y}" x2="${tick}" y2="${y + ROW - 2}" stroke="${BOUND}" stroke-width="2"/>`,
      text(LABEL + BAR + 8, y + 12, `${(100 * row.share).toFixed(1)} %`),
    ];
  });
  return svg(LABEL + BAR + 70, 2 * MARGIN + rows.length * ROW, parts);
}

/** Pay in honest shares over the share of the steps, with the diagonal. */
export function curvePicture({ payCurve }: Standings): string {
  const from = 40;
  const x = (value: number): number => Math.round(10 * (from + CURVE * value)) / 10;
  const y = (value: number): number =>
    Math.round(10 * (MARGIN + CURVE * (1 - Math.min(1.1, value)))) / 10;
  const points = [{ steps: 0, pay: 0 }, ...payCurve];
  const line = points.map(({ steps, pay }) => `${x(steps)},${y(pay)}`).join(" ");
  return svg(from + CURVE + 2 * MARGIN, CURVE + 3 * MARGIN + 10, [
    `<line x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" stroke="${BOUND}" stroke-dasharray="4 4"/>`,
    `<polyline points="${line}" fill="none" stroke="${GOOD}" stroke-width="2"/>`,
    ...payCurve.map(
      ({ steps, pay }) => `<circle cx="${x(steps)}" cy="${y(pay)}" r="3" fill="${GOOD}"/>`,
    ),
    ...[0, 0.5, 1].flatMap((value) => [
      text(x(value), y(0) + 14, String(value), "middle"),
      text(x(0) - 6, y(value) + 4, String(value), "end"),
    ]),
    text(x(0.5), y(0) + 28, "share of the inner steps", "middle"),
  ]);
}
