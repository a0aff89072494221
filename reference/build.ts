/**
 * @file Makes the references that are committed: `node reference/build.ts` writes docs/commands.md, docs/openapi.json,
 * docs/chain-calls.md and dashboard/keys.ts, `--check` fails when one is not what its source gives.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { program as miner } from "../miner/main.ts";
import { program as subnet } from "../subnet/main.ts";
import { program as validator } from "../validator/main.ts";
import { chainText } from "./chain.ts";
import { commandsText } from "./commands.ts";
import { openApiText } from "./http.ts";
import { keysText } from "./keys.ts";

const ROOT = new URL("../", import.meta.url);
const METADATA = new URL("chain/artifacts/metadata.scale", ROOT);

function readOrNothing(url: URL): string {
  try {
    return readFileSync(url, "utf8");
  } catch {
    return "";
  }
}

const files = new Map([
  ["docs/commands.md", commandsText([miner, validator, subnet])],
  ["docs/openapi.json", openApiText()],
  ["dashboard/keys.ts", keysText()],
  ["docs/chain-calls.md", chainText(readFileSync(METADATA))],
]);
for (const [path, text] of files) {
  const url = new URL(path, ROOT);
  if (!process.argv.includes("--check")) writeFileSync(url, text);
  else if (readOrNothing(url) !== text) {
    process.stderr.write(`${path} is not what its source gives: npm run reference:build\n`);
    process.exitCode = 1;
  }
}
