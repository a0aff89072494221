/** @file A Python environment for each client: exactly the packages of its list in requirements/, made once and kept. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { shortened } from "./answer.ts";
import { runProgram } from "./program.ts";

const REQUIREMENTS = new URL("requirements/", import.meta.url);
const INSTALL_MS = 15 * 60_000;
const PROBE_MS = 30_000;

/** Lists of packages: the SDK of a version, with the btcli of its time and all that they stand on. */
export const PACKAGE_LISTS = ["sdk-11.3.0", "sdk-10.5.0", "sdk-10.2.0"] as const;

/** One of them. */
export type PackageList = (typeof PACKAGE_LISTS)[number];

/** Where its commands lie. */
export type PythonEnvironment = { readonly python: string; readonly btcli: string };

/** No environment: why. */
export class EnvironmentFailure extends Error {}

/** @throws EnvironmentFailure */
async function run(file: string, args: readonly string[], limitMs: number): Promise<string> {
  const outcome = await runProgram({ file, args, env: process.env, limitMs }).catch(
    (error: unknown) => {
      throw new EnvironmentFailure(`${file} does not start`, { cause: error });
    },
  );
  if (outcome.code === 0) return outcome.out;
  const said = outcome.err.trim().split("\n").slice(-3).join(" ");
  throw new EnvironmentFailure(`${file} ${args.join(" ")}: ${shortened(said)}`);
}

/**
 * The environment of a list below the system's temporary folder, from PyPI at first use; the list pins every package and its
 * bytes, so that neither a day's release nor another's package under the same name changes anything. `told`: before what takes minutes.
 * @throws EnvironmentFailure
 */
export async function openEnvironment(
  list: PackageList,
  told: (line: string) => void,
): Promise<PythonEnvironment> {
  const requirements = fileURLToPath(new URL(`${list}.txt`, REQUIREMENTS));
  const version = (await run("python3", ["--version"], PROBE_MS)).trim();
  const key = createHash("sha256").update(version).update(readFileSync(requirements)).digest("hex");
  const folder = join(tmpdir(), `assay-clients-${list}-${key.slice(0, 12)}`);
  const found = { python: join(folder, "bin", "python"), btcli: join(folder, "bin", "btcli") };
  const done = join(folder, "installed");
  if (existsSync(done)) return found;
  told(`${list}: installing its packages from PyPI for ${version}`);
  mkdirSync(folder, { recursive: true });
  await run("python3", ["-m", "venv", "--clear", folder], INSTALL_MS);
  const pip = [
    "-m",
    "pip",
    "install",
    "--no-deps",
    "--require-hashes",
    "--requirement",
    requirements,
  ];
  await run(found.python, pip, INSTALL_MS);
  writeFileSync(done, key);
  return found;
}
