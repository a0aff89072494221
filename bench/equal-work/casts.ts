/** @file Who takes part in the local networks of the equal-work table, and for how long. */

/** One local network. */
export type Cast = {
  readonly name: string;
  readonly honest: number;
  /** Strategies of the cheaters. */
  readonly cheats: readonly string[];
  /** Strategies of those who do a share of the inner steps. */
  readonly partTime: readonly string[];
  readonly windows: number;
  /** Window in which one more honest miner comes, and the first one whose pay is compared; null: nobody comes. */
  readonly newcomer: { readonly joins: number; readonly from: number } | null;
};

/** Of 100 windows, how many each miner stays away from. */
export const MISS_PERCENT = 5;

const CHEATS = ["copy", "noise", "replay"];
const CURVE = ["steps-0.1", "steps-0.25", "steps-0.5", "steps-0.75"];
/** Of the windows of the others: at 60, it comes in window 20, is compared from 30 on, and 45 are enough for that. */
const NEWCOMER = { joins: 1 / 3, from: 1 / 2, windows: 3 / 4 } as const;

/** Casts in which the work of all honest miners is equal: theirs is the spread that is held against bounds. */
export function isEqualWork({ partTime, newcomer }: Cast): boolean {
  return partTime.length === 0 && newcomer === null;
}

/** Every cast, for runs of so many windows. */
export function castsOf(windows: number): readonly Cast[] {
  const cast = { honest: 4, cheats: [], partTime: [], windows, newcomer: null } as const;
  return [
    { ...cast, name: "clean-4" },
    { ...cast, name: "cheats-4", cheats: CHEATS },
    { ...cast, name: "clean-9", honest: 9 },
    { ...cast, name: "cheats-9", honest: 9, cheats: CHEATS },
    { ...cast, name: "curve", partTime: CURVE },
    {
      ...cast,
      name: "newcomer",
      windows: Math.round(NEWCOMER.windows * windows),
      newcomer: {
        joins: Math.round(NEWCOMER.joins * windows),
        from: Math.round(NEWCOMER.from * windows),
      },
    },
  ];
}

/** The casts of these names, in the table's order; all of them for no names. @throws Error for a name that there is none of */
export function chosenCasts(names: readonly string[], windows: number): readonly Cast[] {
  const all = castsOf(windows);
  const unknown = names.find((name) => !all.some((cast) => cast.name === name));
  if (unknown !== undefined)
    throw new Error(`no cast "${unknown}"; there are ${all.map(({ name }) => name).join(", ")}`);
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

const listed = (words: readonly string[]): string =>
  words.length === 0 ? "none" : words.join(",");

/** What `subnet localnet` is told of a cast. */
export function localnetArgs({ honest, cheats, partTime, windows }: Cast): readonly string[] {
  const options = {
    windows: String(windows),
    miners: String(honest),
    attack: listed(cheats),
    "part-time": listed(partTime),
    "miss-percent": String(MISS_PERCENT),
  };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
}
