/** @file `subnet check`: reads the configuration, measures, judges, reports. */
import { totalmem } from "node:os";
import { reasonOf } from "../../base/fault.ts";
import { overridesOf } from "../config/options.ts";
import { readSubnetConfig } from "../config/read.ts";
import type { SubnetConfig } from "../config/schema.ts";
import { measureData } from "./measure-data.ts";
import { measureEngine } from "./measure-engine.ts";
import { measureFinality } from "./measure-finality.ts";
import type { CheckOptions } from "./options.ts";
import { type CheckResult, countOf, reportJson, reportText } from "./report.ts";
import { repairOf, setText } from "./repair.ts";
import type { Change } from "./rule.ts";
import { judge } from "./rules.ts";
import { type EngineMeasure, factsOf, type Measured, memoryOf, subjectOf } from "./subject.ts";

/** Where results and progress go. */
export type CheckOutput = {
  readonly print: (text: string) => void;
  readonly step: (text: string) => void;
};

/** Longer than this many floats times steps would take minutes to measure. */
const LARGEST_MEASURED = 60_000_000;

/** Measures the engine where that is possible and wanted; else adds to `notes` why not. */
export async function engineOf(
  config: SubnetConfig,
  options: Pick<CheckOptions, "measure" | "device" | "threads">,
  notes: string[],
): Promise<EngineMeasure | null> {
  const { sizes } = factsOf(config, null);
  if (!options.measure) notes.push("speed: --no-measure, so rules about time say nothing");
  else if (sizes === null) notes.push("speed: this model cannot be built");
  else if (memoryOf(config, sizes) > totalmem()) notes.push("speed: the model does not fit here");
  else if (sizes.parameters > LARGEST_MEASURED) notes.push("speed: too large to try in a check");
  else {
    try {
      return await measureEngine(config, options);
    } catch (error) {
      notes.push(`speed: ${reasonOf(error)}`);
    }
  }
  return null;
}

/** Counts the text, or says why it cannot be read. */
async function dataOf(config: SubnetConfig): Promise<Pick<Measured, "data" | "dataFault">> {
  try {
    return { data: await measureData(config), dataFault: null };
  } catch (error) {
    return { data: null, dataFault: reasonOf(error) };
  }
}

/** Everything that a check finds. @throws AssayError bad-option for a file that does not read; ChainError for a chain that is named */
async function checkConfig(options: CheckOptions, step: CheckOutput["step"]): Promise<CheckResult> {
  const config = readSubnetConfig(options.file, overridesOf(options));
  const notes: string[] = [];
  step(`counting the text below ${config.data.folder}`);
  const counted = await dataOf(config);
  if (options.endpoint !== undefined) step(`watching what becomes final at ${options.endpoint}`);
  const finality = options.endpoint === undefined ? null : await measureFinality(options.endpoint);
  if (options.measure) step("training this model for some seconds");
  const subject = subjectOf(config, {
    engine: await engineOf(config, options, notes),
    ...counted,
    finality,
    neurons: options.neurons,
    uplinkMbps: options.uplinkMbps,
    memoryBytes: totalmem(),
  });
  const { set, endpoint } = options;
  const reload = (changes: readonly Change[]): SubnetConfig =>
    readSubnetConfig(options.file, { set: [...set, ...changes.map(setText)] });
  const repair = repairOf(subject, reload);
  return { file: options.file, set, endpoint, subject, findings: judge(subject), notes, repair };
}

/** Runs a check and returns the exit code: 1 when something is refused. @throws AssayError bad-option */
export async function runCheck(options: CheckOptions, output: CheckOutput): Promise<number> {
  const result = await checkConfig(options, output.step);
  output.print(options.json ? reportJson(result) : reportText(result));
  return countOf(result.findings, "refused") > 0 ? 1 : 0;
}
