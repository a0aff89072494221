/** @file One node of a network on this machine, as a process that can be killed and started again. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Authority, type AuthorityKeys, authorityKeys } from "../native/authority-keys.ts";
import { nodeArguments } from "../native/node-arguments.ts";
import { ask } from "./rpc.ts";

const LOOK_MS = 200;
/** Until a node answers: it compiles the runtime first, on a machine that may be busy. */
const START_MS = 180_000;
const HOST = "127.0.0.1";
/** Three ports a node. */
const PORTS = 3;

/** What the nodes of a network share. */
export type NetworkPlace = {
  readonly program: string;
  readonly folder: string;
  readonly spec: string;
  /** The first node's; the others count on. */
  readonly firstPort: number;
};

/** A node, running or not. */
export class NetworkNode {
  readonly name: string;
  readonly keys: AuthorityKeys;
  readonly rpcPort: number;
  readonly #place: NetworkPlace;
  readonly #port: number;
  readonly #folder: string;
  #child: ChildProcess | null = null;

  constructor(place: NetworkPlace, name: string, index: number) {
    this.name = name;
    this.keys = authorityKeys(`//${name}`);
    this.#place = place;
    this.#port = place.firstPort + index * PORTS;
    this.rpcPort = this.#port + 1;
    this.#folder = join(place.folder, name);
  }

  /** What the genesis says of it. */
  get authority(): Authority {
    return this.keys.authority;
  }

  /** Where others find it. */
  get address(): string {
    return `/ip4/${HOST}/tcp/${this.#port}/p2p/${this.authority.peerId}`;
  }

  get endpoint(): string {
    return `ws://${HOST}:${this.rpcPort}`;
  }

  get isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Of its process, while it runs. */
  get pid(): number | null {
    return this.isRunning ? (this.#child?.pid ?? null) : null;
  }

  /** Starts it; resolves when it answers. @throws Error when it ends or is silent */
  async start(bootnodes: readonly string[]): Promise<void> {
    const keystore = join(this.#folder, "keystore");
    const nodeKeyFile = join(this.#folder, "node-key");
    mkdirSync(keystore, { recursive: true });
    for (const { name, content } of this.keys.keystore)
      writeFileSync(join(keystore, name), content);
    writeFileSync(nodeKeyFile, this.keys.nodeKey);
    const words = nodeArguments({
      spec: this.#place.spec,
      folder: this.#folder,
      name: this.name,
      host: HOST,
      port: this.#port,
      rpcPort: this.rpcPort,
      prometheusPort: this.#port + 2,
      keystore,
      nodeKeyFile,
      bootnodes,
      rpcExternal: false,
      archive: true,
      shield: true,
      log: "info",
    });
    const log = openSync(join(this.#folder, "node.log"), "a");
    this.#child = spawn(this.#place.program, words, { stdio: ["ignore", log, log] });
    closeSync(log);
    await this.#answering();
  }

  async #answering(): Promise<void> {
    const until = performance.now() + START_MS;
    for (;;) {
      if (!this.isRunning)
        throw new Error(`${this.name} ended; its log is ${this.#folder}/node.log`);
      try {
        await ask(this.rpcPort, "system_health", []);
        return;
      } catch (error) {
        if (performance.now() > until) throw error;
        await sleep(LOOK_MS);
      }
    }
  }

  /** Ends it without warning, as a machine that loses its power. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === null || !this.isRunning) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill(signal);
    await ended;
  }
}
