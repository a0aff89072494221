#!/usr/bin/env node
/**
 * @file `npm run gpu:software`: unpacks a software Vulkan driver (Mesa lavapipe) and its loader into a folder, and runs the GPU tests, or
 * any command, on it. Nothing is installed: the packages come from the Debian mirrors that this machine's apt already uses.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const HELP = `npm run gpu:software -- [--folder FOLDER] [COMMAND...]

Runs the GPU tests on Vulkan in software, or COMMAND instead of them. The first call downloads 22 MB or more with apt-get, without
root, into FOLDER (default: ~/.cache/assay/software-gpu); later calls find it there. Needs Debian or a system built on it, with apt-get
and dpkg-deb. Elsewhere install Mesa 25 or newer with its Vulkan drivers and a Vulkan loader (on Fedora: mesa-vulkan-drivers and
vulkan-loader), name the driver's lvp_icd file in VK_DRIVER_FILES, and run: npm run gpu:test
`;

/** The driver, its loader; what they need and this machine lacks comes along. */
const PACKAGES = ["mesa-vulkan-drivers", "libvulkan1"];
/** Older ones lack what Dawn asks of an adapter: Debian 12's 22.3 is refused. */
const LEAST_MESA = 25;

class SetupError extends Error {}

const run = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

/** Mirror and suites that apt has here, and the suite with newer builds for the same release. */
function sources(): string {
  const format = ["--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages"];
  const lines = run("apt-get", ["indextargets", ...format])
    .trim()
    .split("\n");
  const mirrored = lines.find((line) => /\/debian\/? [a-z]+$/.test(line));
  if (mirrored === undefined) throw new SetupError(`apt has no Debian mirror; ${HELP}`);
  const [mirror, release] = mirrored.split(" ");
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : "";
  const suites = [release, `${release}-updates`, `${release}-backports`];
  return suites.map((suite) => `deb ${signed}${mirror} ${suite} main\n`).join("");
}

/** Downloads and unpacks the packages, with apt's lists and files all inside `folder`. */
function download(folder: string): void {
  const apt = join(folder, "apt");
  for (const part of ["lists/partial", "cache/archives/partial"])
    mkdirSync(join(apt, part), { recursive: true });
  const list = join(apt, "sources.list");
  writeFileSync(list, sources());
  const settings = Object.entries({
    "Dir::State::lists": join(apt, "lists"),
    "Dir::Cache": join(apt, "cache"),
    "Dir::Etc::sourcelist": list,
    "Dir::Etc::sourceparts": "/dev/null",
    "Debug::NoLocking": "true",
    // The folder may be one that apt's own user cannot write to.
    "APT::Sandbox::User": "root",
  }).map(([name, value]) => `-o${name}=${value}`);
  run("apt-get", [...settings, "-qq", "update"]);
  const backports = run("apt-get", ["indextargets", "--format", "$(CODENAME)", ...settings])
    .split("\n")
    .find((suite) => suite.endsWith("-backports"));
  const from = backports === undefined ? [] : ["-t", backports];
  const only = ["--download-only", "--no-install-recommends", "-y", "-qq", ...from];
  run("apt-get", [...settings, ...only, "install", ...PACKAGES]);
  const archives = join(apt, "cache/archives");
  const files = readdirSync(archives).filter((name) => name.endsWith(".deb"));
  const mesa = files.find((name) => name.startsWith("mesa-vulkan-drivers"));
  if (mesa === undefined)
    throw new SetupError(`these packages are installed already; run npm run gpu:test\n${HELP}`);
  if (Number(/_(\d+)/.exec(mesa)?.[1]) < LEAST_MESA)
    throw new SetupError(`Mesa ${LEAST_MESA} or newer is needed, apt has ${mesa}`);
  const unpacked = join(folder, "unpacking");
  for (const file of files) run("dpkg-deb", ["-x", join(archives, file), unpacked]);
  // The last act: a folder of this name is whole.
  renameSync(unpacked, join(folder, "root"));
}

/** What a process needs in its environment to find the driver in `folder`. */
function environment(folder: string): Record<string, string> {
  const root = join(folder, "root");
  const [driver] = globSync(join(root, "usr/share/vulkan/icd.d/lvp_icd*.json"));
  const [loader] = globSync(join(root, "usr/lib/*/libvulkan.so.1"));
  if (driver === undefined || loader === undefined)
    throw new SetupError(`the driver is not in ${root}; remove that folder and run this again`);
  const before = process.env["LD_LIBRARY_PATH"];
  const libraries = [join(loader, ".."), ...(before === undefined ? [] : [before])].join(":");
  return { VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: libraries };
}

function main(): number {
  // What stands behind the command is the command's.
  const told = process.argv.slice(2);
  const first = told.findIndex((one, i) => !one.startsWith("-") && told[i - 1] !== "--folder");
  const own = first < 0 ? told.length : first;
  const { values } = parseArgs({
    args: told.slice(0, own),
    options: { folder: { type: "string" }, help: { type: "boolean" } },
  });
  const rest = told.slice(own);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const folder = values.folder ?? join(homedir(), ".cache/assay/software-gpu");
  if (!existsSync(join(folder, "root"))) download(folder);
  const [command = "npm", ...args] =
    rest.length > 0 ? rest : ["npm", "run", "--silent", "gpu:test"];
  const env = { ...process.env, ...environment(folder) };
  return spawnSync(command, args, { stdio: "inherit", env }).status ?? 1;
}

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
