/** @file The commands of an owner as tests call them, and what they look at afterwards. */
import assert from "node:assert/strict";
import { isAssayError } from "../../../src/errors.ts";
import type { Fault } from "../../../src/faults.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import type { RunManifest } from "../../../src/protocol/manifest.ts";
import { parseManifest } from "../../../src/protocol/manifest-file.ts";
import { parseRunText, type RunText } from "../../../src/protocol/run-text.ts";
import { createSubnet } from "../../../subnet/create/create.ts";
import { createOptions } from "../../../subnet/create/options.ts";
import { PublicationFolder } from "../../../subnet/owner/publication.ts";
import { pushOptions, setOptions } from "../../../subnet/params/options.ts";
import { pushParameters } from "../../../subnet/params/push.ts";
import { setParameter } from "../../../subnet/params/set.ts";
import { publishOptions } from "../../../subnet/publish/options.ts";
import { publishRun } from "../../../subnet/publish/publish.ts";
import { type Paper, paper, type World } from "./world.ts";

type More = Readonly<Record<string, unknown>>;

/** The fault of a command that is refused. */
export async function faultOf(command: Promise<unknown>): Promise<Fault> {
  try {
    await command;
  } catch (error) {
    assert.ok(isAssayError(error), String(error));
    return error.fault;
  }
  return assert.fail("it was not refused");
}

/** The commands of the owner in a world; each takes options that differ from the usual ones, and where to write. */
export class Commands {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  create(more: More, { parts }: Paper = paper()): Promise<void> {
    const options = { ...this.#world.place, wallet: "owner", ...more };
    return createSubnet(createOptions.parse(options), parts);
  }

  /** Without the measured rules, agreed beforehand. */
  publish(more: More, { parts }: Paper = paper()): Promise<void> {
    const usual = { wallet: "owner", neurons: 4, check: false, yes: true };
    const options = { ...this.#world.place, ...usual, ...more };
    return publishRun(publishOptions.parse(options), parts);
  }

  push(more: More, { parts }: Paper = paper()): Promise<void> {
    const options = { ...this.#world.place, wallet: "owner", yes: true, ...more };
    return pushParameters(pushOptions.parse(options), parts);
  }

  /** Sets a key of the file; returns what was said. */
  async set(key: string, value: string): Promise<string> {
    const { parts, text } = paper();
    await setParameter(setOptions.parse({ key, value, file: this.#world.file }), parts);
    return text();
  }

  /** Options of commands that take no keys. */
  get looking(): More {
    const { walletFolder: _folder, ...place } = this.#world.place;
    return place;
  }

  /** What the identity of subnet 1 says about runs. */
  async named(): Promise<RunText> {
    return parseRunText(await this.#world.client.subnetIdentity(1));
  }

  /** The folder of subnet 1's publications. */
  get publications(): PublicationFolder {
    return new PublicationFolder(this.#world.place.folder, 1, this.#world.client.genesisHash);
  }

  async manifestOf(runId: Hex | null): Promise<RunManifest> {
    const bytes = await this.publications.blobs().get(runId ?? "0x");
    return parseManifest(bytes ?? new Uint8Array()).manifest;
  }
}
