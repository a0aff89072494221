/** @file Outputs that cannot be written: a full disk behind them, a reader that has left. A node works on; a command says what was lost. */
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import { after, test, type TestContext } from "node:test";
import { connectChain } from "../../chain/client/client.ts";
import { createWallet } from "../../chain/wallet/wallet.ts";
import { Invocations } from "../support/invocations.ts";
import { entryOf } from "../support/running.ts";

const FULL = "/dev/full";
const all = new Invocations();
after(() => {
  assert.deepEqual(all.processesLeft(), []);
  rmSync(all.home, { recursive: true });
});

/** Runs a command with a device as its standard output, or with a pipe that nobody reads; null: it was stopped while it ran. */
async function into(
  stdout: number | "nobody",
  words: { readonly program: "miner" | "subnet"; readonly args: readonly string[] },
  whileItRuns?: () => Promise<void>,
): Promise<{ exitCode: number | null; screen: string }> {
  const child = spawn(process.execPath, [entryOf(words.program), ...words.args], {
    env: all.environment,
    cwd: all.home,
    stdio: ["ignore", stdout === "nobody" ? "pipe" : stdout, "pipe"],
  });
  child.stdout?.destroy();
  let screen = "";
  child.stderr?.on("data", (part: Buffer) => (screen += part.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  if (whileItRuns !== undefined) {
    await whileItRuns();
    child.kill("SIGTERM");
  }
  return { exitCode: await ended, screen };
}

function fullDevice(t: TestContext): number | null {
  if (process.platform !== "linux") {
    t.skip("there is no /dev/full here");
    return null;
  }
  const device = openSync(FULL, "w");
  t.after(() => closeSync(device));
  return device;
}

test("a command whose output finds no space says so and fails", async (t) => {
  const device = fullDevice(t);
  if (device === null) return;
  const again = await into(device, { program: "miner", args: ["wallet", "list"] });
  all.refuses({ ...again, stdout: "" }, "output-lost", /run {4}npm run miner -- wallet list$/m);
  const help = await into(device, { program: "miner", args: ["wallet", "--help"] });
  all.refuses({ ...help, stdout: "" }, "output-lost", /run {4}npm run miner -- wallet --help$/m);
  // What was done is not done a second time by whoever follows the screen.
  const args = ["wallet", "--wallet", "unseen"];
  const made = await into(device, { program: "miner", args });
  all.refuses({ ...made, stdout: "" }, "output-lost", /run {4}npm run miner -- wallet list$/m);
});

test("a command whose reader has left ends without a word", async () => {
  await createWallet({ folder: all.wallets, name: "w", hotkey: "default" });
  const ended = await into("nobody", { program: "miner", args: ["wallet", "list"] });
  assert.deepEqual(ended, { exitCode: 0, screen: "" });
});

for (const kind of ["no space", "no reader"] as const)
  test(`a chain goes on when its output has ${kind}`, async (t) => {
    const device = kind === "no space" ? fullDevice(t) : "nobody";
    if (device === null) return;
    const port = 20_000 + (process.pid % 20_000);
    const args = ["chain", "--port", String(port), "--sealing", "50"];
    const { exitCode, screen } = await into(device, { program: "subnet", args }, async () => {
      const endpoint = `ws://127.0.0.1:${port}`;
      const client = await until(() => connectChain({ endpoints: [endpoint] }));
      const { number } = await client.head();
      await until(async () => assert.ok((await client.head()).number > number + 5));
      await client.close();
    });
    if (kind === "no reader") assert.deepEqual({ exitCode, screen }, { exitCode: 0, screen: "" });
    else all.refuses({ exitCode, screen, stdout: "" }, "output-lost", /standard output/);
  });

/** Tries until it works; on a busy machine that takes a while. */
async function until<T>(attempt: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + 60_000; ;)
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
}
