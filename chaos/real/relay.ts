/** @file A relay before an axon that can be cut for some callers: packets of theirs get no answer, as over a broken line. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";

const HOST = "127.0.0.1";

/** A relay that listens. */
export type Relay = {
  readonly port: number;
  /** From now on these callers get no answer; nobody: the line is whole again. What is under way breaks off. */
  cut(isCut: (callerPort: number) => boolean): void;
  close(): void;
};

const nobody = (): boolean => false;

/** Every byte to `target` and back. */
export async function openRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let refuses: (callerPort: number) => boolean = nobody;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on("error", () => socket.destroy()).once("close", () => sockets.delete(socket));
  };
  const server: Server = createServer((caller) => {
    keep(caller);
    // Heard and never answered.
    if (refuses(caller.remotePort ?? 0)) {
      caller.resume();
      return;
    }
    const axon = keep(connect(target, HOST));
    caller.pipe(axon).pipe(caller);
    caller.once("close", () => axon.destroy());
    axon.once("close", () => caller.destroy());
  });
  await once(server.listen(0, HOST), "listening");
  const address = server.address();
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    cut(isCut) {
      refuses = isCut;
      drop();
    },
    close() {
      server.close();
      drop();
    },
  };
}

const LOOPBACK = "0100007F";

/** The inode of the socket that has a local port of this machine, by the kernel's table, which may be long. */
function inodeOf(port: number): string | null {
  const table = readFileSync("/proc/net/tcp", "utf8");
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const at = table.indexOf(`: ${LOOPBACK}:${hex} `);
  if (at === -1) return null;
  const inode = table.slice(at, table.indexOf("\n", at)).split(/\s+/)[9];
  return inode === undefined || inode === "0" ? null : inode;
}

/** Whether a process holds the socket that has a local port; Linux only. */
export function holdsPort(pid: number, port: number): boolean {
  const inode = inodeOf(port);
  if (inode === null) return false;
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((fd) => linkOf(`${folder}/${fd}`) === `socket:[${inode}]`);
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // It was closed meanwhile.
    return "";
  }
}
