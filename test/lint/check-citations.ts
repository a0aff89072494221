/** @file `node test/lint/check-citations.ts`: exit code 1 when a comment or document cites what is not there. */
import { fileURLToPath } from "node:url";
import { citationFaults } from "./citations.ts";

const faults = citationFaults(fileURLToPath(new URL("../..", import.meta.url)));
for (const { path, line, cited, reason } of faults)
  console.error(`${path}:${line}: "${cited}" ${reason}`);
if (faults.length > 0) {
  console.error(`${faults.length} citations lead nowhere; CONTRIBUTING.md says how to cite`);
  process.exitCode = 1;
}
