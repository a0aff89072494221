/** @file Compares chain/artifacts with its manifest and with the Rust sources. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ArtifactManifest,
  ARTIFACTS_FOLDER,
  CHAIN_FOLDER,
  MANIFEST_FILE,
  METADATA_FILE,
  RUNTIME_FILE,
  sha256,
  sourceDigest,
  SUMS_FILE,
} from "./artifact-files.ts";

/** Reads artifacts.json. */
export function readManifest(folder: string = ARTIFACTS_FOLDER): ArtifactManifest {
  const manifest: ArtifactManifest = JSON.parse(readFileSync(join(folder, MANIFEST_FILE), "utf8"));
  return manifest;
}

/**
 * What is wrong with the artifacts, as sentences; empty when all is well.
 * @param chainFolder where the Rust sources lie
 * @param artifactsFolder where the artifacts lie
 */
export function artifactFaults(
  chainFolder: string = CHAIN_FOLDER,
  artifactsFolder: string = ARTIFACTS_FOLDER,
): string[] {
  const missing = [MANIFEST_FILE, SUMS_FILE, RUNTIME_FILE, METADATA_FILE].filter(
    (name) => !existsSync(join(artifactsFolder, name)),
  );
  if (missing.length > 0) return missing.map((name) => `chain/artifacts/${name} is missing.`);
  const manifest = readManifest(artifactsFolder);
  const faults: string[] = [];
  const lines = Object.entries(manifest.files).map(([name, digest]) => {
    const found = sha256(readFileSync(join(artifactsFolder, name)));
    if (found !== digest)
      faults.push(`chain/artifacts/${name} has sha256 ${found}; artifacts.json says ${digest}.`);
    return `${digest}  ${name}\n`;
  });
  if (
    readFileSync(join(artifactsFolder, SUMS_FILE), "utf8").replaceAll("\r\n", "\n") !==
    lines.join("")
  ) {
    faults.push(`chain/artifacts/${SUMS_FILE} differs from artifacts.json.`);
  }
  const sources = sourceDigest(chainFolder);
  if (sources.sha256 !== manifest.sources.sha256) {
    faults.push(
      `The Rust sources (${sources.files} files, digest ${sources.sha256}) are not those the artifacts were built from (${manifest.sources.files} files, digest ${manifest.sources.sha256}).`,
    );
  }
  return faults;
}
