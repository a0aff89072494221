/** @file The bytes of a run manifest, read and written under every rule; their digest is the run id. */
import type * as z from "zod";
import { AssayError } from "../errors.ts";
import { canonicalJson } from "./canonical-json.ts";
import { blake2b256, type Hex } from "./digest.ts";
import { manifestShape, RUN_FORMAT, type RunManifest } from "./manifest.ts";
import { manifestConflicts } from "./manifest-conflicts.ts";

/** A manifest is small; a stranger's bytes beyond this are not looked at. */
export const MAXIMUM_MANIFEST_BYTES = 64 * 1024;

/** The schema with every cross-field rule. */
export const manifestSchema: z.ZodType<RunManifest> = manifestShape.superRefine(
  (manifest, context) => {
    for (const { path, reason } of manifestConflicts(manifest)) {
      context.addIssue({ code: "custom", path: [...path], message: reason });
    }
  },
);

const FORMAT = /^assay\/run\/[1-9]\d{0,4}$/;

/** Only the format is read of a manifest of another release: everything else may mean something else there. */
function requireKnownFormat(value: unknown): void {
  if (typeof value !== "object" || value === null || !("format" in value)) return;
  const { format } = value;
  if (typeof format === "string" && FORMAT.test(format) && format !== RUN_FORMAT)
    throw new AssayError({ code: "run-unsupported", found: format, known: RUN_FORMAT });
}

/**
 * Read a manifest. The run id is the digest of these very bytes, whatever their spacing.
 * @throws AssayError run-unsupported for another release's; manifest-invalid naming the first fields that are wrong.
 */
export function parseManifest(bytes: Uint8Array): {
  readonly manifest: RunManifest;
  readonly runId: Hex;
} {
  const value = parseJson(bytes);
  requireKnownFormat(value);
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) throw invalid(describeIssues(parsed.error.issues), parsed.error);
  return { manifest: parsed.data, runId: blake2b256(bytes) };
}

/** The manifest as canonical JSON bytes. @throws AssayError manifest-invalid if it breaks a rule. */
export function encodeManifest(manifest: RunManifest): Uint8Array {
  const bytes = new TextEncoder().encode(canonicalJson(manifest));
  parseManifest(bytes);
  return bytes;
}

function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  const texts = issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join(".") || "root"}: ${issue.message}`);
  const more = issues.length > 3 ? `; and ${issues.length - 3} more` : "";
  return texts.join("; ") + more;
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length > MAXIMUM_MANIFEST_BYTES) {
    throw invalid(`${bytes.length} bytes are more than the ${MAXIMUM_MANIFEST_BYTES} allowed`);
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    throw invalid("the bytes are not UTF-8 JSON", error);
  }
}

function invalid(reason: string, cause?: unknown): AssayError {
  return new AssayError({ code: "manifest-invalid", reason }, { cause });
}
