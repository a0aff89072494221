/** @file Endpoints whose certificate proves nothing: expired, of another host, of nobody. */
import { readFileSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { createServer, type Server } from "node:tls";
import { fileURLToPath } from "node:url";
import { createWallet } from "../../chain/wallet/wallet.ts";
import { Invocations } from "../support/invocations.ts";
import { portOf } from "../support/ports.ts";

const all = new Invocations();
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const servers: Server[] = [];

/** Port of a server with one of the certificates. */
async function serve(certificate: string): Promise<number> {
  const server = createServer({
    cert: readFileSync(fixture(certificate)),
    key: readFileSync(fixture("server.key")),
  });
  server.on("tlsClientError", () => undefined); // the client hangs up, as it should
  servers.push(server);
  return portOf(server);
}

before(() => createWallet({ folder: all.wallets, name: "stranger", hotkey: "default" }));
after(() => {
  for (const server of servers) server.close();
  rmSync(all.home, { recursive: true });
});

const CASES: readonly [certificate: string, cause: RegExp][] = [
  ["expired.pem", /certificate has expired/],
  ["other.pem", /IP: 127\.0\.0\.1 is not in the cert's list/],
  ["self-signed.pem", /self-signed certificate/],
];
for (const [certificate, cause] of CASES)
  test(`${certificate} is refused with its reason, and nothing is sent without TLS instead`, async () => {
    const endpoint = `wss://127.0.0.1:${await serve(certificate)}`;
    const environment = { NODE_EXTRA_CA_CERTS: fixture("authority.pem") };
    const args = ["--wallet", "stranger", "--endpoint", endpoint];
    for (const program of ["miner", "validator"] as const) {
      const ended = await all.run(program, args, { environment });
      all.refuses(
        ended,
        "chain-unreachable",
        cause,
        /NODE_EXTRA_CA_CERTS/,
        new RegExp(`${endpoint}$`, "m"),
      );
    }
  });
