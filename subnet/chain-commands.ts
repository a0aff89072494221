/** @file The commands about a chain of many machines: subnet chain keys, spec, start, join, authorities. */
import { commandOf, type Runnable } from "../src/command/command.ts";
import {
  authoritiesOptions,
  joinOptions,
  keysOptions,
  specOptions,
  startOptions,
} from "./native/options.ts";

/** Milliseconds of a block where neither --block-ms nor --subnet says so: time enough between continents. */
const DEFAULT_BLOCK_MS = 6000;

type Print = (line: string) => void;

/** What a chain is made of, before it runs. */
function making(print: Print): readonly Runnable[] {
  return [
    commandOf(
      {
        name: "subnet chain keys",
        description: "make the keys of an authority of a native chain",
        schema: keysOptions,
        positionals: ["folder"],
        restart: "keys that are there stay as they are",
      },
      async (options, told) => {
        const { makeKeys } = await import("./native/keys.ts");
        await makeKeys(options, { ...told, print });
      },
    ),
    commandOf(
      {
        name: "subnet chain spec",
        description:
          "write what all nodes of a native chain begin with: genesis, authorities, bootnodes",
        schema: specOptions,
        positionals: ["file"],
      },
      async (options, told) => {
        const { genesisSettings } = await import("./chain.ts");
        const { readRuntimeArtifact } = await import("../chain/embedded/artifact.ts");
        const { writeSpec } = await import("./native/spec.ts");
        const { genesisPatch, blockMs } = await genesisSettings(options);
        const runtimeCode = await readRuntimeArtifact();
        const settings = {
          runtimeCode,
          genesisPatch,
          blockMs: options.blockMs ?? blockMs ?? DEFAULT_BLOCK_MS,
        };
        await writeSpec(options, settings, { ...told, print });
      },
    ),
  ];
}

/** Nodes, and who they are. */
function running(print: Print): readonly Runnable[] {
  return [
    commandOf(
      {
        name: "subnet chain start",
        description: "run a native node as an authority: it makes blocks and votes",
        schema: startOptions,
        restart: "it goes on where it stopped",
      },
      async (options) => {
        const { startAuthority } = await import("./native/start.ts");
        process.exitCode = await startAuthority(options, print);
      },
    ),
    commandOf(
      {
        name: "subnet chain join",
        description: "run a native node that follows a chain and answers JSON-RPC",
        schema: joinOptions,
        restart: "it goes on where it stopped",
      },
      async (options) => {
        const { joinChain } = await import("./native/start.ts");
        process.exitCode = await joinChain(options, print);
      },
    ),
    commandOf(
      {
        name: "subnet chain authorities",
        description: "change who makes and finalises blocks of a native chain, while it runs",
        schema: authoritiesOptions,
      },
      async (options, told) => {
        const { changeAuthorities } = await import("./native/authorities.ts");
        await changeAuthorities(options, { ...told, print });
      },
    ),
  ];
}

/** All of them. Heavy modules are imported inside the actions. */
export function chainCommands(print: Print): readonly Runnable[] {
  return [...making(print), ...running(print)];
}
