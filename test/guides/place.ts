/** @file Where a guide is followed: a checkout as `npm ci` leaves it, an empty home, and ports of its own. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A place to follow one guide in. */
export type Place = {
  readonly home: string;
  readonly checkout: string;
  /** Of the chain that the guide starts. */
  readonly endpoint: string;
  readonly env: NodeJS.ProcessEnv;
  /** What commands are told besides once the guide has started a chain: where that is. Before, a reader has none. */
  readonly withChain: NodeJS.ProcessEnv;
  leave(): void;
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync("git", args, { cwd, encoding: "utf8", maxBuffer: 1 << 26 });
}

/** The files of this checkout that git knows or would take, with the installed packages beside them. */
function copyTo(checkout: string): void {
  mkdirSync(checkout);
  const listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard");
  for (const name of listed.split("\0").filter((one) => existsSync(join(ROOT, one)))) {
    if (name === "") continue;
    mkdirSync(dirname(join(checkout, name)), { recursive: true });
    cpSync(join(ROOT, name), join(checkout, name), { force: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
  git(checkout, "init", "--quiet");
  git(checkout, "add", "--all");
  const who = ["-c", "user.name=reader", "-c", "user.email=reader@localhost"];
  git(checkout, ...who, "commit", "--quiet", "--message", "a checkout");
}

/** Makes a place; nothing of this process's environment but PATH is in it. */
export async function makePlace(): Promise<Place> {
  const home = mkdtempSync(join(tmpdir(), "assay-guide-"));
  const checkout = join(home, "assay");
  copyTo(checkout);
  // Guides name no port: the usual one may be taken where this runs.
  const port = String(await freePort());
  const endpoint = `ws://127.0.0.1:${port}`;
  const env = { PATH: process.env["PATH"], HOME: home, ASSAY_PORT: port };
  return {
    home,
    checkout,
    endpoint,
    env,
    withChain: { ASSAY_ENDPOINT: endpoint },
    leave: () => rmSync(home, { recursive: true, force: true }),
  };
}
