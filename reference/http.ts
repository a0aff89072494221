/** @file docs/openapi.json: what a node answers over HTTP, in OpenAPI 3.1. */
import { z } from "zod";
import { type Route, ROUTES } from "../src/api/routes.ts";

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  window: "number of a window, from 0",
  uid: "uid on the subnet",
  netuid: "number of the subnet",
  genesis: "hash of the chain's first block, 0x and 64 hex digits",
  address: "Blake2b-256 of the bytes, 0x and 64 hex digits",
};

/** btauth/1 of docs/protocol.md, as far as OpenAPI can say it. */
const SIGNED = {
  btauth: {
    type: "apiKey",
    in: "header",
    name: "authorization",
    description: "btauth/1: method, target and body signed by a hotkey",
  },
};

type Json = Readonly<Record<string, unknown>>;

function parameters({ path, query = {} }: Route): readonly Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    description: DESCRIPTIONS[name] ?? "",
    schema: { type: "string" },
  }));
  const asked = Object.entries(query).map(([name, description]) => ({
    name,
    in: "query",
    required: false,
    description,
    schema: { type: name === "prompt" ? "string" : "integer" },
  }));
  return [...inPath, ...asked];
}

/** A zod schema as OpenAPI 3.1 takes it. */
function shapeOf(schema: z.ZodType): Json {
  const { $schema: _dialect, ...shape } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override({ jsonSchema }) {
      // What every whole number of JSON has.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return shape;
}

function operation(route: Route): Json {
  const { summary, type, schema, otherwise = {}, signed } = route;
  const content = { [type]: schema === undefined ? {} : { schema: shapeOf(schema) } };
  const all = parameters(route);
  return {
    summary,
    ...(all.length > 0 && { parameters: all }),
    ...(signed && { security: [{ btauth: [] }] }),
    responses: {
      200: { description: "so it is", ...(route.method !== "head" && { content }) },
      ...Object.fromEntries(
        Object.entries(otherwise).map(([code, description]) => [code, { description }]),
      ),
    },
  };
}

/** docs/openapi.json */
export function openApiText(): string {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of ROUTES) {
    const path = route.path.replace("*", "{file}");
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  const info = {
    title: "An Assay node",
    version: "1",
    description:
      "Read-only HTTP of a node's axon. Made by `npm run reference:build` of src/api/routes.ts; `npm run check` fails when it is stale.",
    license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  };
  return `${JSON.stringify({ openapi: "3.1.0", info, paths, components: { securitySchemes: SIGNED } }, null, 2)}\n`;
}
