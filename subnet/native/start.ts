/** @file `subnet chain start` and `join`: a native node, as an authority or to follow. */
import { spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { findNode, NODE_PROGRAM } from "../../chain/native/binary.ts";
import { authorityKeys } from "../../chain/native/authority-keys.ts";
import { commandText, nodeArguments, type NodeOptions } from "../../chain/native/node-arguments.ts";
import { keepNodeKey, placesIn, readAuthority } from "./authority-folder.ts";
import type { JoinOptions, StartOptions } from "./options.ts";
import { requireNode } from "./program.ts";
import { requireBootnodes } from "./spec.ts";

type Print = (line: string) => void;

const NODE_KEY_FILE = "node-key";

/** Runs the program until it ends or this process is told to stop; gives its exit code. */
async function running(program: string, words: readonly string[]): Promise<number> {
  const child = spawn(program, words, { stdio: "inherit" });
  const stop = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  // On Ctrl-C the terminal tells the child as well; telling it twice does no harm.
  process.on("SIGTERM", stop).on("SIGINT", stop);
  try {
    return await new Promise((done, failed) => {
      child.once("error", failed);
      child.once("exit", (code, signal) => done(code ?? (signal === null ? 1 : 0)));
    });
  } finally {
    process.off("SIGTERM", stop).off("SIGINT", stop);
  }
}

type Place = Pick<NodeOptions, "keystore" | "nodeKeyFile" | "rpcExternal">;

async function startNode(
  options: StartOptions | JoinOptions,
  place: Place,
  print: Print,
): Promise<number> {
  requireBootnodes(options.bootnode);
  const words = nodeArguments({
    ...options,
    ...place,
    spec: resolve(options.spec),
    bootnodes: options.bootnode,
  });
  if (options.print) {
    print(commandText(findNode() ?? NODE_PROGRAM, words));
    return 0;
  }
  return running(requireNode(), words);
}

/** Runs an authority's node; gives its exit code. @throws AssayError bad-option */
export async function startAuthority(options: StartOptions, print: Print): Promise<number> {
  const { publicFile, keystore, nodeKeyFile } = placesIn(resolve(options.keys));
  await readAuthority(publicFile);
  return startNode(options, { keystore, nodeKeyFile, rpcExternal: false }, print);
}

/** Runs a node that follows the chain; gives its exit code. @throws AssayError bad-option */
export async function joinChain(options: JoinOptions, print: Print): Promise<number> {
  const folder = resolve(options.folder);
  const nodeKeyFile = join(folder, NODE_KEY_FILE);
  if (!options.print) {
    await mkdir(folder, { recursive: true });
    await keepNodeKey(nodeKeyFile, () => authorityKeys().nodeKey);
  }
  return startNode(
    { ...options, folder },
    { keystore: null, nodeKeyFile, rpcExternal: options.rpcExternal },
    print,
  );
}
