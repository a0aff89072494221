/** @file A bucket: moto, the S3 of Python's world, in a process of its own; its environment is made from PyPI at first use. */
import { execFile, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "../support/ports.ts";

const MOTO = "moto[server]==5.2.5";
const FOLDER = join(tmpdir(), "assay-mission-moto-5.2.5");
const INSTALL_MS = 10 * 60_000;
const START_MS = 60_000;
const call = promisify(execFile);

/** A bucket that is empty at first. */
export type Bucket = {
  readonly name: string;
  readonly endpoint: string;
  put(key: string, bytes: Uint8Array): Promise<void>;
};

async function installed(): Promise<string> {
  const server = join(FOLDER, "bin", "moto_server");
  const done = join(FOLDER, "installed");
  if (existsSync(done)) return server;
  await call("python3", ["-m", "venv", "--clear", FOLDER], { timeout: INSTALL_MS });
  const pip = ["-m", "pip", "install", "--quiet", MOTO];
  await call(join(FOLDER, "bin", "python"), pip, { timeout: INSTALL_MS });
  writeFileSync(done, MOTO);
  return server;
}

async function asked(url: string, init: RequestInit): Promise<boolean> {
  const response = await fetch(url, init).catch(() => null);
  await response?.arrayBuffer();
  return response?.ok === true;
}

/** Starts a server with one bucket; both end with the test. @throws Error when it cannot be installed or started */
export async function openBucket(t: TestContext): Promise<Bucket> {
  const server = await installed();
  const port = await freePort();
  const child = spawn(server, ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  const endpoint = `http://127.0.0.1:${port}`;
  const name = "weights";
  const end = performance.now() + START_MS;
  while (!(await asked(`${endpoint}/${name}`, { method: "PUT" }))) {
    if (performance.now() > end) throw new Error(`${MOTO} does not answer`);
    await sleep(200);
  }
  return {
    name,
    endpoint,
    async put(key, bytes) {
      const body = new Uint8Array(bytes);
      if (!(await asked(`${endpoint}/${name}/${key}`, { method: "PUT", body })))
        throw new Error(`the bucket does not take ${key}`);
    },
  };
}
