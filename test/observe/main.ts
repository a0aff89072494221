#!/usr/bin/env node
/**
 * @file `npm run observe`: a local network under a real Prometheus. Kills a miner and a validator and starts them again, and says when each
 * alert fired and cleared; reads the traces of all processes; looks for secrets in everything that was written.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { CHAIN_METRICS } from "../../src/metrics/chain-metrics.ts";
import { NODE_METRICS } from "../../src/metrics/node-metrics.ts";
import { SUBNET_METRICS } from "../../src/metrics/subnet-metrics.ts";
import { traceIdOf } from "../../src/metrics/traces.ts";
import { isHex } from "../../src/protocol/digest.ts";
import { BOARDS } from "../../observability/panels.ts";
import { type Nodes, RunningLocalnet } from "../support/localnet.ts";
import { Running } from "../support/running.ts";
import { Collector, type CollectedSpan } from "./collector.ts";
import { findTools, Prometheus } from "./prometheus.ts";
import { leaks, secretOf, secretsOfWallets } from "./secrets.ts";

const HELP = `npm run observe

Starts a local network (2 miners, 2 validators) and a real Prometheus with the rules of observability/, kills a miner and a validator and
starts them again, and prints when each alert fired and cleared. Needs prometheus and promtool: on the path, in ASSAY_PROMETHEUS, or
apt-get and dpkg-deb, which then unpack Debian's package into ~/.cache/assay/prometheus (19 MB at first use). Takes about four minutes.
`;

const RULES = fileURLToPath(new URL("../../observability/alerts.yml", import.meta.url));
const RULES_TEST = fileURLToPath(new URL("../../observability/alerts.test.yml", import.meta.url));
const NETWORK = ["--windows", "0", "--miners", "2", "--validators", "2", "--attack", "none"];
/** Chain, owner, and the four nodes. */
const TARGETS = 6;
const EVERY_SECONDS = 2;
const PATIENCE_MS = 240_000;
/** Windows with the whole cast before anybody is killed. */
const WINDOWS = 4;
/** Told to processes, and to be found nowhere. */
const PLANTED = { password: "planted-password-5ae1", header: "planted-header-77c0" };

const startedAt = performance.now();
function say(line: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0).padStart(4);
  process.stdout.write(`${seconds} s  ${line}\n`);
}

/** Waits until something is so; how long it took, in seconds. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<number> {
  const from = performance.now();
  while (performance.now() - from < PATIENCE_MS) {
    if (await isSo()) return (performance.now() - from) / 1000;
    await sleep(250);
  }
  throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s`);
}

const targetsSchema = z.array(
  z.object({ targets: z.tuple([z.string()]), labels: z.object({ node: z.string() }) }),
);

/** What everybody tells, as promtool reads it. */
async function checkTexts(
  promtool: string,
  file: string,
): Promise<Readonly<Record<string, string>>> {
  const texts: Record<string, string> = {};
  const targets = targetsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  assert.equal(targets.length, TARGETS);
  for (const {
    targets: [address],
    labels,
  } of targets) {
    const url = `http://${address}/metrics`;
    const answer = await fetch(url);
    assert.equal(answer.status, 200, labels.node);
    const text = await answer.text();
    texts[`metrics of ${labels.node}`] = text;
    // What prom-client calls its own breaks conventions in places, which promtool would tell.
    const ours = text.split("\n\n").filter((family) => family.startsWith("# HELP assay_"));
    execFileSync(promtool, ["check", "metrics"], { input: `${ours.join("\n")}\n`, stdio: "pipe" });
    const proxied = await fetch(url, { headers: { "x-forwarded-for": "203.0.113.7" } });
    assert.notEqual(proxied.status, 200, `${labels.node} answers who comes through a proxy`);
  }
  return texts;
}

