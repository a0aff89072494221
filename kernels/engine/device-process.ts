/** @file Entry of the process of a device: its crash, its lost device and its memory are its own. */
import { serveDevice } from "./device-server.ts";
import { processPort } from "./peer.ts";

serveDevice(processPort());
