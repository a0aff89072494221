/**
 * @file The module that reads and writes bodies, compiled again so that it reports every address that it touches: work is counted, not
 * timed, and what is touched lies inside.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BodyCodec, type OpenBody } from "../../kernels/exact/body.ts";

/** Nothing of a memory lies below: kernels/exact/body.ts. */
const FIRST = 1024;

/** The sources with the flags of kernels/build-exact.ts, and Binaryen's pass that calls out before each load and store. */
function compile(): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), "assay-body-"));
  try {
    const output = join(folder, "body.wasm");
    const note = new URL("../../kernels/exact/exact.wasm.json", import.meta.url);
    const { flags }: { readonly flags: string } = JSON.parse(readFileSync(note, "utf8"));
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js")),
        "body.ts",
        ...flags.split(" "),
        "--runPasses",
        "instrument-memory",
        "--outFile",
        output,
      ],
      {
        cwd: fileURLToPath(new URL("../../kernels/exact/assembly/", import.meta.url)),
        encoding: "utf8",
      },
    );
    if (status !== 0) throw new Error(`asc failed: ${stderr}`);
    return readFileSync(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What was loaded, or is to be stored, as it is. */
const same = (_id: number, value: unknown): unknown => value;

/** A reader, and the loads and stores of its kernels so far. */
export type CountedBody = { readonly codec: BodyCodec; touches: number };

/** @throws RangeError, later, where a kernel touches what is not its own */
export function countedBody(): CountedBody {
  const host: {
    readonly Memory: new (limits: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
    readonly Instance: new (module: object, imports: object) => { exports: never };
    readonly Module: new (bytes: Uint8Array) => object;
  } = Reflect.get(globalThis, "WebAssembly");
  const module = new host.Module(compile());
  const open: OpenBody = (bytes) => {
    const pages = Math.ceil(bytes / 65_536);
    const memory = new host.Memory({ initial: pages, maximum: pages });
    const touch = (_id: number, size: number, offset: number, pointer: number): number => {
      const from = (pointer >>> 0) + (offset >>> 0);
      if (from < FIRST || from + size > bytes)
        throw new RangeError(`${size} bytes at ${from} of ${bytes}`);
      counted.touches += 1;
      return pointer;
    };
    const values = ["i32", "i64", "f32", "f64"].flatMap((type) => [
      [`load_val_${type}`, same],
      [`store_val_${type}`, same],
    ]);
    const env = {
      memory,
      load_ptr: touch,
      store_ptr: touch,
      memory_grow_pre: same,
      memory_grow_post: same,
      ...Object.fromEntries(values),
    };
    return { kernels: new host.Instance(module, { env }).exports, buffer: memory.buffer };
  };
  const counted: CountedBody = { codec: new BodyCodec(open), touches: 0 };
  return counted;
}
