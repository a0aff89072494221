/** @file What measured: processor and engine, in words that stay the same from run to run; and whether it had time. */
import { cpus } from "node:os";
import { type Effort } from "./measure.ts";
import { type Origin } from "./weight-file.ts";

/** Without a date: the file changes when a weight does. */
export function originOf(effort: Effort): Origin {
  const [first] = cpus();
  return {
    machine: first?.model.trim() ?? "unknown",
    engine: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    effort: `${effort.steps} values a component, ${effort.repeats} runs each`,
  };
}

const US_PER_MS = 1000;

/** Starts to watch; the answer is the part of the time, 0 to 1, that this thread wanted to compute and did not. */
export function watchLoad(): () => number {
  const [startMs, before] = [performance.now(), process.threadCpuUsage()];
  return () => {
    const { user, system } = process.threadCpuUsage(before);
    const passedMs = performance.now() - startMs;
    return Math.max(0, 1 - (user + system) / US_PER_MS / passedMs);
  };
}
