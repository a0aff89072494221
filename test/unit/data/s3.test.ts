/** @file Buckets: signed as Amazon asks for or not at all, listed in pages, and a word for each refusal. */
import { strict as assert } from "node:assert";
import { after, test } from "node:test";
import { type Corpus, readCorpus } from "../../../src/data/corpus.ts";
import { s3Address, type S3Environment } from "../../../src/blobs/s3.ts";
import { S3Reader } from "../../../src/data/s3.ts";
import { isAssayError } from "../../../src/errors.ts";
import { type S3Options, serveS3 } from "./s3-server.ts";
import { npy } from "./shard-files.ts";

const closers: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closers) await close();
});

const shard = npy(
  Array.from({ length: 6000 }, (_, index) => index % 500),
  2,
);
const objects = {
  "set/a one+two é.npy": shard,
  "set/b.npy": shard,
  "set/deep/c.npy": shard,
  "set/notes.txt": Buffer.from("no"),
  "set/folder/": new Uint8Array(),
  "settings.npy": shard,
};
const account = { id: "AKIDEXAMPLE", secret: "wJalr/XUtn+FEMI" };
const keys = { AWS_ACCESS_KEY_ID: account.id, AWS_SECRET_ACCESS_KEY: account.secret };

async function serverOf(options: Omit<S3Options, "objects">): Promise<string> {
  const server = await serveS3({ objects, ...options });
  closers.push(server.close);
  return server.url;
}

async function keysOf(reader: S3Reader, address: string): Promise<string[]> {
  const found = s3Address(address);
  assert.ok(found !== null);
  const all: string[] = [];
  for await (const key of reader.keys(found)) all.push(key);
  return all;
}

test("objects and lists are read with keys, with a session's token, and without any", async () => {
  const token = "t/o=k+en";
  const ways: readonly (readonly [Omit<S3Options, "objects">, S3Environment])[] = [
    [{ account, keysOfPage: 2 }, keys],
    [{ account: { ...account, token } }, { ...keys, AWS_SESSION_TOKEN: token }],
    [
      { account, clockMs: 600_000 },
      { ...keys, AWS_REGION: "eu-central-1" },
    ],
    [{ keysOfPage: 1 }, {}],
  ];
  for (const [options, environment] of ways) {
    const url = await serverOf(options);
    const reader = new S3Reader({ ...environment, AWS_ENDPOINT_URL_S3: `${url}/` });
    const below = Object.keys(objects).filter((key) => key.startsWith("set/"));
    assert.deepEqual(await keysOf(reader, "s3://bucket/set/"), below.toSorted());
    assert.equal((await keysOf(reader, "s3://bucket")).length, 6);
    const file = await reader.file({ bucket: "bucket", key: "set/a one+two é.npy" });
    assert.equal(file.size, shard.length);
    assert.deepEqual(Buffer.from(await file.read(10, 3000)), shard.subarray(10, 3000));
  }
});

async function refusalOf(
  options: Omit<S3Options, "objects">,
  environment: S3Environment,
  address = "s3://bucket/set/b.npy",
): Promise<string> {
  const url = await serverOf(options);
  const found = s3Address(address);
  assert.ok(found !== null);
  const reader = new S3Reader({ ...environment, AWS_ENDPOINT_URL_S3: url });
  try {
    if (address.endsWith("/")) await keysOf(reader, address);
    else await reader.file(found);
  } catch (error) {
    assert.ok(isAssayError(error, "data-source-failed"), String(error));
    assert.ok(error.message.includes(address) && !error.message.includes("Signature="));
    return error.message;
  }
  return assert.fail("it was read");
}

test("each refusal of S3 is told with what mends it", async () => {
  const wrong = { ...keys, AWS_SECRET_ACCESS_KEY: "other" };
  for (const address of ["s3://bucket/set/b.npy", "s3://bucket/set/"]) {
    assert.match(await refusalOf({ account }, {}, address), /AccessDenied.*AWS_ACCESS_KEY_ID/);
    assert.match(await refusalOf({ account }, wrong, address), /SignatureDoesNotMatch.*AWS_SECRET/);
    for (const clockMs of [3_600_000, -3_600_000])
      assert.match(await refusalOf({ account, clockMs }, keys, address), /clock is wrong/);
  }
  assert.match(
    await refusalOf({ account }, { ...keys, AWS_ACCESS_KEY_ID: "A" }),
    /InvalidAccessKeyId/,
  );
  assert.match(
    await refusalOf({ account: { ...account, token: "t" } }, keys),
    /ExpiredToken.*Renew/,
  );
  assert.match(
    await refusalOf({}, {}, "s3://bucket/none"),
    /NoSuchKey \(HTTP 404\).*Check the key/,
  );
  assert.match(await refusalOf({}, {}, "s3://other/none"), /NoSuchBucket.*bucket's name/);
});

test("an address or an endpoint that is none is refused", () => {
  assert.equal(s3Address("/some/folder"), null);
  assert.deepEqual(s3Address("s3://bucket"), { bucket: "bucket", key: "" });
  for (const wrong of ["s3://", "s3:///key", "s3://Bucket/x", "s3://a b/x"])
    assert.throws(
      () => s3Address(wrong),
      (error) => isAssayError(error, "bad-option"),
    );
  for (const wrong of ["minio:9000", "ftp://host", "nothing"])
    assert.throws(
      () => new S3Reader({ AWS_ENDPOINT_URL_S3: wrong }),
      (error) => isAssayError(error, "bad-option") && /AWS_ENDPOINT_URL_S3/.test(error.message),
    );
});

const read = (folder: string): Promise<Corpus> =>
  readCorpus({
    selection: "all",
    format: "tokens",
    folder,
    tokenType: "auto",
    vocabulary: 500,
    limitBytes: 1 << 20,
  });

test("shards below a prefix are learned, the standard variables say where and with which keys", async () => {
  const url = await serverOf({ account });
  const before = { ...process.env };
  Object.assign(process.env, keys, { AWS_ENDPOINT_URL_S3: url });
  try {
    const { report, training, heldOut } = await read("s3://bucket/set/");
    assert.equal(training.length + heldOut.length, 3 * 12_000);
    assert.deepEqual(
      report.leftOut.map(({ reason, example }) => [reason, example]),
      [["other-name", "notes.txt"]],
    );
    assert.equal((await read("s3://bucket/settings.npy")).report.bytes, 12_000);
  } finally {
    process.env = before;
  }
});
