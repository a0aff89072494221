/** @file The WebAssembly global, typed here: neither the `esnext` library nor Node's types declare it. */

/** A compiled module. */
export type WasmModule = object;
/** A linear memory. `buffer` changes when it grows. */
export type WasmMemory = { readonly buffer: ArrayBuffer; grow(pages: number): number };
/** A function given to, or taken from, an instance. */
export type WasmFunction = (...args: never[]) => unknown;

type Named = { readonly name: string; readonly kind: string };
type WasmExport = ((...args: readonly unknown[]) => unknown) | { readonly value?: unknown };

type WasmApi = {
  readonly Module: {
    new (bytes: Uint8Array): WasmModule;
    imports(module: WasmModule): readonly (Named & { readonly module: string })[];
    exports(module: WasmModule): readonly Named[];
    customSections(module: WasmModule, name: string): readonly ArrayBuffer[];
  };
  readonly Memory: new (limits: { readonly initial: number }) => WasmMemory;
  readonly Instance: new (
    module: WasmModule,
    imports: { readonly env: Readonly<Record<string, WasmFunction | WasmMemory>> },
  ) => { readonly exports: Readonly<Record<string, WasmExport | undefined>> };
};

/** What an instance exports. */
export type WasmExports = Readonly<Record<string, WasmExport | undefined>>;

/** `globalThis.WebAssembly`. */
export const wasmApi: WasmApi = Reflect.get(globalThis, "WebAssembly");
