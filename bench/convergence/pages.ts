/** @file The standing as a Markdown page and as a picture. */
import { CHUNK, FINAL_STEPS, type Setting, SWEEP_STEPS } from "./arms.ts";
import { type ArmStanding, type Goal, lossText, type Standing } from "./standing.ts";

const OPEN = "not run";

const lossOrOpen = (loss: number | null): string => (loss === null ? OPEN : lossText(loss));

const aboveText = (ratio: number | null): string => {
  if (ratio === null) return OPEN;
  if (!Number.isFinite(ratio)) return "diverged";
  return `${ratio >= 1 ? "+" : ""}${(100 * (ratio - 1)).toFixed(1)} %`;
};

function settingText(setting: Setting | null): string {
  if (setting === null) return OPEN;
  return Object.entries(setting)
    .map(([key, value]) => `${key} ${value}`)
    .join(", ");
}

function verdict({ holds }: Goal): string {
  if (holds === null) return "open";
  return holds ? "holds" : "**missed**";
}

const row = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function armRow(arm: ArmStanding): string {
  const { name, swept, settings, best, atEdge, sweepLoss, finals, mean, ratio } = arm;
  const edge = atEdge.length === 0 ? "" : ` (${atEdge.join(", ")} at its end)`;
  const cells = [`${swept}/${settings}`, lossOrOpen(sweepLoss), `${settingText(best)}${edge}`];
  return row(
    `\`${name}\``,
    ...cells,
    ...finals.map(lossOrOpen),
    lossOrOpen(mean),
    aboveText(ratio),
  );
}

/** The page with the table, goals first. */
export function pageOf(
  { arms, goals, curve }: Standing,
  { done, all }: { readonly done: number; readonly all: number },
): string {
  const seeds = arms[0]?.finals.map((_loss, at) => `seed ${at + 1}`) ?? [];
  const head = ["arm", "swept", `best of ${SWEEP_STEPS} steps`, "setting", ...seeds, "mean"];
  return [
    "# What the runs say so far",
    "",
    `Written by \`npm run bench -- convergence --write\`; [README.md](README.md) says what is compared. ${done} of ${all} runs are done.`,
    "",
    row("goal", "seen", ""),
    row("---", "---", "---"),
    ...goals.map((goal) => row(goal.text, goal.seen, verdict(goal))),
    "",
    `Losses in nats a byte: of the sweep on validation text, of the seeds on test text after ${FINAL_STEPS} steps.`,
    "",
    row(...head, "above synchronous"),
    row(...head.map(() => "---"), "---"),
    ...arms.map(armRow),
    "",
    `The curve over compression, test loss of the first seed, k of ${CHUNK}:`,
    "",
    row("k", ...curve.map(({ k }) => String(k))),
    row("---", ...curve.map(() => "---")),
    row("loss", ...curve.map(({ loss }) => lossOrOpen(loss))),
    "",
    "![Loss above synchronous AdamW by arm](losses.svg)",
    "",
  ].join("\n");
}

const ROW = 20;
const LABEL = 150;
const BAR = 420;
const MARGIN = 16;
const INK = "#333";
const GOOD = "#3a7d44";
const RIVAL = "#888";

const words = (x: number, y: number, text: string, anchor = "start"): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`;

const above = ({ ratio }: ArmStanding): number | null => (ratio === null ? null : ratio - 1);

/** A bar for each arm: mean test loss above the synchronous arm's; arms that were not run say so. */
export function pictureOf({ arms }: Standing): string {
  const shown = arms.filter(({ name }) => name !== "synchronous");
  const finite = shown.flatMap((arm) => above(arm) ?? []).filter(Number.isFinite);
  const widest = Math.max(0.04, ...finite);
  const parts = shown.flatMap((arm, index) => {
    const y = MARGIN + index * ROW;
    const value = above(arm);
    const name = words(LABEL - 6, y + 13, arm.name, "end");
    if (value === null) return [name, words(LABEL, y + 13, OPEN)];
    const width = Math.round((10 * BAR * Math.max(0, Math.min(value, widest))) / widest) / 10;
    const colour = arm.name.startsWith("sparseloco") ? GOOD : RIVAL;
    return [
      name,
      `<rect x="${LABEL}" y="${y + 3}" width="${width}" height="${ROW - 8}" fill="${colour}"/>`,
      words(LABEL + width + 6, y + 13, aboveText(arm.ratio)),
    ];
  });
  const [width, height] = [LABEL + BAR + 90, 2 * MARGIN + shown.length * ROW];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="${INK}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}
