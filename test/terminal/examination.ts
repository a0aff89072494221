/** @file A doctor as a process, what it finds, and the commands that it prints, run as a person would. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { defaultConfig } from "../../subnet/config/resolve.ts";
import { Invocations } from "../support/invocations.ts";
import { entryOf, type Program, PROGRAMS } from "../support/running.ts";

/** The checkout. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** No command takes longer, also on a busy machine. */
export const LIMIT_MS = 240_000;

const findingSchema = z.object({
  check: z.string(),
  state: z.enum(["fine", "wrong", "unknown"]),
  code: z.string(),
  text: z.string(),
  run: z.string().nullable(),
});
type Found = z.output<typeof findingSchema>;

/** A home of its own. */
export const all = new Invocations();
/** Words of the environment that a command gets beside the home's own. */
type Manner = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly program?: string;
};

/** `npm run X -- ...` is that program without npm's start. */
const withoutNpm = (line: string): string =>
  PROGRAMS.reduce(
    (text, program) =>
      text
        .replaceAll(`npm run ${program} -- `, `"${process.execPath}" "${entryOf(program)}" `)
        .replaceAll(
          new RegExp(`npm run ${program}$`, "g"),
          `"${process.execPath}" "${entryOf(program)}"`,
        ),
    line,
  );

/** Runs a shell line as a person would, in the checkout. */
export function shell(
  line: string,
  { environment = {} }: Manner = {},
): ReturnType<typeof spawnSync> {
  return spawnSync("sh", ["-c", withoutNpm(line)], {
    cwd: ROOT,
    env: { ...all.environment, ...environment },
    encoding: "utf8",
    timeout: LIMIT_MS,
  });
}

/**
 * The same of a line that ends a process of ours and waits until it is gone; its exit code. The one who started a process must take note
 * of its end, as a shell does, or it is never gone: this one may not stand still meanwhile.
 */
export async function ending(line: string): Promise<unknown> {
  const child = spawn("sh", ["-c", withoutNpm(line)], {
    cwd: ROOT,
    env: all.environment,
    stdio: ["ignore", "inherit", "inherit"],
    timeout: LIMIT_MS,
  });
  const [code]: readonly unknown[] = await once(child, "exit");
  return code;
}

/** What a doctor says. The exit code is 1 exactly when something is wrong. */
export function examined(
  program: Program,
  args: readonly string[],
  manner: Manner = {},
): readonly Found[] {
  const entry = manner.program ?? entryOf(program);
  const words = [entry, "doctor", "--json", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: ROOT,
    env: { ...all.environment, ...manner.environment },
    encoding: "utf8",
    timeout: LIMIT_MS,
  });
  const found = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => findingSchema.parse(JSON.parse(line)));
  assert.ok(found.length > 0, stderr);
  assert.equal(status, found.some(({ state }) => state === "wrong") ? 1 : 0, stdout + stderr);
  return found;
}

const benchSchema = z.object({ best: z.object({ tokensPerSecond: z.number() }) });

/** How many inner steps of the standard model this machine does in so many seconds, as busy as it is. */
export function stepsOf(seconds: number): number {
  const { inner, model } = defaultConfig();
  const words = `--model nano --batch ${inner.batch} --threads 1 --device cpu --json`;
  const { stdout } = shell(`npm run miner -- bench ${words} --state ${join(all.home, "measured")}`);
  const { best } = benchSchema.parse(JSON.parse(String(stdout)));
  return Math.ceil((seconds * best.tokensPerSecond) / (inner.batch * model.context));
}

/** The finding with this code. */
export function withCode(found: readonly Found[], code: string): Found & { readonly run: string } {
  const one = found.find((finding) => finding.code === code && finding.state === "wrong");
  assert.ok(
    one !== undefined && one.run !== null,
    `${code} is not among ${JSON.stringify(found, null, 1)}`,
  );
  assert.match(one.text, /^[^\n]+\.$/, "one sentence");
  return { ...one, run: one.run };
}

/** Nothing of this code is wrong. */
export function isGone(found: readonly Found[], code: string): void {
  assert.equal(
    found.find((one) => one.code === code && one.state === "wrong"),
    undefined,
    JSON.stringify(found),
  );
}

/** The words behind the program in a printed command. */
export function wordsOf(line: string): readonly string[] {
  const last = line.split(" && ").at(-1) ?? "";
  return last
    .replace(/^npm run \S+( -- )?/, "")
    .split(" ")
    .filter((word) => word !== "");
}

/** Runs git in a folder. */
export function git(folder: string, ...words: readonly string[]): void {
  const who = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"];
  const { status, stderr } = spawnSync("git", [...who, ...words], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(status, 0, `${words.join(" ")}: ${stderr}`);
}

/** The words of a doctor for a shell. */
export const lineOf = (args: readonly string[]): string =>
  [process.execPath, entryOf("miner"), "doctor", "--json", ...args]
    .map((one) => `'${one}'`)
    .join(" ");

/** What it printed among other things. */
export const parse = (out: string): readonly Found[] =>
  out
    .split("\n")
    .filter((one) => one.startsWith("{"))
    .map((one) => findingSchema.parse(JSON.parse(one)));

/** A program that passes JSON-RPC on from `port` to `inner`, whose chain then says that it is a live one. */
export const doorScript = (
  port: number,
  inner: number,
): string => `import { WebSocket, WebSocketServer } from "ws";
    new WebSocketServer({ port: ${port}, host: "127.0.0.1" }, () => console.log("up")).on("connection", (one) => {
      const other = new WebSocket("ws://127.0.0.1:${inner}");
      const opened = new Promise((resolve) => other.once("open", resolve));
      one.on("message", async (data) => (await opened, other.send(String(data))));
      other.on("message", (data) => one.send(String(data).replace(/"result":"(Development|Local)"/, '"result":"Live"')));
      one.on("close", () => other.close());
    });`;
