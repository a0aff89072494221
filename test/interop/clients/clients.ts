/** @file The clients: what each is made of, and its acts on a stage. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SDK_11_LIFE } from "./acts/sdk-11.ts";
import { SDK_11_REST } from "./acts/sdk-11-rest.ts";
import type { SdkAct, SdkStage } from "./acts/sdk-11-words.ts";
import { openEnvironment, type PackageList } from "./environment.ts";
import { type Act, chosenActs, type Row, rowsOf } from "./row.ts";
import { Stage } from "./stage.ts";

const PROGRAMS = fileURLToPath(new URL("programs/", import.meta.url));

/** What a run of a client is told. */
type Told = {
  /** Words that an act's name must hold one of; none: all acts. */
  readonly words: readonly string[];
  readonly row: (row: Row) => void;
  readonly line: (line: string) => void;
};

/** A client of others, and its acts. */
export type Client = {
  readonly name: string;
  readonly acts: readonly string[];
  readonly run: (told: Told) => Promise<readonly Row[]>;
};

/** A client whose acts want more than a stage. */
function clientOf<Context>(
  name: string,
  acts: readonly Act<Context>[],
  contextOf: (stage: Stage, told: Told) => Promise<Context>,
): Client {
  const run = async (told: Told): Promise<readonly Row[]> => {
    const chosen = chosenActs(acts, told.words);
    if (chosen.length === 0) return [];
    const stage = await Stage.open();
    try {
      return await rowsOf(name, chosen, await contextOf(stage, told), told.row);
    } finally {
      await stage.close();
    }
  };
  return { name, acts: acts.map(({ act }) => act), run };
}

/** An SDK: its acts are runs of one program of ours. */
function sdkOf(name: string, list: PackageList, program: string, acts: readonly SdkAct[]): Client {
  return clientOf(name, acts, async (stage, told): Promise<SdkStage> => {
    const { python } = await openEnvironment(list, told.line);
    const common = { endpoint: stage.endpoint, wallets: stage.wallets };
    return {
      stage,
      ask: async (act, given) =>
        stage.answer(python, [
          join(PROGRAMS, program),
          act,
          JSON.stringify({ ...common, ...given }),
        ]),
    };
  });
}

/** All of them. */
export const CLIENTS: readonly Client[] = [
  sdkOf("SDK 11.3.0", "sdk-11.3.0", "sdk_11.py", [...SDK_11_LIFE, ...SDK_11_REST]),
];
