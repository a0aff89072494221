/**
 * @file Makes test/fixtures/recorded-run of a local network's run: `npm start -- --windows 6 --no-baseline --keep` with
 * `--output FOLDER`, then `node test/support/record-run.ts FOLDER/<start>`.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { verifyRecords } from "../../src/protocol/record.ts";

const FIXTURE = new URL("../fixtures/recorded-run/", import.meta.url);
const [, , folder = ""] = process.argv;
const { nodes, runId } = z
  .object({ runId: z.string(), nodes: z.array(z.object({ name: z.string(), ss58: z.string() })) })
  .parse(JSON.parse(readFileSync(join(folder, "nodes.json"), "utf8")));
const ss58 = nodes.find(({ name }) => name === "validator-1")?.ss58 ?? "";
const state = join(folder, "nodes", ss58);
const blob = (digest: string): Buffer => readFileSync(join(state, "blobs", digest.slice(2)));

const log = readdirSync(state).find((name) => name.startsWith("records-")) ?? "";
const text = readFileSync(join(state, log), "utf8");
const { records } = verifyRecords(text.trimEnd().split("\n"), log);
const accepted = records.flatMap(({ accepted: uids, miners }) =>
  miners.filter(({ uid }) => uids.includes(uid)).map(({ payloadDigest }) => payloadDigest ?? "0x"),
);
writeFileSync(new URL("manifest.json", FIXTURE), blob(runId));
writeFileSync(new URL("records.jsonl", FIXTURE), text);
writeFileSync(new URL("payloads.bin", FIXTURE), Buffer.concat(accepted.map(blob)));
