/** @file Where a node's blobs lie: in its folder, or in a bucket of S3; and what people are told of wrong bytes. */
import { ss58Of } from "../../chain/wallet/account.ts";
import { BucketBlobs } from "../blobs/bucket-blobs.ts";
import { BucketObjects } from "../blobs/bucket-objects.ts";
import { Bucket } from "../blobs/bucket.ts";
import { type BlobStore, openBlobs } from "../blobs/directory.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import type { NeuronOptions } from "../command/fields.ts";
import type { AssayError } from "../errors.ts";
import type { WrongBytes } from "../run/finder.ts";

/** What a store is opened with. */
export type StoreParts = {
  /** Of what was fetched, and of all where there is no bucket. */
  readonly folder: string;
  /** A name that no other node in the bucket has. */
  readonly node: string;
  readonly say: (text: string) => void;
  readonly lifecycle: Pick<Lifecycle, "onClose">;
  /** As in BucketBlobsParts. */
  readonly mirror?: boolean;
};

/** For so long a node that is stopped goes on bringing its own into the bucket. */
const LAST_MS = 5000;

const cause = ({ explanation }: AssayError): string => explanation.cause;

/** The blobs of a node. The keys of a bucket are read from the environment, and nobody is told them. @throws AssayError bad-option */
export function openStore(
  { store, storeUrl }: Pick<NeuronOptions, "store" | "storeUrl">,
  { folder, node, say, lifecycle, mirror = false }: StoreParts,
): BlobStore {
  const local = openBlobs(folder);
  if (store === undefined) return local;
  const bucket = new Bucket({ place: store, publicUrl: storeUrl, environment: process.env });
  const blobs = new BucketBlobs({
    objects: new BucketObjects(bucket, node),
    local,
    mirror,
    news: {
      onFailed: (error) => say(`${cause(error)} Serving from here, and trying again.`),
      onBack: () => say(`${store} takes blobs again`),
      onWrong: (error) => say(`${cause(error)} It is fetched from others, and put there again.`),
    },
  });
  lifecycle.onClose("store", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LAST_MS);
    await Promise.race([blobs.moved(), promise]);
    clearTimeout(timer);
  });
  return blobs;
}

/** Between two lines about one hotkey: whoever sends wrong bytes can do so often. */
const WRONG_EVERY_MS = 60_000;

/** Tells people which object of whom was refused. */
export function wrongTeller(say: (text: string) => void): (wrong: WrongBytes) => void {
  const said = new Map<string, number>();
  return ({ hotkey, digest, place }) => {
    const now = performance.now();
    if (now - (said.get(hotkey) ?? -Infinity) < WRONG_EVERY_MS) return;
    said.set(hotkey, now);
    say(`refused wrong bytes of ${ss58Of(hotkey)}: ${digest} at ${place}; asking others`);
  };
}
