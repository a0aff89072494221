/**
 * @file Standard output and error that cannot end a process: a full disk, or a reader that has left, costs lines and not the
 * work. Node.js ends a process for either, and closes an output to a file for good at its first failed write.
 */
import { fstatSync, writeSync } from "node:fs";
import type { Writable } from "node:stream";
import { isDiskFull } from "../../base/files.ts";

/** An output of a process. */
type Output = Writable & { readonly fd: number; readonly isTTY?: boolean };

/** Outputs that are guarded, with what the first lost line was lost for. */
const guarded = new WeakMap<Writable, { fault: Error | null }>();

/** Whether Node.js writes it with plain blocking calls: anything but a terminal, a pipe and a socket. */
function isFile({ fd, isTTY }: Output): boolean {
  if (isTTY === true) return false;
  const stats = fstatSync(fd);
  return !stats.isFIFO() && !stats.isSocket();
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

function asBytes(chunk: unknown, encoding: BufferEncoding): Uint8Array {
  return chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk), encoding);
}

/** Keeps an output's failures from ending the process; twice is as good as once. */
function guard(output: Output): void {
  if (guarded.has(output)) return;
  const lost: { fault: Error | null } = { fault: null };
  guarded.set(output, lost);
  // A pipe whose reader has left: whoever pipes into `head` has seen enough, and a node has work to do.
  output.on("error", (error) => (lost.fault ??= error));
  if (!isFile(output)) return;
  // Written here, since the stream's own writer gives up at its first failure, and there may be space again later.
  const write = (chunk: unknown, encoding: BufferEncoding, done: () => void): void => {
    try {
      writeWhole(output.fd, asBytes(chunk, encoding));
    } catch (error) {
      lost.fault ??= error instanceof Error ? error : new Error(String(error));
    }
    done();
  };
  Object.defineProperty(output, "_write", { value: write });
}

/** Guards standard output and error of this process. */
export function guardOutputs(): void {
  guard(process.stdout);
  guard(process.stderr);
}

/** What kept lines from reaching standard output, unless it was a reader that left; null: every line went out. */
export function outputFault(): Error | null {
  const fault = guarded.get(process.stdout)?.fault ?? null;
  return fault !== null && isDiskFull(fault) ? fault : null;
}
