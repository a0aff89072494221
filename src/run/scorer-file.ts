/** @file A subnet's own rule for weights, from the file that holds it: its export `weigh` (`Weigh` of src/gauntlet/own-weights.ts). */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { reasonOf } from "../../base/fault.ts";
import { AssayError } from "../errors.ts";
import { type Weigh, weighFault } from "../gauntlet/own-weights.ts";

/**
 * The rule in a file, or null where none is named. What it gives is looked at each time: a rule that is wrong stops its validator, which
 * would otherwise pay by it.
 * @throws AssayError scorer-invalid
 */
export async function openScorer(path: string | undefined): Promise<Weigh | null> {
  if (path === undefined) return null;
  const invalid = (reason: string, cause?: unknown): AssayError =>
    new AssayError({ code: "scorer-invalid", path, reason }, { cause });
  const rule = await ruleIn(path).catch((cause: unknown) => {
    throw invalid(reasonOf(cause), cause);
  });
  if (typeof rule !== "function") throw invalid("it exports no function weigh");
  return (scores, window) => {
    let weights: unknown;
    try {
      weights = Reflect.apply(rule, undefined, [scores, window]);
    } catch (cause) {
      throw invalid(reasonOf(cause), cause);
    }
    const fault = weighFault(weights, scores.length);
    if (fault !== null || !Array.isArray(weights)) throw invalid(fault ?? "it gives no list");
    return weights.map(Number);
  };
}

async function ruleIn(path: string): Promise<unknown> {
  const loaded: unknown = await import(pathToFileURL(resolve(path)).href);
  return typeof loaded === "object" && loaded !== null && "weigh" in loaded
    ? loaded.weigh
    : undefined;
}
