/** @file Which file holds the weights of which pallet. */

/**
 * A file below chain/, and the trait it implements; null where it defines the trait itself. `isPart`: what it declares is no
 * pallet's, so that nothing is configured with it and `()` is all that implements it.
 */
export type Place = {
  readonly path: string;
  readonly trait: string | null;
  readonly isPart?: true;
};

/** What is no pallet of its own: parts of pallets, and of every block. */
const PARTS: Readonly<Record<string, Place>> = {
  pallet_subtensor_hooks: {
    path: "pallets/subtensor/src/hook_weights.rs",
    trait: null,
    isPart: true,
  },
  block_base: { path: "runtime/src/weights/block_base.rs", trait: null, isPart: true },
  frame_system_extensions: {
    path: "runtime/src/weights/frame_system_extensions.rs",
    trait: "frame_system::ExtensionsWeightInfo",
  },
};

const OURS: readonly string[] = [
  "admin-utils",
  "commitments",
  "drand",
  "governance",
  "shield",
  "subtensor",
];

/** Where the weights of a crate are written; `crate` as the runtime lists it, for example "pallet_balances". */
export function placeOf(crate: string): Place {
  const own = OURS.find((name) => `pallet_${name.replaceAll("-", "_")}` === crate);
  return (
    PARTS[crate] ??
    (own === undefined
      ? { path: `runtime/src/weights/${crate}.rs`, trait: `${crate}::WeightInfo` }
      : { path: `pallets/${own}/src/weights.rs`, trait: null })
  );
}
