/** @file What measured: processor and engine, in words that stay the same from run to run. */
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
