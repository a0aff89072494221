/** @file A real Prometheus: found on this machine, or unpacked from Debian's package into a folder; run on a file of targets. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { freePort } from "../support/ports.ts";

/** Where both programs lie, or why nowhere. */
export type Tools =
  | { readonly prometheus: string; readonly promtool: string; readonly version: string }
  | { readonly missing: string };

const PROGRAMS = ["prometheus", "promtool"] as const;

/** Both programs in one folder. */
function toolsIn(folder: string): Tools | null {
  const [prometheus = "", promtool = ""] = PROGRAMS.map((name) => join(folder, name));
  if (!existsSync(prometheus) || !existsSync(promtool)) return null;
  const told = execFileSync(promtool, ["--version"], { encoding: "utf8" });
  return { prometheus, promtool, version: /version (\S+)/.exec(told)?.[1] ?? "unknown" };
}

/** Downloads Debian's package and unpacks it without installing anything. */
function download(folder: string): void {
  const parts = mkdtempSync(join(tmpdir(), "assay-prometheus-"));
  const quiet = { cwd: parts, stdio: "ignore" } as const;
  execFileSync("apt-get", ["download", "prometheus"], quiet);
  const [file] = globSync("prometheus_*.deb", { cwd: parts });
  if (file === undefined) throw new Error("apt-get downloaded nothing");
  const root = join(parts, "root");
  execFileSync("dpkg-deb", ["-x", file, root], quiet);
  mkdirSync(join(folder, ".."), { recursive: true });
  // The last act: a folder of this name is whole.
  renameSync(join(root, "usr/bin"), folder);
}

/** The programs: in ASSAY_PROMETHEUS, on the path, else from Debian's package (19 MB at first use). */
export function findTools(): Tools {
  const own = process.env["ASSAY_PROMETHEUS"];
  const kept = join(homedir(), ".cache/assay/prometheus");
  const folders = [
    ...(own === undefined ? [] : [own]),
    ...(process.env["PATH"] ?? "").split(delimiter),
    kept,
  ];
  for (const folder of folders) {
    const found = toolsIn(folder);
    if (found !== null) return found;
  }
  const nowhere =
    "no prometheus and promtool here: apt-get install prometheus, or name their folder in ASSAY_PROMETHEUS";
  try {
    download(kept);
    return toolsIn(kept) ?? { missing: nowhere };
  } catch (error) {
    return { missing: `${nowhere} (${error instanceof Error ? error.message : String(error)})` };
  }
}

const answerSchema = z.object({ status: z.literal("success"), data: z.unknown() });
const alertsSchema = z.object({
  alerts: z.array(z.object({ state: z.string(), labels: z.record(z.string(), z.string()) })),
});
const vectorSchema = z.object({
  result: z.array(
    z.object({
      metric: z.record(z.string(), z.string()),
      value: z.tuple([z.number(), z.string()]),
    }),
  ),
});

/** A value with its labels. */
export type Value = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** A Prometheus that runs. */
export class Prometheus {
  readonly folder: string;
  readonly #url: string;
  readonly #child: ChildProcess;
  #told = "";

  private constructor(folder: string, url: string, child: ChildProcess) {
    this.folder = folder;
    this.#url = url;
    this.#child = child;
    child.stderr?.on("data", (part: Buffer) => (this.#told += part.toString()));
  }

  /**
   * Starts one in a folder of its own.
   * @param what - `rules`: a file of rules; `targets`: a file of targets; `everySeconds`: between two scrapes, and two looks at the rules
   */
  static async start(
    program: string,
    what: { readonly rules: string; readonly targets: string; readonly everySeconds: number },
  ): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), "assay-observe-"));
    const every = `${what.everySeconds}s`;
    const config = {
      global: { scrape_interval: every, evaluation_interval: every },
      rule_files: [what.rules],
      scrape_configs: [{ job_name: "assay", file_sd_configs: [{ files: [what.targets] }] }],
    };
    // JSON is YAML.
    writeFileSync(join(folder, "prometheus.yml"), JSON.stringify(config));
    const port = await freePort();
    const child = spawn(
      program,
      [
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    const prometheus = new Prometheus(folder, `http://127.0.0.1:${port}`, child);
    await prometheus.#ready();
    return prometheus;
  }

  async #ready(): Promise<void> {
    for (let tries = 0; tries < 150; tries++) {
      if (this.#child.exitCode !== null) break;
      const answer = await fetch(`${this.#url}/-/ready`).catch(() => null);
      if (answer?.ok === true) return;
      await sleep(100);
    }
    throw new Error(`prometheus does not start:\n${this.#told}`);
  }

  async #data(path: string): Promise<unknown> {
    const answer = await fetch(`${this.#url}/api/v1/${path}`);
    return answerSchema.parse(await answer.json()).data;
  }

  /** Values of an expression now. */
  async query(expr: string): Promise<readonly Value[]> {
    const data = await this.#data(`query?query=${encodeURIComponent(expr)}`);
    return vectorSchema
      .parse(data)
      .result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** Whether an alert about a node fires now. */
  async fires(alertname: string, node: string): Promise<boolean> {
    const { alerts } = alertsSchema.parse(await this.#data("alerts"));
    return alerts.some(
      ({ state, labels }) =>
        state === "firing" && labels["alertname"] === alertname && labels["node"] === node,
    );
  }

  /** Names of all alerts that fire, with the nodes that they are about. */
  async firing(): Promise<readonly string[]> {
    const { alerts } = alertsSchema.parse(await this.#data("alerts"));
    return alerts
      .filter(({ state }) => state === "firing")
      .map(({ labels }) => `${labels["alertname"]} of ${labels["node"] ?? "?"}`);
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGTERM");
    await ended;
  }
}
