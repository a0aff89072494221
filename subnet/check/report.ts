/** @file What `subnet check` prints: facts first, then findings, the worst first. */
import { tomlText } from "../../src/command/toml.ts";
import { shellWord } from "../../src/command/next-command.ts";
import { setText } from "./repair.ts";
import {
  bytesText,
  type Change,
  countText,
  type Finding,
  type Level,
  type Outcome,
  plural,
  timeText,
} from "./rule.ts";
import type { Subject } from "./subject.ts";

/** The result of a check. */
export type CheckResult = {
  readonly file: string;
  readonly subject: Subject;
  readonly findings: readonly Finding[];
  /** What could not be measured and why, for people. */
  readonly notes: readonly string[];
  /** The --set values that the check ran under. */
  readonly set: readonly string[];
  /** The chain that was watched, where one was named. */
  readonly endpoint: string | undefined;
  /** Changes that together lift every refusal; none when nothing is refused, null when no advice leads there. */
  readonly repair: readonly Change[] | null;
};

const LABEL_WIDTH = 10;
const KEY_WIDTH = 27;
const COLUMNS = 100;
const FLOAT_BYTES = 4;

/** How many findings are of a level. */
export function countOf(findings: readonly Finding[], level: Level): number {
  return findings.filter((finding) => finding.level === level).length;
}

/** Breaks text at spaces into lines of `width`. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** "a = 1, or b = 2 with c = 3" */
export function worksText(works: Outcome["works"]): string {
  return works
    .map((changes) => changes.map(({ key, value }) => `${key} = ${tomlText(value)}`).join(" with "))
    .join(", or ");
}

function factLine(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${text}`;
}

function modelText({ config, facts }: Subject): string {
  const { architecture, layers, width, context } = config.model;
  const { sizes } = facts;
  const size = sizes === null ? "cannot be built" : `${countText(sizes.parameters)} parameters`;
  return `${size} (${architecture}, ${layers} layers, width ${width}, context ${context})`;
}

function windowText({ config, facts }: Subject): string {
  const { train, commit, reveal, judge, blockMs } = config.phases;
  const phases = `${train} + ${commit} + ${reveal} + ${judge}`;
  const whole =
    config.windows === 0
      ? "endless"
      : `${config.windows} windows in ${timeText(config.windows * facts.windowMs)}`;
  return `${facts.blocksPerWindow} blocks (${phases}) of ${blockMs} ms = ${timeText(facts.windowMs)}; ${whole}`;
}

function updateText({ facts }: Subject): string[] {
  if (facts.sizes === null) return [];
  const { updateBytes, parameters } = facts.sizes;
  const ratio = Number(((parameters * FLOAT_BYTES) / updateBytes).toPrecision(2));
  return [factLine("update", `at most ${bytesText(updateBytes)}, ${ratio} times less than dense`)];
}

function measuredText({ measured }: Subject): string[] {
  const { engine, data, finality } = measured;
  const lines: string[] = [];
  if (data !== null)
    lines.push(
      factLine(
        "data",
        `${bytesText(data.trainingBytes)} of text, ${countText(data.pages)} pages, ${countText(data.files)} files`,
      ),
    );
  if (finality !== null)
    lines.push(
      factLine(
        "chain",
        `${countText(finality.blocks)} blocks watched: one every ${timeText(finality.blockMs)}, at most ${finality.lag} of them not final yet`,
      ),
    );
  if (engine !== null)
    lines.push(
      factLine(
        "measured",
        `${engine.device}, ${plural(engine.threads, "thread")}: inner step ${timeText(engine.stepMs)}, compress ${timeText(engine.compressMs)}, ${countText(Math.round(engine.lossesPerSecond))} losses/s`,
      ),
    );
  return lines;
}

function findingText({ level, key, reason, works }: Finding): string {
  const width = COLUMNS - 2 - LABEL_WIDTH - KEY_WIDTH;
  const lines = wrapped(reason, width);
  if (level !== "ok" && works.length > 0)
    lines.push(...wrapped(`would work: ${worksText(works)}`, width));
  return lines
    .map((line, index) => {
      const [label, name] = index === 0 ? [level, key] : ["", ""];
      return `  ${label.padEnd(LABEL_WIDTH)}${name.padEnd(KEY_WIDTH)}${line}`;
    })
    .join("\n");
}

function verdictText(findings: readonly Finding[]): string {
  const [bad, doubtful] = [countOf(findings, "refused"), countOf(findings, "warning")];
  const counts = `${bad} refused, ${plural(doubtful, "warning")}, ${countOf(findings, "ok")} ok`;
  return bad > 0 ? `${counts}: this cannot work yet` : `${counts}: this can work`;
}

/** The command that checks all advice at once. */
function repairText({ file, set, endpoint, repair }: CheckResult): string[] {
  if (repair === null || repair.length === 0) return [];
  const place = endpoint === undefined ? [] : [`--endpoint ${shellWord(endpoint)}`];
  const sets = [...set, ...repair.map(setText)].map((one) => `--set ${shellWord(one)}`);
  return [
    "  All of it together, under which nothing is refused (then write it into the file):",
    `  npm run subnet -- check ${shellWord(file)} ${[...sets, ...place].join(" ")}`,
    "",
  ];
}

/** The report for people. */
export function reportText(result: CheckResult): string {
  const { file, subject, findings, notes } = result;
  const facts = [
    factLine("model", modelText(subject)),
    factLine("window", windowText(subject)),
    ...updateText(subject),
    ...measuredText(subject),
    ...notes.map((note) => factLine("skipped", note)),
  ];
  return [
    `subnet check ${file}`,
    "",
    ...facts,
    "",
    ...findings.map(findingText),
    "",
    `  ${verdictText(findings)}`,
    "",
    ...repairText(result),
  ].join("\n");
}

/** The report for programs. */
export function reportJson(result: CheckResult): string {
  const { file, subject, findings, notes, repair } = result;
  const { facts, measured } = subject;
  const { blocksPerWindow, windowMs, sizes } = facts;
  const { parameters = null, updateBytes = null } = sizes ?? {};
  const sums = { blocksPerWindow, windowMs, parameters, updateBytes };
  const refused = countOf(findings, "refused");
  return JSON.stringify({ file, refused, facts: sums, measured, notes, findings, repair });
}
