/** @file Test helper: JSON-RPC over HTTP, one request at a time. */
export type Reply = {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
};

/** What a server answers; the text of a body that is sent as it is. */
export async function posted(port: number, body: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}`, {
    method: "POST",
    // One that is kept could be closed by the server just now.
    headers: { connection: "close" },
    body,
  });
  return response.text();
}

/** The reply to one request. */
export async function asked(port: number, method: string, params: unknown = []): Promise<Reply> {
  const text = await posted(port, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  const reply: Reply = JSON.parse(text);
  return reply;
}

/** A result that must be there. */
export async function result(port: number, method: string, params: unknown = []): Promise<unknown> {
  const reply = await asked(port, method, params);
  if (reply.error !== undefined) throw new Error(`${method}: ${JSON.stringify(reply.error)}`);
  return reply.result;
}
