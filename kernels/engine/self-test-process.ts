/** @file Entry of the process that examines a device: its answer, or its end, is the verdict. */
import { reasonOf } from "../errors.ts";
import { type Candidate, examine } from "./examination.ts";
import type { Answer } from "./apart.ts";

async function answerTo(candidate: Candidate): Promise<Answer> {
  try {
    return { examination: await examine(candidate) };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

process.on("message", (candidate: Candidate) => {
  void answerTo(candidate).then((answer) => process.send?.(answer, () => process.disconnect()));
});
