/** @file An owner's world for tests: a served development chain, funded wallets on disk, a subnet.toml, and what commands print. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { openEmbeddedChain } from "../../../chain/embedded/chain.ts";
import { type ChainClient, connectChain } from "../../../chain/client/client.ts";
import { signerFromUri } from "../../../chain/wallet/signer.ts";
import { createWallet, openColdkey, openHotkey } from "../../../chain/wallet/wallet.ts";
import type { Signer } from "../../../chain/wallet/signer.ts";
import type { NextCommand } from "../../../base/fault.ts";
import { flagOf } from "../../../src/command/words.ts";
import type { Terminal } from "../../../src/command/confirm.ts";
import { serveChain, type TestChain } from "../client/fixture.ts";

export const TAO = 1_000_000_000n;

/** An owner's file: small windows on the text of docs/. */
export const TOML = `name = "mini" # what people see
windows = 40
[data]
folder = "docs"
pagesPerWindow = 4
noisePages = 4
[scoring]
mode = "published"
power = 2  # pay
[chain]
netuid = 7 # not known yet
tempo = 12
immunityPeriod = 1000
weightsRateLimit = 0
servingRateLimit = 50
`;

/** Keys of a wallet on disk. */
export type Keys = { readonly coldkey: Signer; readonly hotkey: Signer };

/** Everything that a test of the owner's commands needs. */
export type World = {
  readonly chain: TestChain;
  readonly client: ChainClient;
  readonly folder: string;
  readonly walletFolder: string;
  /** Path of the owner's file. */
  readonly file: string;
  /** Options that every command takes. */
  readonly place: {
    readonly file: string;
    readonly endpoint: string;
    readonly walletFolder: string;
    readonly folder: string;
  };
  /** Makes a wallet; `tao`: what its coldkey gets from //Alice. */
  wallet(name: string, tao: bigint): Promise<Keys>;
  /** Makes blocks up to and including `block`. */
  sealTo(block: number): Promise<void>;
  close(): Promise<void>;
};

/** Opens a world; `genesis` stands in subtensorModule of the chain's genesis, `toml` in the owner's file. */
export async function openWorld(
  toml: string,
  genesis: Readonly<Record<string, number>> = {},
): Promise<World> {
  const embedded = await openEmbeddedChain({
    runtimeCode: await readRuntimeArtifact(),
    preset: "development",
    genesisPatch: { subtensorModule: { ...genesis } },
  });
  const chain = await serveChain(embedded);
  const client = await connectChain({ endpoints: [chain.endpoint] });
  const folder = mkdtempSync(join(tmpdir(), "assay-owner-"));
  const walletFolder = join(folder, "wallets");
  const file = join(folder, "subnet.toml");
  writeFileSync(file, toml);
  const alice = signerFromUri("//Alice");
  return {
    chain,
    client,
    folder,
    walletFolder,
    file,
    place: { file, endpoint: chain.endpoint, walletFolder, folder: join(folder, "subnets") },
    async wallet(name, tao) {
      await createWallet({ folder: walletFolder, name, hotkey: "default" });
      const coldkey = await openColdkey({ folder: walletFolder, name });
      if (tao > 0n) await client.transfer(alice, coldkey.ss58, tao * TAO);
      return {
        coldkey,
        hotkey: await openHotkey({ folder: walletFolder, name, hotkey: "default" }),
      };
    },
    async sealTo(block) {
      while (embedded.head().number < block) await embedded.seal();
    },
    async close() {
      await client.close();
      await chain.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a command prints on; `line` shows a next command as data. */
export type Paper = {
  readonly text: () => string;
  readonly parts: {
    readonly print: (text: string) => void;
    readonly step: (text: string) => void;
    readonly line: (command: NextCommand) => string;
    readonly configPath: null;
    readonly terminal: Terminal;
  };
};

const proved = new Set<string>();

/** Asserts that the real program takes a next command with all its words, the owner's file among them. */
function requireRunning(command: NextCommand): void {
  if (!("ours" in command)) return;
  const { ours, args = [], set = {} } = command;
  const flags = Object.entries(set).flatMap(([key, value]) => [`--${flagOf(key)}`, String(value)]);
  const [program = "", ...words] = [...ours.split(" "), ...args, ...flags];
  const line = [`${program}/main.ts`, ...words, "--print-config"];
  if (proved.has(line.join(" "))) return;
  proved.add(line.join(" "));
  const { status, stderr } = spawnSync(process.execPath, line, { encoding: "utf8" });
  assert.equal(status, 0, `does not run: ${line.join(" ")}\n${stderr}`);
}

/** Paper for a command; every next command that is printed on it must run. */
export function paper(terminal: Terminal = silentTerminal()): Paper {
  const lines: string[] = [];
  const print = (text: string): void => {
    lines.push(...text.split("\n"));
  };
  return {
    text: () => lines.join("\n"),
    parts: {
      print,
      step: print,
      configPath: null,
      line(command: NextCommand) {
        requireRunning(command);
        return JSON.stringify(command);
      },
      terminal,
    },
  };
}

/** A terminal at which nobody sits. */
function silentTerminal(): Terminal {
  return { input: new PassThrough(), output: new PassThrough(), interactive: false };
}

/** A terminal at which somebody answers every question with `answer`; null: it is closed instead. */
export function answering(answer: string | null): Terminal & { readonly questions: string[] } {
  const input = new PassThrough();
  const output = new PassThrough();
  const questions: string[] = [];
  output.on("data", (chunk: Buffer) => {
    questions.push(chunk.toString());
    setImmediate(() => (answer === null ? input.end() : input.write(`${answer}\n`)));
  });
  return { input, output, interactive: true, questions };
}
