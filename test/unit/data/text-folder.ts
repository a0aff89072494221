/** @file Folders of files for the tests of reading text: made below the system's temporary folder. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { uint32Stream } from "../../../kernels/random.ts";

/** Content by path, with "/" between folders. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Writes `files` into a new folder and returns its path. */
export function folderWith(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "assay-text-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** `bytes` bytes of lines of words, different for every seed. */
export function prose(seed: number, bytes: number): string {
  const draw = uint32Stream(seed);
  const lines: string[] = [];
  for (let length = 0; length < bytes;) {
    const words = Array.from({ length: 1 + (draw() % 12) }, () => (draw() % 46_656).toString(36));
    lines.push(`${words.join(" ")}\n`);
    length += lines.at(-1)?.length ?? 0;
  }
  return lines.join("").slice(0, bytes);
}

/** A folder like node_modules in small: what the demo takes, and everything that it leaves out. */
export function demoFiles(): Files {
  const files: Record<string, string | Uint8Array> = {
    ".package-lock.json": "{}",
    ".hidden/README.md": prose(9001, 700),
    "a.md": prose(9002, 300),
    "a/b.md": prose(9003, 300),
    "a-b/b.md": prose(9004, 300),
    "é/ü.md": prose(9005, 300),
    "empty/README.md": "",
    "huge/api.d.ts": prose(9006, (1 << 18) + 1),
    "just/api.d.ts": prose(9007, 1 << 18),
    "long/line.md": `short\n${"x".repeat(1001)}\n`,
    "long/enough.md": `short\n${"y".repeat(1000)}\n`,
    "binary/zero.md": Uint8Array.of(0, 1, 2, 255, 254),
    "code/index.ts": "export {};\n",
    "code/index.d.ts": "export {};\n",
    "code/again.d.ts": "export {};\n",
  };
  for (let index = 0; index < 120; index++) {
    const name = index % 2 === 0 ? "index.d.ts" : "README.md";
    files[`package-${index % 40}/lib-${index}/${name}`] = prose(index % 110, 200 + 37 * index);
  }
  return files;
}
