/** @file A chain of a test as a process of its own: `subnet chain` with a database, which can be killed and started again. */
import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createMembers, type Member } from "../../subnet/localnet/members.ts";
import { genesisOf } from "../../subnet/localnet/genesis.ts";
import { defaultConfig } from "../../subnet/config/resolve.ts";
import type { Invocations } from "./invocations.ts";
import { entryOf } from "./running.ts";

/** A chain with an owner, a validator with stake, and a miner that is not registered. */
export class ChainProcess {
  readonly #all: Invocations;
  readonly #args: readonly string[];
  readonly database: string;
  readonly members: readonly Member[];
  #child: ChildProcess | null = null;
  endpoint = "";
  genesisHash = "";

  private constructor(all: Invocations, members: readonly Member[], sealing: string) {
    const genesis = all.file(JSON.stringify(genesisOf(members, defaultConfig())));
    this.#all = all;
    this.members = members;
    this.database = join(all.home, "chain.sqlite");
    this.#args = ["--sealing", sealing, "--genesis", genesis, "--database", this.database];
  }

  /** Starts one in the home of `all`, whose wallets it makes; `sealing`: ms between blocks. */
  static async open(all: Invocations, sealing = "250"): Promise<ChainProcess> {
    const cast = { miners: 1, validators: 1, attack: "none" };
    const chain = new ChainProcess(all, await createMembers(cast, all.wallets), sealing);
    await chain.start();
    return chain;
  }

  /** Starts it, on the port that it had before if any. */
  async start(): Promise<void> {
    const all = this.#all;
    const port = URL.parse(this.endpoint)?.port ?? "0";
    const args = [entryOf("subnet"), "chain", "--port", port, ...this.#args];
    const child = spawn(process.execPath, args, {
      env: all.environment,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child = child;
    all.living.add(child.pid);
    const message = await new Promise<unknown>((resolve) => {
      child.once("message", resolve);
      child.once("exit", resolve);
    });
    assert.ok(typeof message === "object" && message !== null && "port" in message);
    assert.ok("genesisHash" in message);
    this.endpoint = `ws://127.0.0.1:${String(message.port)}`;
    this.genesisHash = String(message.genesisHash);
  }

  /** Stands it still, or lets it go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(signal);
  }

  /** Ends it. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await ended;
    }
    this.#all.living.delete(child.pid);
  }
}
