// Decodes the bodies that Slack's API takes: forms, JSON, and multipart for uploads.

import type { IncomingHttpHeaders } from "node:http";
import { asObject, parseJson } from "../json.ts";
import { ApiFault, type Args } from "./call.ts";

/** The arguments of a call. Throws `ApiFault` on a body that Slack doesn't take. */
export function argumentsOf(headers: IncomingHttpHeaders, query: string, body: Buffer): Args {
  const fromQuery = Object.fromEntries(new URLSearchParams(query));
  if (body.length === 0) return fromQuery;
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type === undefined) throw new ApiFault("missing_post_type");
  if (type === "application/x-www-form-urlencoded") {
    return { ...fromQuery, ...Object.fromEntries(new URLSearchParams(body.toString())) };
  }
  if (type === "application/json") {
    const object = asObject(parseJson(body.toString()));
    if (!object) throw new ApiFault("invalid_json");
    // A token in a JSON body isn't looked at: it must be in the header.
    const { token: _ignored, ...args } = object;
    return { ...fromQuery, ...args };
  }
  throw new ApiFault("invalid_post_type");
}

/** The bytes of an upload: the body itself, or the first file of a multipart one. */
export async function uploadedBytes(headers: IncomingHttpHeaders, body: Buffer): Promise<Buffer> {
  const type = headers["content-type"] ?? "";
  if (!type.startsWith("multipart/form-data")) return body;
  const form = await new Response(new Uint8Array(body), {
    headers: { "content-type": type },
  }).formData();
  for (const value of form.values()) {
    if (typeof value !== "string") return Buffer.from(await value.arrayBuffer());
  }
  return Buffer.alloc(0);
}
