/** @file The pay curve: what a share of the work is paid, against the diagonal. */
import { type Markup, markup } from "./markup.ts";
import { type About, picture, plane, pointsOf, stroke } from "./picture.ts";

/** Pay in honest shares for a share of the inner steps. */
export type CurvePoint = { readonly steps: number; readonly pay: number };

/** What a curve is held against: pay no more than the steps and `slack`, and at least `least` at half of them. */
export const CURVE_BOUNDS = { slack: 0.02, half: 0.5, least: 0.35 } as const;

const FIFTHS = [0, 0.25, 0.5, 0.75, 1] as const;

const point = ({ steps, pay }: CurvePoint): string => `${steps}: ${pay.toFixed(2)}`;

/** Whether no point pays more than its work, nor half of the work too little. */
export function keepsBounds(curve: readonly CurvePoint[]): boolean {
  const { slack, half, least } = CURVE_BOUNDS;
  return curve.every(({ steps, pay }) => pay <= steps + slack && (steps !== half || pay >= least));
}

/** The curve as a picture. */
export function curvePicture(
  about: Pick<About, "id" | "title">,
  curve: readonly CurvePoint[],
): Markup {
  const { slack, half, least } = CURVE_BOUNDS;
  const all = [{ steps: 0, pay: 0 }, ...curve];
  const most = Math.max(1, ...curve.map(({ pay }) => pay));
  const top = most > 1 ? [Math.ceil(most * 4) / 4] : [];
  const ticks = FIFTHS.map((value) => ({ value, label: String(value) }));
  const on = plane(
    {
      x: { ticks, name: "share of the inner steps" },
      y: {
        ticks: [...ticks, ...top.map((value) => ({ value, label: String(value) }))],
        name: "pay, in shares of an honest miner",
      },
    },
    260,
  );
  const at = (steps: number, pay: number): readonly [number, number] => [on.x(steps), on.y(pay)];
  const description = `Pay for a share of the steps: ${curve.map(point).join(", ")}. The diagonal pays exactly the work.`;
  return picture({ ...about, description }, on.height, [
    on.frame,
    stroke(at(0, 0), at(1, 1), "bound dashed"),
    stroke(at(half - slack, least), at(half + slack, least), "bound"),
    markup`<polyline class="line honest" points="${pointsOf(all.map(({ steps, pay }) => at(steps, pay)))}"/>`,
    ...curve.map((one) => {
      const [x, y] = at(one.steps, one.pay);
      return markup`<circle class="dot honest" cx="${x}" cy="${y}" r="4"><title>${point(one)}</title></circle>`;
    }),
  ]);
}
