/** @file The relay before an axon: it hands on, and answers nobody from whom it is cut. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { holdsPort, openRelay } from "../../../../chaos/real/relay.ts";

const onLinux = { skip: process.platform !== "linux" && "reads /proc" };

/** Asks `port` from a process of its own. */
const asker = (port: number): ReturnType<typeof spawn> =>
  spawn(process.execPath, [
    "-e",
    `fetch("http://127.0.0.1:${port}").then((a) => a.text()).then(console.log, () => console.log("lost"))`,
  ]);

async function wordOf(child: ReturnType<typeof spawn>): Promise<string> {
  const [part]: unknown[] = await once(child.stdout ?? child, "data");
  return String(part).trim();
}

test(
  "whom a relay is cut from gets no answer, others do, and all do when it is whole",
  onLinux,
  async (t) => {
    const axon = createServer((_, answer) => answer.end("axon"));
    await once(axon.listen(0, "127.0.0.1"), "listening");
    const address = axon.address();
    const relay = await openRelay(typeof address === "object" ? (address?.port ?? 0) : 0);
    t.after(() => {
      relay.close();
      axon.close();
    });
    assert.equal(await wordOf(asker(relay.port)), "axon");
    const refused: number[] = [];
    relay.cut((port) => {
      refused.push(port);
      return !holdsPort(process.pid, port);
    });
    const cutOff = asker(relay.port);
    const word = wordOf(cutOff);
    while (refused.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(holdsPort(cutOff.pid ?? 0, refused[0] ?? 0), "the caller is known by its port");
    const own = await fetch(`http://127.0.0.1:${relay.port}`);
    assert.equal(await own.text(), "axon", "this process is not cut off");
    relay.cut(() => false);
    assert.equal(await word, "lost", "what was under way breaks off");
    assert.equal(await wordOf(asker(relay.port)), "axon");
  },
);
