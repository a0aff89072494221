/** @file A Chromium without a window, over its DevTools protocol: what a page says, loads and shows. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { z } from "zod";

/** Names under which it is installed; ASSAY_CHROMIUM names another. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"] as const;
const START_MS = 60_000;
const ANSWER_MS = 30_000;

const messageSchema = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
});
type Message = z.output<typeof messageSchema>;

/** How a page is looked at. */
export type Screen = {
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
  /** Points of the picture to one of the page; one without it. */
  readonly scale?: number;
};

/** How a picture is kept, in the protocol's words: the whole page, or what the screen shows. */
export type Shot = {
  readonly captureBeyondViewport: boolean;
  readonly format?: "png" | "webp";
  readonly quality?: number;
};

/** What was seen of a page. */
export type Seen = {
  /** Errors and warnings of the console, of the log, and what was thrown. */
  readonly complaints: readonly string[];
  /** Everything that it asked for. */
  readonly requests: readonly string[];
  /** What the expression came to. */
  readonly value: unknown;
  /** A PNG, unless the shot names another format. */
  readonly png: Buffer;
};

/** A Chromium that runs here, or null. */
export function findBrowser(): string | null {
  const own = process.env["ASSAY_CHROMIUM"];
  const names = own === undefined ? NAMES : [own];
  return names.find((name) => spawnSync(name, ["--version"]).status === 0) ?? null;
}

/** Asks and answers of one connection. */
class Connection {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly events: Message[] = [];
  #next = 1;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const message = messageSchema.parse(JSON.parse(z.string().parse(data)));
      if (message.id === undefined) this.events.push(message);
      else this.#waiting.get(message.id)?.(message);
    });
  }

  async ask(
    method: string,
    params: object = {},
    sessionId?: string,
  ): Promise<NonNullable<Message["result"]>> {
    const id = this.#next++;
    const { promise, resolve } = Promise.withResolvers<Message>();
    this.#waiting.set(id, resolve);
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) }));
    const late = sleep(ANSWER_MS, null, { ref: false });
    const answer = await Promise.race([promise, late]);
    if (answer === null) throw new Error(`${method} was not answered`);
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result ?? {};
  }

  async happened(method: string): Promise<void> {
    for (const until = performance.now() + ANSWER_MS; performance.now() < until; await sleep(20))
      if (this.events.some((event) => event.method === method)) return;
    throw new Error(`${method} did not happen`);
  }
}

const entrySchema = z.object({ entry: z.object({ level: z.string(), text: z.string() }) });
const calledSchema = z.object({ type: z.string(), args: z.array(z.unknown()) });
const requestSchema = z.object({ request: z.object({ url: z.string() }) });

/** What is wrong in an event; null: nothing. */
function complaintIn({ method, params }: Message): string | null {
  if (method === "Runtime.exceptionThrown") return `thrown: ${JSON.stringify(params)}`;
  if (method === "Log.entryAdded") {
    const { level, text } = entrySchema.parse(params).entry;
    return level === "error" || level === "warning" ? `${level}: ${text}` : null;
  }
  if (method !== "Runtime.consoleAPICalled") return null;
  const { type, args } = calledSchema.parse(params);
  return ["error", "warning", "assert"].includes(type) ? `${type}: ${JSON.stringify(args)}` : null;
}

/** A Chromium that runs. */
export class Browser {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #endpoint: string;

  private constructor(child: ChildProcess, folder: string, endpoint: string) {
    this.#child = child;
    this.#folder = folder;
    this.#endpoint = endpoint;
  }

  static async start(name: string): Promise<Browser> {
    const folder = mkdtempSync(join(tmpdir(), "assay-browser-"));
    const flags = [
      "--headless",
      "--remote-debugging-port=0",
      `--user-data-dir=${folder}`,
      "--disable-gpu",
      "--disable-dev-shm-usage",
      // Its sandbox takes rights that containers do not give; it opens files of ours alone.
      "--no-sandbox",
      "--no-first-run",
      "about:blank",
    ];
    const child = spawn(name, flags, { stdio: ["ignore", "ignore", "pipe"] });
    const { promise, resolve } = Promise.withResolvers<string>();
    createInterface({ input: child.stderr }).on("line", (line) => {
      const found = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    const endpoint = await Promise.race([promise, sleep(START_MS, null, { ref: false })]);
    if (endpoint !== null) return new Browser(child, folder, endpoint);
    child.kill("SIGKILL");
    throw new Error(`${name} did not start`);
  }

  /** Opens a page, evaluates an expression in it, and takes its picture. */
  async open(
    url: string,
    screen: Screen,
    expression: string,
    kept: Shot = { captureBeyondViewport: true },
  ): Promise<Seen> {
    const socket = new WebSocket(this.#endpoint);
    await once(socket, "open");
    const connection = new Connection(socket);
    try {
      const { targetId } = await connection.ask("Target.createTarget", { url: "about:blank" });
      const attached = await connection.ask("Target.attachToTarget", { targetId, flatten: true });
      const session = z.string().parse(attached["sessionId"]);
      const ask = (method: string, params: object = {}) => connection.ask(method, params, session);
      for (const domain of ["Page", "Runtime", "Log", "Network"]) await ask(`${domain}.enable`);
      const { width, height, scheme, scale = 1 } = screen;
      const size = { width, height, deviceScaleFactor: scale, mobile: width < 600 };
      await ask("Emulation.setDeviceMetricsOverride", size);
      const features = [{ name: "prefers-color-scheme", value: scheme }];
      await ask("Emulation.setEmulatedMedia", { features });
      await ask("Emulation.setScrollbarsHidden", { hidden: true });
      await ask("Page.navigate", { url });
      await connection.happened("Page.loadEventFired");
      const answered = await ask("Runtime.evaluate", {
        expression,
        returnByValue: true,
        awaitPromise: true,
      });
      const shot = await ask("Page.captureScreenshot", kept);
      const value = z.object({ value: z.unknown() }).parse(answered["result"]).value;
      const png = Buffer.from(z.string().parse(shot["data"]), "base64");
      await connection.ask("Target.closeTarget", { targetId });
      const { events } = connection;
      return {
        complaints: events.flatMap((event) => complaintIn(event) ?? []),
        requests: events
          .filter(({ method }) => method === "Network.requestWillBeSent")
          .map(({ params }) => requestSchema.parse(params).request.url),
        value,
        png,
      };
    } finally {
      socket.close();
    }
  }

  async close(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
