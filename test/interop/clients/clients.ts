/** @file The clients: what each is made of, and its acts on a stage. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BTCLI_11 } from "./acts/btcli-11.ts";
import { BTCLI_9 } from "./acts/btcli-9.ts";
import { cli9, type CliStage, optionWords } from "./acts/btcli-words.ts";
import { POLKADOT } from "./acts/polkadot.ts";
import { SDK_10_LIFE } from "./acts/sdk-10.ts";
import { SDK_10_REST } from "./acts/sdk-10-rest.ts";
import { SDK_11_LIFE } from "./acts/sdk-11.ts";
import { SDK_11_REST } from "./acts/sdk-11-rest.ts";
import type { SdkAct, SdkStage } from "./acts/sdk-11-words.ts";
import { WALLETS_10 } from "./acts/wallets-10.ts";
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
  contextOf: (stage: Stage, told: Told) => Promise<Context> | Context,
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

/** What every command of btcli 11 is told; nothing else than our chain is asked. */
const toldEach = ({ endpoint, wallets }: Stage, wallet: string): readonly (string | number)[] => [
  ...optionWords({
    network: endpoint,
    "fallback-endpoints": "none",
    "archive-endpoints": "none",
    "wallet-path": wallets,
    wallet,
    "wallet-hotkey": "default",
  }),
  "--json",
  "--yes",
];

/** All of them. */
export const CLIENTS: readonly Client[] = [
  sdkOf("SDK 11.3.0", "sdk-11.3.0", "sdk_11.py", [...SDK_11_LIFE, ...SDK_11_REST]),
  clientOf("btcli 11.3.0", BTCLI_11, async (stage, told): Promise<CliStage> => {
    const { btcli } = await openEnvironment("sdk-11.3.0", told.line);
    return {
      stage,
      run: async (wallet, ...words) =>
        stage.answer(btcli, [...toldEach(stage, wallet), ...words].map(String)),
    };
  }),
  sdkOf("SDK 10.5.0", "sdk-10.5.0", "sdk_10.py", [...SDK_10_LIFE, ...SDK_10_REST]),
  clientOf("btcli 9.23.2", BTCLI_9, async (stage, told) => {
    const { btcli } = await openEnvironment("sdk-10.5.0", told.line);
    return cli9(stage, btcli);
  }),
  sdkOf("SDK 10.2.0", "sdk-10.2.0", "wallets.py", WALLETS_10),
  clientOf("@polkadot/api", POLKADOT, (stage): SdkStage => ({
    stage,
    ask: async (act, given) => {
      const words = JSON.stringify({ endpoint: stage.endpoint, ...given });
      return stage.answer(process.execPath, [join(PROGRAMS, "polkadot.ts"), act, words]);
    },
  })),
];
