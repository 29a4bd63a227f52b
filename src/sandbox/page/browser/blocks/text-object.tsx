// Renders a text object: marked up or plain.

import type { ComponentChildren } from "preact";
import { asObject, textAt } from "../../../slack/json.ts";
import { Mrkdwn, Plain } from "./mrkdwn.tsx";

/** A text object: marked up or plain. */
export function Text({ of }: { of: unknown }): ComponentChildren {
  const text = textAt(of, "text") ?? "";
  return asObject(of)?.type === "mrkdwn" ? <Mrkdwn text={text} /> : <Plain text={text} />;
}
