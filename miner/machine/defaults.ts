/** @file How `miner` trains where it is not told: as `miner bench` found to be fastest. */
import type { EngineOptions } from "../../kernels/engine/calls.ts";
import { parametersOf } from "../../kernels/nn/memory.ts";
import type { ModelConfig } from "../../kernels/nn/model.ts";
import type { NeuronOptions } from "../../src/command/fields.ts";
import type { Settings } from "./settings.ts";

/** What can be told. */
type Told = {
  readonly threads?: number | undefined;
  readonly microBatch?: number | undefined;
  readonly momentBits: "32" | "8";
  readonly device: NeuronOptions["device"];
};

/** The options of a node, with threads and device settled. Where the CPU was found to be fastest, no other device is examined. */
export function nodeOptionsOf<T extends Told>(
  options: T,
  machine: Settings | null,
): T & Pick<NeuronOptions, "threads" | "device"> {
  return {
    ...options,
    threads: options.threads ?? machine?.threads ?? 1,
    device: options.device === "auto" && machine?.device === "cpu" ? "cpu" : options.device,
  };
}

/** What the engine is told for a run: the micro-batch that was measured only where it was measured for such a model. */
export function engineOf(
  { microBatch, momentBits }: Told,
  machine: Settings | null,
  { model, inner }: { readonly model: ModelConfig; readonly inner: { readonly batch: number } },
): Partial<EngineOptions> {
  const isSame = machine?.context === model.context && machine.parameters === parametersOf(model);
  const measured =
    isSame && inner.batch % machine.microBatch === 0 ? machine.microBatch : undefined;
  const micro = microBatch ?? measured;
  return {
    momentBits: momentBits === "8" ? 8 : 32,
    ...(micro !== undefined && { microBatch: micro }),
  };
}
