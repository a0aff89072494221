/**
 * @file Builds the page into dashboard/built, which is committed: `node dashboard/build.ts` writes it, `--check` fails when it is not what
 * the sources give. The same sources give the same bytes.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const BUILT = join(ROOT, "built");

/** Every file of the page by its path. */
async function builtFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const built = await build({
    root: ROOT,
    configFile: false,
    base: "/page/",
    logLevel: "warn",
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      assetsDir: "",
      // One of each: the page is small, and a second request would only be later.
      rolldownOptions: { output: { entryFileNames: "app-[hash].js" } },
    },
  });
  const outputs = [built].flat();
  const files = outputs.flatMap((one) => ("output" in one ? one.output : []));
  return new Map(
    files.map((file) => [
      file.fileName,
      Buffer.from(file.type === "chunk" ? file.code : file.source),
    ]),
  );
}

/** The files that are committed. */
function committedFiles(): ReadonlyMap<string, Uint8Array> {
  const names = readdirSync(BUILT, { recursive: true, encoding: "utf8" });
  return new Map(names.map((name) => [name, readFileSync(join(BUILT, name))]));
}

const files = await builtFiles();
if (process.argv.includes("--check")) {
  const committed = committedFiles();
  const names = new Set([...files.keys(), ...committed.keys()]);
  const differing = [...names].filter(
    (name) => !Buffer.from(files.get(name) ?? []).equals(committed.get(name) ?? new Uint8Array()),
  );
  if (differing.length > 0) {
    const list = differing.join(", ");
    process.stderr.write(
      `dashboard/built is not what its sources give (${list}): node dashboard/build.ts\n`,
    );
    process.exitCode = 1;
  }
} else {
  rmSync(BUILT, { recursive: true, force: true });
  for (const [name, bytes] of files) {
    const path = join(BUILT, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}
