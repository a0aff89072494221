/** @file A thread that holds the database: PostgreSQL in WebAssembly keeps the thread that it runs in busy, which must not be the one that answers people. */
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import type { Answered, Asked } from "./database.ts";

if (parentPort === null) throw new Error("this file is a thread's");
const port = parentPort;
const database = await PGlite.create(String(workerData), {
  startParams: [...PGlite.defaultStartParams, "-c", "shared_buffers=8MB"],
});
const tell = (answered: Answered): void => port.postMessage(answered);

/** PostgreSQL's code of an error, which BullMQ tells some by. */
function codeOf(error: unknown): { readonly code?: string } {
  if (!(error instanceof Error) || !("code" in error)) return {};
  return typeof error.code === "string" ? { code: error.code } : {};
}

async function answer({ id, text, params }: Asked): Promise<void> {
  try {
    if (text === null) await database.close();
    // Several statements in one text change things and answer nothing.
    else if (params === null) await database.exec(text);
    else {
      const { rows, affectedRows = 0 } = await database.query<never>(text, params);
      tell({ id, rows, affectedRows });
      return;
    }
    tell({ id, rows: [], affectedRows: 0 });
  } catch (error) {
    tell({ id, message: error instanceof Error ? error.message : String(error), ...codeOf(error) });
  }
  if (text === null) port.close();
}

database.onNotification((channel, payload) => tell({ channel, payload }));
port.on("message", (asked: Asked) => void answer(asked));
tell({ id: 0, rows: [], affectedRows: 0 });
