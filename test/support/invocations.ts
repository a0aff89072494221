/**
 * @file Real commands as child processes, and what each must do with bad input: one screen with the right code and cause, a
 * next command that runs as printed, the right exit code, no stack trace, nothing left behind.
 */
import { strict as assert } from "node:assert";
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { entryOf, type Program, PROGRAMS, Running } from "./running.ts";

/** How a command ended. */
export type Ended = {
  readonly exitCode: number | null;
  readonly screen: string;
  readonly stdout: string;
};
/** How a command is run. */
export type Manner = {
  /** Words before it, such as `prlimit --fsize=1`. */
  readonly prefix?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** As a user who may not read everything; a test asks `isUnprivileged` first. */
  readonly unprivileged?: boolean;
};

/** Only a command that never ends takes so long, on however busy a machine. */
const LIMIT_MS = 180_000;
const NOBODY = 65_534;
/** Root may read everything, so such a test gives its rights away; others have none to give. */
const nobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const part of stream) text += String(part);
  return text;
}

/** The same words, but nothing is started; what stands after `--` are no flags. */
function printing(words: string): string {
  const [flags = "", ...rest] = words.split(" -- ");
  return [`${flags} --print-config`, ...rest].join(" -- ");
}

/** Ends a process that may have ended already. */
function killed(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has.
  }
}

/** The next commands that a screen prints, one by one. */
export function commandsIn(screen: string): readonly string[] {
  const line = /^ {2}run {4}(\S.*)$/m.exec(screen)?.[1];
  return line === undefined ? [] : line.split(" && ");
}

/** A home of its own for the commands of one test file; it marks every process that they start. */
export class Invocations {
  readonly home = mkdtempSync(join(tmpdir(), "assay-bad-input-"));
  readonly wallets = join(this.home, ".bittensor", "wallets");
  /** No options of the person who runs the tests. */
  readonly environment = {
    PATH: process.env["PATH"],
    HOME: this.home,
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
  };
  readonly #proved = new Set<string>();
  /** Processes that are meant to live. */
  readonly living = new Set<number | undefined>();
  #files = 0;

  constructor() {
    chmodSync(this.home, 0o755);
    // A test that failed stopped nothing, and what lives keeps the whole file waiting.
    after(() => {
      for (const pid of this.living) if (pid !== undefined) killed(pid);
    });
  }

  /** Starts a command that goes on. */
  start(program: Program, args: readonly string[]): Running {
    const running = new Running(program, args, this.environment);
    this.living.add(running.pid);
    return running;
  }

  /** Stops it as its person would; the exit code. */
  async stop(running: Running, signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const code = await running.stop(signal);
    this.living.delete(running.pid);
    return code;
  }

  /** Runs a command to its end. */
  async run(program: Program, args: readonly string[], manner: Manner = {}): Promise<Ended> {
    const { prefix = [], environment, input, unprivileged } = manner;
    const words = [...prefix, process.execPath, entryOf(program), ...args];
    const [file = "", ...rest] = words;
    const child = spawn(file, rest, {
      env: { ...this.environment, ...environment },
      cwd: this.home,
      timeout: LIMIT_MS,
      ...(unprivileged === true && nobody),
    });
    child.stdin.on("error", () => undefined); // closed by a command that asks nothing
    child.stdin.end(input ?? "");
    const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
    const exitCode = await new Promise<number | null>((resolve) =>
      child.once("close", (code) => resolve(code)),
    );
    return { exitCode, screen: await stderr, stdout: await stdout };
  }

  /** Whether a command can be run without rights: the checkout must be readable for everybody. */
  get isUnprivileged(): boolean {
    if (process.platform === "win32") return false;
    return spawnSync("test", ["-r", entryOf("miner")], nobody).status === 0;
  }

  /** A new file in the home. */
  file(content: string | Uint8Array): string {
    const path = join(this.home, `file-${this.#files++}`);
    writeFileSync(path, content);
    return path;
  }

  /** A new folder with `count` different texts of a kilobyte. */
  texts(count: number): string {
    const path = join(this.home, `texts-${this.#files++}`);
    mkdirSync(path);
    for (let index = 0; index < count; index++)
      writeFileSync(join(path, `${index}.md`), `text ${index} `.repeat(100));
    return path;
  }

  /** Processes on this machine whose home is ours. */
  processesLeft(): readonly number[] {
    if (process.platform !== "linux") return [];
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && !this.living.has(Number(name)))
      .filter((pid) => {
        try {
          const variables = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
          return variables.includes(`HOME=${this.home}`);
        } catch {
          return false; // gone between the two looks
        }
      })
      .map(Number);
  }

  /** Asserts that a command refused its input as every command must; `wanted` stands in code, cause, next step or command. */
  refuses({ exitCode, screen }: Ended, code: string, ...wanted: readonly RegExp[]): void {
    const shape = /^ {2}error {2}(\S+)\n {2}cause {2}(\S.*)\n {2}next {3}(\S.*)$/m.exec(screen);
    assert.ok(shape !== null, `no screen in: ${screen}`);
    assert.equal(shape[1], code, screen);
    assert.equal(exitCode, code === "bad-option" ? 2 : 1, screen);
    assert.doesNotMatch(screen, /\n\s+at .*:\d+/, "a stack trace");
    assert.equal(screen.match(/ {2}error {2}/g)?.length, 1, screen);
    for (const pattern of wanted) assert.match(screen, pattern);
    assert.deepEqual(this.processesLeft(), []);
    const commands = commandsIn(screen);
    assert.ok(commands.length > 0, `no next command in: ${screen}`);
    for (const command of commands) this.#prove(command);
  }

  /**
   * A printed command runs as it stands: one of ours with everything that it was given is read without a fault
   * (--print-config starts nothing), one of the system succeeds, a script exists.
   */
  #prove(command: string): void {
    if (this.#proved.has(command)) return;
    this.#proved.add(command);
    const script = /^npm run (\S+)(?: -- )?(.*)$/.exec(command);
    const [, program = "", rest = ""] = script ?? [];
    const ours = PROGRAMS.find((one) => one === program);
    assert.ok(
      ours !== undefined || !command.startsWith("npm"),
      `an installation is not tried: ${command}`,
    );
    const line =
      ours !== undefined
        ? `"${process.execPath}" "${entryOf(ours)}" ${rest.endsWith("--help") ? rest : printing(rest)}`
        : command;
    const { status, stdout, stderr } = spawnSync("sh", ["-c", line], {
      cwd: this.home,
      env: this.environment,
      encoding: "utf8",
    });
    assert.equal(status, 0, `does not run: ${command}\n${stdout}${stderr}`);
  }
}

/** One wrong invocation: what is typed, the code, and what the screen must say. */
export type Row = readonly [
  program: Program,
  args: readonly string[] | (() => readonly string[]),
  code: string,
  wanted: readonly RegExp[],
  manner?: Manner,
];

/** One test for each row. */
export function table(all: Invocations, rows: readonly Row[]): void {
  for (const [program, args, code, wanted, manner] of rows) {
    const words =
      typeof args === "function" ? args.toString().replace("() => ", "") : args.join(" ");
    test(`${program} ${words}`, async () => {
      const typed = typeof args === "function" ? args() : args;
      all.refuses(await all.run(program, typed, manner), code, ...wanted);
    });
  }
}
