/**
 * @file `npm run chain:node`: builds the native node by cargo. Nothing else needs it: no check, no test, no `npm start`.
 * `--development` optimises less, in two thirds of the time; what stands behind `--` goes to cargo.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { NODE_PROGRAM, nodeSources } from "./binary.ts";
import { hasOpenSsl, missingNeeds, missingText } from "./needs.ts";

function main(words: readonly string[]): number {
  const missing = missingNeeds();
  if (missing.length > 0) {
    process.stderr.write(`${missingText(missing)}The native node cannot be built without.\n`);
    return 1;
  }
  const isDevelopment = words.includes("--development");
  const others = words.filter((word) => word !== "--development");
  const folder = nodeSources();
  const target = process.env["CARGO_TARGET_DIR"] ?? join(folder, "target");
  const env = {
    ...process.env,
    CARGO_TARGET_DIR: target,
    ...(hasOpenSsl() && { OPENSSL_NO_VENDOR: "1" }),
  };
  const args = ["build", "--locked", ...(isDevelopment ? [] : ["--release"]), ...others];
  const began = performance.now();
  const cargo = process.env["CARGO"] ?? "cargo";
  const { status } = spawnSync(cargo, args, { cwd: folder, env, stdio: "inherit" });
  const program = join(target, isDevelopment ? "debug" : "release", NODE_PROGRAM);
  if (status !== 0 || !existsSync(program)) return status ?? 1;
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  process.stdout.write(`${program}, built in ${minutes} minutes\n`);
  return 0;
}

process.exitCode = main(process.argv.slice(2));
