/** @file The thread behind hashing.ts: bytes in, their digest out. */
import { parentPort } from "node:worker_threads";
import { blake2b256 } from "../protocol/digest.ts";

const port = parentPort;
port?.on("message", (bytes: Uint8Array) => port.postMessage(blake2b256(bytes), []));