/** Prints what scraping costs; every metric of ours must be told by somebody. */
async function checkScrapes(
  prometheus: Prometheus,
  texts: Readonly<Record<string, string>>,
): Promise<void> {
  const slowest = await prometheus.query("max(max_over_time(scrape_duration_seconds[1m]))");
  const mean = await prometheus.query("avg(avg_over_time(scrape_duration_seconds[1m]))");
  const series = await prometheus.query('count({__name__=~"assay_.*"})');
  const bytes = Object.values(texts).map((text) => text.length);
  say(
    `scrapes: mean ${(1000 * (mean[0]?.value ?? 0)).toFixed(0)} ms, slowest ${(1000 * (slowest[0]?.value ?? 0)).toFixed(0)} ms, at most ${Math.max(...bytes)} bytes; ${series[0]?.value ?? 0} series of ours`,
  );
  const told = await prometheus.query('group by (__name__) ({__name__=~"assay_.*"})');
  const names = new Set(told.map(({ labels }) => labels["__name__"] ?? ""));
  const all = [...NODE_METRICS, ...SUBNET_METRICS, ...CHAIN_METRICS].map(({ name }) => name);
  const untold = all.filter((name) => !names.has(name));
  assert.deepEqual(untold, [], "metrics that nobody tells");
  say(`all ${new Set(all).size} metrics are told`);
}

/** Every expression of every dashboard, as Grafana would ask it: which of them show something. */
async function checkDashboards(prometheus: Prometheus): Promise<void> {
  const panels = BOARDS.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
  const empty: string[] = [];
  for (const { title, lines } of panels)
    for (const expr of Object.values(lines)) {
      const values = await prometheus.query(expr.replaceAll("$node", ".*"));
      if (values.length === 0) empty.push(`${title}: ${expr}`);
    }
  const count = panels.reduce((sum, { lines }) => sum + Object.keys(lines).length, 0);
  say(
    `dashboards: ${count - empty.length} of ${count} expressions in ${panels.length} panels show something`,
  );
  assert.deepEqual(empty, []);
}

type Node = Nodes["nodes"][number];

/** Kills a node, waits for the alert, starts it again, waits until the alert is over. */
async function killAndRevive(prometheus: Prometheus, node: Node): Promise<Running> {
  process.kill(node.pid, "SIGKILL");
  const fired = await until(`the alert about ${node.name}`, () =>
    prometheus.fires("AssayNodeSilent", node.name),
  );
  const endpoint = node.args[node.args.indexOf("--endpoint") + 1] ?? "";
  const withPassword = endpoint.replace("//", `//observer:${PLANTED.password}@`);
  const args = node.args.map((word) => (word === endpoint ? withPassword : word));
  assert.ok(node.role !== "subnet");
  const logFile = ["--log-format", "json", "--log-file", `${node.log}.json`];
  const revived = new Running(node.role, [...args, ...logFile], process.env);
  const cleared = await until(`the end of the alert about ${node.name}`, async () => {
    const isSilent = await prometheus.fires("AssayNodeSilent", node.name);
    return !isSilent && (await prometheus.query(`up{node="${node.name}"} == 1`)).length > 0;
  });
  say(
    `${node.name} killed: AssayNodeSilent fired after ${fired.toFixed(1)} s; started again: cleared after ${cleared.toFixed(1)} s`,
  );
  return revived;
}

/** Every window that all processes drew into one trace. */
function checkTraces(spans: readonly CollectedSpan[], runId: string): void {
  assert.ok(isHex(runId, 32));
  const roots = spans.filter((span) => span.isRoot);
  for (const { traceId, window } of roots) assert.equal(traceId, traceIdOf(runId, window ?? -1));
  const traces = Map.groupBy(spans, ({ traceId }) => traceId);
  const casts = [...traces.values()].map((one) => new Set(one.map((span) => span.process)).size);
  const whole = casts.filter((size) => size === TARGETS - 1).length;
  say(
    `traces: ${spans.length} spans of ${traces.size} windows; in ${whole} windows all ${TARGETS - 1} processes drew into one trace`,
  );
  assert.ok(whole >= WINDOWS - 1, `too few whole traces: ${casts.join(" ")}`);
}

