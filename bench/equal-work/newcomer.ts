/** @file A stranger who joins a local network while it runs, by commands only: wallet, tokens, a uid, a miner. */
import { join } from "node:path";
import { MISS_PERCENT } from "./casts.ts";
import { Command, runCommand } from "./process.ts";

/** Where a network is, and where the stranger keeps its things. */
export type Arriving = {
  readonly endpoint: string;
  readonly netuid: number;
  readonly folder: string;
  readonly logPath: string;
};

const WALLET = "newcomer";
const TOKENS = "500";

/** The commands of a stranger. */
export class Newcomer {
  readonly #at: Arriving;
  readonly #keys: readonly string[];

  constructor(at: Arriving) {
    this.#at = at;
    this.#keys = ["--wallet", WALLET, "--wallet-folder", join(at.folder, "wallets")];
  }

  /** Makes keys and takes tokens, long before it is needed. */
  async prepare(): Promise<void> {
    const { endpoint, logPath } = this.#at;
    await runCommand("miner", ["wallet", ...this.#keys], logPath);
    const faucet = ["faucet", ...this.#keys, "--endpoint", endpoint, "--amount", TOKENS];
    await runCommand("miner", faucet, logPath);
  }

  /** Takes a uid and mines until it is stopped. */
  async join(): Promise<Command> {
    const { endpoint, netuid, folder, logPath } = this.#at;
    const where = [...this.#keys, "--endpoint", endpoint, "--netuid", String(netuid)];
    await runCommand("miner", ["register", ...where, "--yes"], logPath);
    const own = ["--state", join(folder, "state"), "--device", "cpu"];
    return new Command(
      "miner",
      [...where, ...own, "--miss-percent", String(MISS_PERCENT)],
      logPath,
    );
  }
}
