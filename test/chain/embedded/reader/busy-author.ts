/** @file Test helper, a thread: an author that counts the questions it is asked, and has no time until it is told that it has. */
import { workerData } from "node:worker_threads";
import { type AskingEnd, answerQuestions } from "../../../../chain/embedded/reader/asking.ts";
import { TryLater } from "../../../../chain/embedded/rpc/failure.ts";

type Orders = { readonly end: AskingEnd; readonly asked: Int32Array; readonly idle: Int32Array };
const { end, asked, idle }: Orders = workerData;

answerQuestions(end, () => {
  Atomics.add(asked, 0, 1);
  if (Atomics.load(idle, 0) === 0) throw new TryLater("no time");
  return 7;
});
