// Finds the reason that Azure gives in an error that one of its SDKs threw.

import { z } from "zod";

const text = z.string().catch("");
/** ARM's shape, and that of older services, which write their names with capitals. */
const wordsSchema = z
  .object({ code: text, message: text, Code: text, Message: text, details: z.unknown().optional() })
  .transform(({ code, message, Code, Message, details }) => ({
    code: code || Code,
    message: message || Message,
    details: Array.isArray(details) ? details : [],
  }));
const bodySchema = z.object({ error: z.unknown().optional() });

/** Resource Graph's outer message only says what to tell the support: the reason is in the details. */
const FOR_SUPPORT = /^Please provide below info when asking for support/;

/** The code and the message that Azure's answer gives as its reason; empty where it gives none. */
export function azureWords(thrown: unknown): { code: string; message: string } {
  const body = bodyOf(thrown);
  const outer = wordsIn(bodySchema.safeParse(body).data?.error) ?? wordsIn(body);
  if (outer === undefined) return { code: "", message: "" };
  const { code, message } = outer;
  const inner = wordsIn(outer.details[0]);
  if (!inner?.message || message.includes(inner.message)) return { code, message };
  if (message === "" || FOR_SUPPORT.test(message)) {
    return { code: inner.code || code, message: inner.message };
  }
  const more = [inner.code, inner.message].filter(Boolean).join(": ");
  return { code, message: `${message} (${more})` };
}

function wordsIn(value: unknown): z.output<typeof wordsSchema> | undefined {
  const words = wordsSchema.safeParse(value).data;
  return words && (words.code || words.message) ? words : undefined;
}

const thrownSchema = z.object({
  code: text,
  name: text,
  details: z.unknown().optional(),
  response: z.object({ bodyAsText: text }).catch({ bodyAsText: "" }),
});

/** The two SDKs keep the body in different places: one as text, the other decoded. */
function bodyOf(thrown: unknown): unknown {
  const { response, details } = thrownSchema.safeParse(thrown).data ?? {};
  try {
    return JSON.parse(response?.bodyAsText ?? "");
  } catch {
    return details;
  }
}

/** The SDK's own code, e.g. `ECONNRESET`; where it has none, what the error is called. */
export function sdkCode(thrown: unknown): string {
  const { code, name } = thrownSchema.safeParse(thrown).data ?? {};
  return code || name || "Unknown";
}
