/**
 * @file What a guide asks its reader to do, one after the other: the lines of its `sh` blocks. Comments in them say, to a reader and to the
 * test alike, what goes on, what to wait for and what needs another place.
 */

/** One thing to do. `line` counts from 1. */
export type Step = { readonly line: number } &
  /** Ends by itself, with this exit code. */
  (
    | { readonly kind: "run"; readonly command: string; readonly code: number }
    /** Goes on in a terminal of its own; the next step comes once it has said `ready`. */
    | { readonly kind: "start"; readonly command: string; readonly ready: string | null }
    /** Needs another machine, network or program: only read here, with `--print-config`. */
    | { readonly kind: "elsewhere"; readonly command: string; readonly why: string }
    | { readonly kind: "wait"; readonly who: string; readonly text: string }
    /** Ctrl-C in its terminal. */
    | { readonly kind: "stop"; readonly who: string }
    /** A variable of the reader's shell. */
    | { readonly kind: "set"; readonly name: string; readonly value: string }
  );

const RUNNING = /^leave it running(?:; go on when it says "(.+)")?$/;
const ELSEWHERE = /^needs (.+)$/;
const ENDS = /^ends with exit code (\d+)$/;
const WAIT = /^# wait until the (\w+) says "(.+)"$/;
const STOP = /^# Ctrl-C in the terminal of the (\w+)$/;
const SET = /^(?:export )?([A-Z_]+)=(\$\(.*\)|"[^"]*"|\S*)$/;

/** A line that is a comment as a whole. @throws Error where it says nothing that the test understands */
function ofComment(line: number, text: string): Step {
  const [, who, what] = WAIT.exec(text) ?? [];
  if (who !== undefined && what !== undefined) return { line, kind: "wait", who, text: what };
  const [, stopped] = STOP.exec(text) ?? [];
  if (stopped !== undefined) return { line, kind: "stop", who: stopped };
  throw new Error(`line ${line}: a comment that is no step: ${text}`);
}

/** A command without a comment. */
function ofBare(line: number, command: string): Step {
  const [, name, value] = SET.exec(command) ?? [];
  return name !== undefined && value !== undefined
    ? { line, kind: "set", name, value }
    : { line, kind: "run", command, code: 0 };
}

/** A command, and the comment beside it. @throws Error where that says nothing that the test understands */
function ofCommand(line: number, text: string): Step {
  const [, command, remark] = /^(.*?) +# (.*)$/.exec(text) ?? [];
  if (command === undefined || remark === undefined) return ofBare(line, text);
  const running = RUNNING.exec(remark);
  if (running !== null) return { line, kind: "start", command, ready: running[1] ?? null };
  const why = ELSEWHERE.exec(remark)?.[1];
  if (why !== undefined) return { line, kind: "elsewhere", command, why };
  const code = ENDS.exec(remark)?.[1];
  if (code !== undefined) return { line, kind: "run", command, code: Number(code) };
  throw new Error(`line ${line}: a comment that is no step: ${remark}`);
}

/** The steps of a guide, in its order. @throws Error with the line of a comment that is no step, or of a block that never ends */
export function stepsOf(markdown: string): readonly Step[] {
  const steps: Step[] = [];
  let fence: string | null = null;
  for (const [at, raw] of markdown.split("\n").entries()) {
    const text = raw.trim();
    const [, opened] = /^```(\w*)$/.exec(text) ?? [];
    if (opened !== undefined) fence = fence === null ? opened : null;
    else if (fence === "sh" && text !== "")
      steps.push(text.startsWith("#") ? ofComment(at + 1, text) : ofCommand(at + 1, text));
  }
  if (fence !== null) throw new Error("a block never ends");
  return steps;
}
