/** @file Endpoints as people write them: a network's name, a host, a host with a port, or a WebSocket URL. */
import { hidden } from "../../base/hidden.ts";
import { nearest } from "./words.ts";

/** Networks by the names that btcli taught. */
export const NETWORKS = {
  local: "ws://127.0.0.1:9944",
  test: "wss://test.finney.opentensor.ai:443",
  finney: "wss://entrypoint-finney.opentensor.ai:443",
  archive: "wss://archive.chain.opentensor.ai:443",
} as const;

/** A WebSocket URL, or why the text is none, as the end of a sentence that begins with it. */
export type Endpoint = { readonly url: string } | { readonly refusal: string };

const NAMES = Object.keys(NETWORKS);
const USUAL_PORT = 9944;
const TLS_PORT = 443;
/** Share of letters that a mistyped network may have wrong. */
const NEAR = 1 / 3;
const HOST = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)$/;
const SHAPES = `an address is ws://HOST:PORT, wss://HOST:PORT, HOST, HOST:PORT, or one of ${NAMES.join(", ")}`;

function isNetwork(text: string): text is keyof typeof NETWORKS {
  return NAMES.includes(text);
}

/** The URL of a host: TLS on port 443, and where only a public name is given; else plain, on the usual port. */
function urlOf(host: string, port: string | undefined): string {
  const isName = !host.startsWith("[") && !/^[\d.]+$/.test(host);
  const secure = port === undefined ? isName && host.includes(".") : Number(port) === TLS_PORT;
  const chosen = port ?? String(secure ? TLS_PORT : USUAL_PORT);
  return `${secure ? "wss" : "ws"}://${host}:${chosen}`;
}

function fromUrl(text: string, scheme: string): Endpoint {
  const rest = text.slice(scheme.length + 3);
  if (scheme === "http" || scheme === "https") {
    const right = `${scheme === "http" ? "ws" : "wss"}://${rest}`;
    return { refusal: `is not a WebSocket address; write ${hidden(right)}` };
  }
  if (scheme !== "ws" && scheme !== "wss")
    return { refusal: `has the unknown scheme ${scheme}; ${SHAPES}` };
  const url = URL.parse(text);
  if (url === null || url.hostname === "" || /\s/.test(text))
    return { refusal: `is not an address; ${SHAPES}` };
  if (url.hash !== "") return { refusal: `must not have a part after #` };
  return { url: text };
}

/** A host, or a host with a port. */
function fromHost(host: string, port: string | undefined): Endpoint {
  const isPort = port === undefined || (Number(port) > 0 && Number(port) < 65_536);
  if (!HOST.test(host) || !isPort || URL.parse(`ws://${host}`) === null)
    return { refusal: `is not an address; ${SHAPES}` };
  // A mistyped network is likelier than a host of such a name: that one can be written with its port.
  const near = host.includes(".") ? undefined : nearest(host, NAMES, NEAR);
  if (port === undefined && near !== undefined)
    return {
      refusal: `is not a network; nearest: ${near} (a host of that name: ${host}:${USUAL_PORT})`,
    };
  return { url: urlOf(host, port) };
}

/** One endpoint from what a person wrote. Never throws. */
export function endpointOf(written: string): Endpoint {
  const text = written.trim();
  if (isNetwork(text)) return { url: NETWORKS[text] };
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1];
  if (scheme !== undefined) return fromUrl(text, scheme.toLowerCase());
  // An address of IPv6 has colons of its own: with a port it must stand in brackets.
  if (/^[0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(text))
    return fromHost(`[${text}]`, undefined);
  const [, host = "", port] = /^(.*?)(?::(\d{1,5}))?$/s.exec(text) ?? [];
  return fromHost(host, port);
}

/** Endpoints with a comma between; of several wrong ones the first is named. Never throws. */
export function endpointsOf(
  written: string,
): { readonly urls: readonly string[] } | { readonly refusal: string } {
  const parts = written.split(",");
  const urls: string[] = [];
  for (const part of parts) {
    const found = endpointOf(part);
    if ("refusal" in found) {
      const which = parts.length === 1 ? "" : `: "${hidden(part.trim())}" `;
      return { refusal: `${which}${found.refusal}` };
    }
    urls.push(found.url);
  }
  return { urls };
}
