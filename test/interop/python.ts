/** @file A Python environment with the packages that the interop tests compare with, made once and kept. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const call = promisify(execFile);

/** PyPI's torch for Linux brings CUDA along, 3 GB; PIP_EXTRA_INDEX_URL may name an index with torch for the CPU alone. */
const REQUIREMENTS = ["torch==2.15.0", "transformers==5.23.0", "numpy>=2"];
const INSTALL_MS = 30 * 60_000;
const PROBE_MS = 30_000;

/** Python with the packages, or why there is none. */
export type Python =
  | { readonly run: (args: readonly string[]) => Promise<string> }
  | { readonly missing: string };

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n").slice(-3).join(" ");
}

function runnerOf(python: string): Python {
  return {
    run: async (args) => {
      const options = { maxBuffer: 1 << 28, env: { ...process.env, HF_HUB_OFFLINE: "1" } };
      return (await call(python, [...args], options)).stdout;
    },
  };
}

/**
 * Python with the packages: ASSAY_PYTHON as it is, else an environment below the system's temporary folder, made with
 * python3 at first use unless `install` is false.
 */
export async function openPython({ install = true } = {}): Promise<Python> {
  const own = process.env["ASSAY_PYTHON"];
  if (own !== undefined) return runnerOf(own);
  let version: string;
  try {
    version = (await call("python3", ["--version"], { timeout: PROBE_MS })).stdout.trim();
  } catch (error) {
    return { missing: `python3 does not run: ${reasonOf(error)}` };
  }
  const key = createHash("sha256")
    .update(JSON.stringify([version, REQUIREMENTS]))
    .digest("hex");
  const folder = join(tmpdir(), `assay-interop-${key.slice(0, 12)}`);
  const python = join(folder, "bin", "python");
  const done = join(folder, "installed");
  if (existsSync(done) && readFileSync(done, "utf8") === key) return runnerOf(python);
  if (!install)
    return { missing: "its packages are not installed; npm run test:interop does that" };
  try {
    mkdirSync(folder, { recursive: true });
    await call("python3", ["-m", "venv", "--clear", folder], { timeout: INSTALL_MS });
    const pip = ["-m", "pip", "install", "--no-cache-dir", ...REQUIREMENTS];
    await call(python, pip, { timeout: INSTALL_MS, maxBuffer: 1 << 28 });
    writeFileSync(done, key);
    return runnerOf(python);
  } catch (error) {
    return { missing: `its packages cannot be installed: ${reasonOf(error)}` };
  }
}