/** Lines of the log of a node that tells everything there. */
function checkLog(path: string): void {
  const lines = readFileSync(path, "utf8").trim().split("\n");
  const placed = lines
    .map((line) => z.looseObject({ msg: z.string() }).parse(JSON.parse(line)))
    .filter(
      ({ run, window, uid }) => run !== undefined && window !== undefined && uid !== undefined,
    );
  say(`log: ${lines.length} lines of JSON, ${placed.length} of them with run, window and uid`);
  assert.ok(placed.length > 3);
}

async function observe(
  tools: Extract<ReturnType<typeof findTools>, { promtool: string }>,
): Promise<void> {
  const { prometheus: program, promtool, version } = tools;
  execFileSync(promtool, ["test", "rules", RULES_TEST], { stdio: "pipe" });
  say(`promtool ${version}: every rule fires and does not, as alerts.test.yml says`);
  const collector = await Collector.start();
  process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.url;
  process.env["OTEL_EXPORTER_OTLP_HEADERS"] = `authorization=${PLANTED.header}`;
  const curves = mkdtempSync(join(tmpdir(), "assay-curves-"));
  const net = new RunningLocalnet([...NETWORK, "--no-baseline", "--tensorboard", curves]);
  const closers: (() => unknown)[] = [() => net.child.kill("SIGKILL"), () => collector.close()];
  try {
    const nodes = await net.nodes();
    const folder = net.folder ?? "";
    const wallets = join(folder, "wallets");
    const secrets = [
      ...secretsOfWallets(wallets),
      ...Object.entries(PLANTED).map(([name, text]) => secretOf(name, text)),
    ];
    const targets = join(folder, "targets.json");
    await until("targets.json", async () => existsSync(targets));
    const prometheus = await Prometheus.start(program, {
      rules: RULES,
      targets,
      everySeconds: EVERY_SECONDS,
    });
    closers.unshift(() => prometheus.stop());
    await until("all targets", async () => (await prometheus.query("up == 1")).length === TARGETS);
    say(`prometheus ${version} scrapes ${TARGETS} processes`);
    await until("windows", async () => {
      const [newest] = await prometheus.query("min(assay_window)");
      return (newest?.value ?? 0) >= WINDOWS;
    });
    const texts = await checkTexts(promtool, targets);
    await checkScrapes(prometheus, texts);
    await checkDashboards(prometheus);
    assert.deepEqual(await prometheus.firing(), [], "alerts while all is well");
    const revived: Running[] = [];
    closers.unshift(() => Promise.all(revived.map((one) => one.stop())));
    for (const name of ["miner-2", "validator-2"]) {
      const node = nodes.nodes.find((one) => one.name === name);
      assert.ok(node !== undefined);
      revived.push(await killAndRevive(prometheus, node));
    }
    // Time to join, and for a window or two.
    await sleep(15_000);
    await Promise.all(revived.map((one) => one.stop()));
    net.child.kill("SIGINT");
    await net.exited;
    say("stopped; looking at what was written");
    checkTraces(collector.spans, nodes.runId);
    assert.deepEqual(collector.faults, []);
    checkLog(join(folder, "miner-2.log.json"));
    const out = { stdout: net.stdout, stderr: net.stderr, traces: collector.received };
    for (const one of revived) Object.assign(out, { [`output of ${one.program}`]: one.out });
    const places = readdirSync(folder)
      .filter((name) => name !== "wallets")
      .map((name) => join(folder, name));
    const { found, bytes } = leaks(secrets, [...places, curves, prometheus.folder], {
      ...texts,
      ...out,
    });
    say(
      `secrets: ${secrets.length} of wallets and planted ones, ${found.length} found in ${(bytes / 1e6).toFixed(0)} MB of logs, chain, blobs, metrics, curves and traces`,
    );
    assert.deepEqual(found, []);
    await prometheus.stop();
    for (const path of [net.output, curves, prometheus.folder])
      rmSync(path, { recursive: true, force: true });
  } finally {
    for (const close of closers) await close();
  }
}

if (process.argv.includes("--help")) process.stdout.write(HELP);
else {
  const tools = findTools();
  if ("missing" in tools) {
    process.stderr.write(`SKIPPED: ${tools.missing}\n`);
    process.exitCode = 1;
  } else await observe(tools);
}
