/** @file What a league could have said, with names as only a stranger would choose them. */
import type { Outcome } from "../../../../subnet/simulate/outcome.ts";

/** Ends an element and an attribute, if anything lets it. */
export const HOSTILE = `"><script>alert('x')</script><!-- & \u202e \0`;

const share = (value: number): readonly number[] => [value, value];

/** Two casts, one of them on the plateau. */
export function sampleOutcome(name: string = HOSTILE): Outcome {
  const row = (
    strategy: string,
    uid: number,
    paid: number,
  ): Outcome["casts"][number]["rows"][number] => ({
    strategy,
    uid,
    compute: strategy === name ? 0.1 : 0.3,
    share: paid,
    shares: [...share(paid)],
  });
  const rows = [
    row(name, 2, 0.22),
    row("honest", 3, 0.3),
    row("honest", 4, 0.24),
    row("honest", 5, 0.24),
  ];
  const cast = {
    seed: 1,
    windows: 2,
    loss: 2.5,
    cv: 0.133,
    maxDeviation: 0.154,
    moved: 2,
    work: "honest",
  };
  const strategy = { fairShare: 0.25, uids: 1, computeShare: 0.1 };
  return {
    strategies: [
      {
        ...strategy,
        name: "honest",
        regime: "learning",
        uids: 3,
        share: 0.78,
        computeShare: 0.9,
        most: null,
      },
      { ...strategy, name, regime: "learning", share: 0.22, most: 0.1 },
      { ...strategy, name: `plateau/${name}`, regime: "plateau", share: 0.22, most: 0.25 },
    ],
    honest: { cv: 0.133, maxDeviation: 0.154 },
    payCurve: [
      { steps: 0.5, pay: 0.37 },
      { steps: 1, pay: 1 },
    ],
    lossAboveClean: 0.0123,
    model: null,
    casts: [
      { ...cast, name, regime: "learning", aboveClean: 0.0123, rows },
      { ...cast, name, regime: "plateau", aboveClean: null, rows },
    ],
  };
}
