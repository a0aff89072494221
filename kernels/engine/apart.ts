/** @file Examines a device in a process of its own: a driver that crashes or hangs ends that process, not ours. */
import { KernelError } from "../errors.ts";
import { endingOf, forked } from "./peer.ts";
import type { Candidate, Examination } from "./examination.ts";

/** What the process sends back. */
export type Answer = { readonly examination: Examination } | { readonly reason: string };

/** A first start compiles shaders: 8 s were seen on a software GPU. */
const ANSWER_TIMEOUT_MS = 60_000;

const refused = (device: string, reason: string): KernelError =>
  new KernelError("device-refused", reason, { details: { device, reason } });

/** A refusal with the line that names a missing library, which onnxruntime's own complaint leaves out. */
function explained(reason: string, written: string): string {
  const line = /Couldn't load .*/.exec(written)?.[0];
  return line === undefined ? reason : `${reason} (${line})`;
}

/**
 * Compares a device with the CPU in a child process, which stays quiet: what a driver writes to stderr is kept for the reason.
 * @param script module of the process; a test passes one that crashes
 * @param timeoutMs how long it may take before it is killed
 * @throws KernelError device-refused with the reason: cannot load, crashed, or gave no answer in time
 */
export async function examineApart(
  candidate: Candidate,
  script: URL = new URL(`./self-test-process${import.meta.url.slice(-3)}`, import.meta.url),
  timeoutMs: number = ANSWER_TIMEOUT_MS,
): Promise<Examination> {
  const { device } = candidate;
  const { child, written } = forked(script);
  let timer: NodeJS.Timeout | undefined;
  const answer = new Promise<Answer>((resolve) => {
    child.once("message", (message: Answer) => resolve(message));
    child.once("error", (error) => resolve({ reason: `no self-test process: ${error.message}` }));
    child.once("close", (code, signal) =>
      resolve({ reason: `its self-test crashed: ${endingOf(code, signal, written())}` }),
    );
    timer = setTimeout(() => {
      child.kill("SIGKILL");
      resolve({ reason: `its self-test gave no answer in ${timeoutMs / 1000} s` });
    }, timeoutMs);
  });
  child.send(candidate, () => undefined);
  const result = await answer;
  clearTimeout(timer);
  if ("examination" in result) return result.examination;
  throw refused(device, explained(result.reason, written()));
}
