/** @file Which training runs there are, and which of their settings won. */
import {
  type Arm,
  ARMS,
  CURVE,
  FINAL_SEEDS,
  FINAL_STEPS,
  type Setting,
  SWEEP_SEED,
  SWEEP_STEPS,
} from "./arms.ts";
import type { Cell, Results } from "./results.ts";

/** The sweep of an arm. */
export function sweepOf({ name, settings }: Arm): Cell[] {
  return settings.map((setting) => ({
    arm: name,
    phase: "sweep",
    setting,
    steps: SWEEP_STEPS,
    seed: SWEEP_SEED,
  }));
}

/** The setting with the lowest validation loss; undefined until the whole sweep was run, or where all of it diverged. */
export function bestOf(arm: Arm, results: Results): Setting | undefined {
  const sweep = sweepOf(arm).map((cell) => results.of(cell));
  if (sweep.some((result) => result === undefined)) return undefined;
  const ranked = sweep
    .flatMap((result) => (result && result.validation !== null ? [result] : []))
    .toSorted((a, b) => (a.validation ?? Infinity) - (b.validation ?? Infinity));
  return ranked[0]?.setting;
}

/** The runs of an arm that count. */
export function finalsOf(arm: Arm, setting: Setting): Cell[] {
  return FINAL_SEEDS.map((seed) => ({
    arm: arm.name,
    phase: "final",
    setting,
    steps: FINAL_STEPS,
    seed,
  }));
}

/** The curve over compression, by its arm's best setting. */
export function curveOf(setting: Setting): Cell[] {
  return CURVE.kept.map((k) => ({
    arm: CURVE.arm,
    phase: "curve",
    setting: { ...setting, k },
    steps: FINAL_STEPS,
    seed: FINAL_SEEDS[0],
  }));
}

/** Cells of an arm that can be run: finals once its sweep is done. */
function cellsOf(arm: Arm, results: Results): Cell[] {
  const best = bestOf(arm, results);
  if (best === undefined) return sweepOf(arm);
  const curve = arm.name === CURVE.arm ? curveOf(best) : [];
  return [...sweepOf(arm), ...finalsOf(arm, best), ...curve];
}

/** The next cell to run among the arms of these names; undefined when nothing is left that can be run. */
export function nextCell(results: Results, names: readonly string[]): Cell | undefined {
  const arms = ARMS.filter(({ name }) => names.length === 0 || names.includes(name));
  return arms.flatMap((arm) => cellsOf(arm, results)).find((cell) => !results.of(cell));
}

/** Cells of the whole benchmark, and how many were run. */
export function progressOf(results: Results): { readonly done: number; readonly all: number } {
  const perArm = ARMS.map((arm) => {
    const known = cellsOf(arm, results).filter((cell) => results.of(cell)).length;
    const curve = arm.name === CURVE.arm ? CURVE.kept.length : 0;
    return { known, all: arm.settings.length + FINAL_SEEDS.length + curve };
  });
  return {
    done: perArm.reduce((sum, { known }) => sum + known, 0),
    all: perArm.reduce((sum, { all }) => sum + all, 0),
  };
}
