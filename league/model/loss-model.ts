/** @file The fitted model of losses: what updates of each strategy did to the loss in recorded windows, as a file of lines. */
import { z } from "zod";
import { isReason, isRejection, type Rejection } from "../../src/gauntlet/verdict.ts";

const FORMAT = "assay/loss-model/1";

const window = z.int().min(0);
const finite = z.number();
const rejection = z
  .string()
  .refine((text): text is Rejection => isReason(text) && isRejection(text), {
    error: "expected the code of a rejection",
  });

/** Measured: window, falls on own and noise pages (in typical falls of honest work), margin, share of one credit. */
const measuredSchema = z.tuple([window, finite, finite, finite, z.number().gt(0).max(1)]);
/** Refused, whatever its losses: window and verdict. */
const refusedSchema = z.tuple([window, rejection]);
const findingSchema = z.union([measuredSchema, refusedSchema]);

const headSchema = z.strictObject({
  format: z.literal(FORMAT),
  regime: z.enum(["learning", "plateau"]),
  /** Windows of each recorded run. */
  windows: z.int().min(2),
  /** Names of the casts with their seeds. */
  casts: z.array(z.string()).min(1),
  /** By window: the typical fall of honest work in each cast, as a part of the loss. */
  levels: z.array(z.array(z.number().gt(0)).min(1)),
});
const strategySchema = z.strictObject({
  strategy: z.string().min(1),
  /** Compute in that of an honest miner. */
  compute: z.number().min(0),
  findings: z.array(findingSchema).min(1),
});

/** What was found of one update. */
export type Finding = z.output<typeof findingSchema>;
/** What a strategy's updates did, by ascending window. */
export type StrategyModel = z.output<typeof strategySchema>;
/** The model of one regime. */
export type LossModel = Omit<z.output<typeof headSchema>, "format"> & {
  readonly strategies: ReadonlyMap<string, StrategyModel>;
};

/** Whether losses were measured that decide; else a verdict stands by itself. */
export function isMeasured(finding: Finding): finding is z.output<typeof measuredSchema> {
  return finding.length === 5;
}

/** The lines of a model's file. */
export function encodeLossModel({ strategies, ...head }: LossModel): string {
  const lines = [{ format: FORMAT, ...head }, ...strategies.values()];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/**
 * Reads a model's file.
 * @throws Error naming the line that is none
 */
export function parseLossModel(text: string): LossModel {
  const [first = "", ...rest] = text.trimEnd().split("\n");
  const { format: _format, ...head } = lineOf(headSchema, first, 1);
  if (head.levels.length !== head.windows)
    throw new Error(`line 1: ${head.levels.length} levels for ${head.windows} windows`);
  const strategies = new Map<string, StrategyModel>();
  for (const [index, line] of rest.entries()) {
    const one = lineOf(strategySchema, line, index + 2);
    const late = one.findings.find(([at]) => at >= head.windows);
    if (late !== undefined) throw new Error(`line ${index + 2}: there is no window ${late[0]}`);
    if (strategies.has(one.strategy)) throw new Error(`line ${index + 2}: ${one.strategy} again`);
    strategies.set(one.strategy, one);
  }
  return { ...head, strategies };
}

function lineOf<T>(schema: z.ZodType<T>, line: string, number: number): T {
  try {
    const value: unknown = JSON.parse(line);
    return schema.parse(value);
  } catch (cause) {
    throw new Error(`line ${number} is none of a loss model`, { cause });
  }
}
