/** @file A real HTTP server that answers ranges, and how it may fail. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** What a server does with a request; `range` is what was asked for, both ends included. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  range: readonly [number, number],
) => void;

/** The usual answer: 206 with the bytes asked for. */
export function answer(
  bytes: Uint8Array,
  response: ServerResponse,
  range: readonly [number, number],
): ServerResponse {
  const [start, last] = range;
  const end = Math.min(last + 1, bytes.length);
  if (start >= bytes.length)
    return response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
  const part = bytes.subarray(start, end);
  response.writeHead(206, {
    "content-range": `bytes ${start}-${end - 1}/${bytes.length}`,
    "content-length": part.length,
    etag: '"one"',
  });
  return response.end(part);
}

/** Starts a server; `asked` has the ranges of all requests. */
export async function serve(handler: Handler): Promise<{
  readonly url: string;
  readonly asked: (readonly [number, number])[];
  readonly close: () => Promise<void>;
}> {
  const asked: (readonly [number, number])[] = [];
  const server = createServer((request, response) => {
    const [, start = "0", end = "0"] =
      /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const range = [Number(start), Number(end)] as const;
    if (request.headers.range !== undefined) asked.push(range);
    handler(request, response, range);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens on no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
