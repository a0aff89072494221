/**
 * @file `npm run chain:network`: four authorities on loopback; measures finality, kills some, brings them back, executes all blocks
 * again in V8, adds a fifth, upgrades the runtime under load; then the suites, clients of others, and the main job. Exit code 1 at the first thing that does not hold. Needs the program of `npm run chain:node`.
 * `npm run chain:network -- finality trials thousand suite interop job` names the parts; without a word all run.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRuntimeArtifact } from "../embedded/artifact.ts";
import { findNode, nodePlaces } from "../native/binary.ts";
import {
  addAuthority,
  bringBack,
  describeMemory,
  killOne,
  killTwo,
  killWithNewcomer,
  measureFinality,
  type Print,
  replayAll,
} from "./acts.ts";
import { busyPatch, keepBusy } from "./busy.ts";
import { mainJob } from "./job.ts";
import { Network } from "./network.ts";
import { upgradeUnderLoad } from "./upgrade.ts";

const AUTHORITIES = 4;
/** Below those that a system gives to outgoing connections: the node whose JSON-RPC finds its port taken listens elsewhere, silently. */
const FIRST_PORT = 21_300;
/** Slot times, with the blocks that are watched in each; the last network goes through the rest. */
const PACES = [
  { blockMs: 6000, blocks: 10 },
  { blockMs: 1000, blocks: 40 },
  { blockMs: 500, blocks: 80 },
] as const;
/** What can be asked for by name. */
const PARTS = ["finality", "trials", "thousand", "suite", "interop", "job"];
/** Blocks that are executed again in V8 after a while of work. */
const THOUSAND = 1000;
/** The client's suite; what the two engines make of each other's blocks, a thousand of the embedded one's among them; encrypted calls. */
const SUITES = [
  "test/chain/client/client.test.ts",
  "test/chain/native/interop.test.ts",
  "test/chain/native/shield.test.ts",
];
/** Unmodified clients of others, of one SDK. */
const CLIENTS = ["test/interop/clients/main.ts", "--only", "sdk 11"];
const JOB = { windows: 20, blockMs: 2000 } as const;
/** Databases and logs; after a failure they stay. */
const FOLDER = join(tmpdir(), `assay-network-${process.pid}`);

const print: Print = (line) => {
  process.stdout.write(`${line}\n`);
};

async function open(program: string, blockMs: number): Promise<Network> {
  return Network.start({
    program,
    runtimeCode: await readRuntimeArtifact(),
    folder: FOLDER,
    authorities: AUTHORITIES,
    blockMs,
    firstPort: FIRST_PORT,
    patch: busyPatch(),
  });
}

/** Everything but the pace, on one network. */
async function trials(network: Network): Promise<void> {
  describeMemory(network, print);
  await killOne(network, print);
  await killTwo(network, print);
  await bringBack(network, print);
  await addAuthority(network, print);
  await killWithNewcomer(network, print);
  await upgradeUnderLoad(network, print);
  await replayAll(network, print);
}

/** A thousand blocks with epochs, again in V8. */
async function thousand(program: string): Promise<void> {
  const network = await open(program, Math.min(...PACES.map(({ blockMs }) => blockMs)));
  try {
    await keepBusy(network, THOUSAND, print);
    describeMemory(network, print);
    await replayAll(network, print);
  } finally {
    await network.stop();
  }
}

/** Runs a program of ours against native networks that it starts itself. */
function runNatively(...words: readonly string[]): boolean {
  const env = { ...process.env, ASSAY_TEST_CHAIN: "native" };
  const { status } = spawnSync(process.execPath, words, { env, stdio: "inherit" });
  return status === 0;
}

/** What is no part of the networks above. */
async function others(parts: readonly string[]): Promise<boolean> {
  let isGood = true;
  if (parts.includes("suite")) {
    print("the client's suite, blocks of both engines, encrypted calls:");
    isGood = runNatively("--test", "--test-concurrency=1", ...SUITES) && isGood;
  }
  if (parts.includes("interop")) {
    print("an SDK of Bittensor against a native network:");
    isGood = runNatively(...CLIENTS) && isGood;
  }
  if (parts.includes("job")) await mainJob({ folder: FOLDER, ...JOB }, print);
  return isGood;
}

/** Pace by pace; the trials on the fastest network. */
async function networks(program: string, parts: readonly string[]): Promise<void> {
  for (const { blockMs, blocks } of PACES) {
    const isLast = blockMs === PACES.at(-1)?.blockMs;
    const hasTrials = isLast && parts.includes("trials");
    if (!hasTrials && !parts.includes("finality")) continue;
    const network = await open(program, blockMs);
    try {
      await measureFinality(network, blocks, print);
      if (hasTrials) await trials(network);
    } finally {
      await network.stop();
    }
  }
}

async function main(words: readonly string[]): Promise<number> {
  const unknown = words.find((word) => !PARTS.includes(word));
  if (unknown !== undefined) {
    process.stderr.write(
      `No part "${unknown}"; next: npm run chain:network -- ${PARTS.join(" ")}\n`,
    );
    return 1;
  }
  const parts = words.length === 0 ? PARTS : words;
  const program = findNode();
  if (program === null) {
    process.stderr.write(
      `The native node is not built (none of ${nodePlaces().slice(0, 2).join(", ")}); next: npm run chain:node\n`,
    );
    return 1;
  }
  await networks(program, parts);
  if (parts.includes("thousand")) await thousand(program);
  const isGood = await others(parts);
  if (isGood) rmSync(FOLDER, { recursive: true, force: true });
  return isGood ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
