/** @file Fails when the committed artifacts are not those of the committed Rust sources (`npm run check`). Needs no Rust. */
import { artifactFaults } from "./artifact-faults.ts";

const faults = artifactFaults();
if (faults.length > 0) {
  process.stderr.write(
    `${faults.join("\n")}\nRun \`npm run chain:build\` and commit chain/artifacts.\n`,
  );
  process.exitCode = 1;
}
