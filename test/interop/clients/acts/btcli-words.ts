/** @file A btcli on a stage: a command, with what commands of its kind are told besides. */
import { check, growth } from "../checks.ts";
import { ActFailure, SILENCE } from "../answer.ts";
import type { Act } from "../row.ts";
import type { Stage } from "../stage.ts";

type Word = string | number;
type Command = (...words: readonly Word[]) => Promise<unknown>;
type CommandOf = (wallet: string, ...words: readonly Word[]) => Promise<unknown>;

/** btcli 11. `run`: a command by its words; every one takes all options. */
export type CliStage = { readonly stage: Stage; readonly run: CommandOf };

/** An act of btcli 11. */
export type CliAct = Act<CliStage>;

/** btcli 9, whose commands take no option that they have no use for. */
export type Cli9Stage = {
  readonly stage: Stage;
  /** About wallet files alone. */
  readonly files: Command;
  /** About the files of one wallet. */
  readonly file: CommandOf;
  /** About the chain. */
  readonly read: Command;
  /** About the chain, which would ask whether to show more. */
  readonly look: Command;
  /** About the chain and a wallet. */
  readonly ask: CommandOf;
  /** Changes the chain, which it would ask about. */
  readonly send: CommandOf;
  /** As `send`, by a command that knows no JSON. */
  readonly tell: CommandOf;
};

/** An act of btcli 9. */
export type Cli9Act = Act<Cli9Stage>;

const TAO = 1_000_000_000n;

/** Options as words: `{ wallet: "x" }` is `--wallet x`. */
export function optionWords(values: Readonly<Record<string, Word>>): readonly Word[] {
  return Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
}

/** The words of btcli 9 for each kind of command. */
export function cli9(stage: Stage, btcli: string): Cli9Stage {
  // With JSON asked for, many of its commands fail without a word: asked again without, they say why.
  const answer = async (...words: readonly Word[]): Promise<unknown> => {
    const args = words.map(String);
    try {
      return await stage.answer(btcli, args);
    } catch (error) {
      if (!(error instanceof ActFailure) || !error.message.includes(SILENCE)) throw error;
      await stage.said(
        btcli,
        args.filter((word) => word !== "--json-output"),
      );
      throw error;
    }
  };
  const folder = ["--wallet-path", stage.wallets];
  const net = ["--network", stage.endpoint];
  const json = "--json-output";
  const yes = "--no-prompt";
  const key = (wallet: string, words: readonly Word[]): readonly Word[] => {
    // A command that names a hotkey of its own does not want the wallet's.
    const isNamed = words.includes("--wallet-hotkey") || words.includes("--from");
    const hotkey = isNamed ? [] : optionWords({ "wallet-hotkey": "default" });
    return [...words, ...folder, ...optionWords({ "wallet-name": wallet }), ...hotkey];
  };
  return {
    stage,
    files: async (...words) => answer(...words, ...folder, json),
    file: async (wallet, ...words) => answer(...key(wallet, words), json),
    read: async (...words) => answer(...words, ...net, json),
    look: async (...words) => answer(...words, ...net, yes, json),
    ask: async (wallet, ...words) => answer(...key(wallet, words), ...net, json),
    send: async (wallet, ...words) => answer(...key(wallet, words), ...net, yes, json),
    tell: async (wallet, ...words) =>
      stage.said(btcli, [...key(wallet, words), ...net, yes].map(String)),
  };
}

/** @throws ActFailure unless an account has exactly `tao` more after the action */
export async function checkPaid(
  stage: Stage,
  address: string,
  { tao, action }: { readonly tao: bigint; readonly action: () => Promise<unknown> },
): Promise<void> {
  const grown = await growth(async () => stage.free(address), action);
  check(grown === tao * TAO, `the account has ${grown} rao more`);
}
