/**
 * @file `npm run chain:power-loss`: cuts a database's log at every byte of the transaction of its last block, and at the edges of all
 * pages of one with a snapshot, and opens it each time.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SWIFT_FOLDER } from "../dev-chain.ts";
import { PowerLoss, type Torn, tornChain } from "./power-loss.ts";

/** Bytes of a page in the log, with what stands before it. */
const FRAME_BYTES = 4096 + 24;

/** Cuts wherever `isWanted` says, counted from the transaction's first byte. */
async function cutChain(
  last: number,
  what: string,
  isWanted: (offset: number) => boolean,
): Promise<void> {
  const folder = mkdtempSync(join(SWIFT_FOLDER, "assay-power-"));
  const place = join(folder, "cut");
  mkdirSync(place);
  mkdirSync(join(folder, "saved"));
  try {
    const torn: Torn = await tornChain(folder, last);
    const loss = await PowerLoss.of(torn, place);
    const start = performance.now();
    let cuts = 0;
    for (let byte = torn.from; byte <= torn.to; byte++) {
      if (!isWanted(byte - torn.from)) continue;
      loss.cut(byte);
      cuts++;
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    process.stdout.write(
      `${what}: ${cuts} cuts, opened every time, no announced block lost; ${seconds} s\n`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await cutChain(3, "every byte of a block", () => true);
await cutChain(256, "edges of pages of a block with a snapshot", (offset) => {
  const within = offset % FRAME_BYTES;
  return within < 2 || within === 24 || within === FRAME_BYTES - 1;
});
