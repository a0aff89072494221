/**
 * @file `subnet localnet`, which is `npm start`: a whole network on this machine, from first block to summary; and
 * `subnet localnet resume`, which goes on with it. What is heavy is loaded once the first words stand on the screen.
 */
import { resolve } from "node:path";
import type { Told } from "../../src/command/command.ts";
import { AssayError } from "../../src/errors.ts";
import type { Running } from "../spawn.ts";
import type { LocalnetOptions, ResumeOptions } from "./options.ts";
import { planOf } from "./plan.ts";
import { hasEnded, requireResumable, tellingDamage } from "./resumable.ts";
import { occupy } from "./occupants.ts";
import { newRunFolder } from "./run-folder.ts";
import { type Screen, screenOn } from "./screen.ts";
import type { SessionParts } from "./session.ts";
import { Stop } from "./stop.ts";

const KILLED = 130;

type Common = Omit<SessionParts, "folder" | "start">;

/** Says what a Ctrl-C does; a second one ends everything at once. */
function heed(stop: Stop, screen: Screen, processes: readonly Running[]): () => void {
  return stop.listen({
    first: () => screen.step(`Stopping: ${stop.effect}. Ctrl-C again ends at once.`),
    second() {
      for (const { pid } of processes) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It has ended already.
        }
      }
      screen.step("Ended at once, without a summary.");
      process.exit(KILLED);
    },
  });
}

/** Runs `body` with a screen and ears for Ctrl-C. */
async function inTerminal(
  options: SessionParts["options"] & Pick<LocalnetOptions, "tui">,
  told: Told,
  body: (common: Common) => Promise<number>,
): Promise<number> {
  const startedAt = performance.now();
  const output = options.json ? process.stderr : process.stdout;
  const screen = screenOn(output, options.tui);
  const stop = new Stop();
  const processes: Running[] = [];
  const ignore = heed(stop, screen, processes);
  try {
    return await body({
      options,
      screen,
      output,
      stop,
      startedAt,
      processes,
      line: told.line,
    });
  } finally {
    screen.end();
    ignore();
  }
}

/** Runs a new local network; returns the exit code. @throws AssayError, ChainError */
export async function localnet(options: LocalnetOptions, told: Told): Promise<number> {
  return inTerminal(options, told, async (common) => {
    const plan = planOf(options, told.configPath);
    const { miners, validators, partTime, missPercent } = options;
    const { screen } = common;
    const part = partTime === "none" ? "" : `, part-time: ${partTime}`;
    const away = missPercent === 0 ? "" : `; each misses ${missPercent} % of the windows`;
    const counts = `${validators} validators, ${miners} honest miners${part}, cheaters: ${options.attack}${away}`;
    screen.step(`Assay on this machine alone: ${plan.origin}`);
    screen.step(counts);
    if (options.chain === "native")
      (await import("./native-chain.ts")).requireChain({ ...options, blockMs: plan.blockMs });
    const folder = await newRunFolder(options.output);
    screen.step(`record in ${folder}; loading`);
    const [{ bootLocalnet }, { runSession }] = await Promise.all([
      import("./boot.ts"),
      import("./session.ts"),
    ]);
    return inFolder(folder, common, () =>
      runSession({
        ...common,
        folder,
        isOver: false,
        start: (parts) => bootLocalnet(options, plan, parts),
      }),
    );
  });
}

/** Does `body` while no other process runs in `folder`. @throws AssayError bad-option, format-newer */
async function inFolder(
  folder: string,
  { stop }: Pick<Common, "stop">,
  body: () => Promise<number>,
): Promise<number> {
  const letGo = await occupy(folder, stop.signal);
  try {
    return await body();
  } finally {
    letGo();
  }
}

/** Goes on with a local network; returns the exit code. @throws AssayError, ChainError */
export async function resumeLocalnet(options: ResumeOptions, told: Told): Promise<number> {
  if (options.windows !== undefined)
    throw new AssayError({
      code: "bad-option",
      detail: `--windows ${options.windows}: a run's windows are part of its manifest, which is its id, so none can be added`,
      next: "Start a new run with as many windows as you want.",
      run: { ours: "subnet localnet", set: { windows: options.windows } },
    });
  if (options.folder === undefined)
    throw new AssayError({
      code: "bad-option",
      detail:
        "subnet localnet resume needs the folder of a run, which its start and its end print as record",
    });
  const folder = resolve(options.folder);
  return inTerminal(options, told, async (common) => {
    await tellingDamage(folder, () => requireResumable(folder));
    common.screen.step(`going on with the run in ${folder}; loading`);
    const [resumed, { runSession }] = await Promise.all([
      import("./resume.ts"),
      import("./session.ts"),
    ]);
    return inFolder(folder, common, () =>
      runSession({
        ...common,
        folder,
        isOver: hasEnded(folder),
        start: (parts) =>
          tellingDamage(folder, () => resumed.resumeLocalnet({ ...options, folder }, parts)),
      }),
    );
  });
}
