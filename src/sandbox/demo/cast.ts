// Who can be played in the demo, and what its channels are for.

import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { verbs } from "../../domain/command/command.ts";
import type { Cast } from "../page/slack-view.ts";

const ROLES = {
  U0ERIN: "Engineer",
  U0LEAD: "Approver",
  U0OMAR: "Approver",
  U0ADMIN: "Admin",
  U0AUDIT: "Auditor",
  U0SAM: "Engineer",
  U0SINGLE: "Guest",
  U0STRANGER: "Partner",
};

const TOPICS = {
  C0PROD: "Approvers decide here about production.",
  C0DEV: "Requests for build and development machines.",
  C0NOTICES: "Endings, warnings and alarms.",
  C0GENERAL: "Commands go here, or anywhere else: /jit help shows how to begin.",
  C0SHARED: "Shared with people of another company.",
  C0GUESTS: "Where guests are welcome.",
  C0SECRET: "Private, and the bot isn't in it.",
};

export async function demoCast(): Promise<Cast> {
  return {
    roles: ROLES,
    topics: TOPICS,
    shortcuts: await shortcuts(),
    commands: verbs.map(({ usage, says, example }) => ({ usage, says, example })),
  };
}

const manifestSchema = z.object({
  features: z.object({
    shortcuts: z
      .array(
        z.object({
          name: z.string(),
          callback_id: z.string(),
          type: z.enum(["message", "global"]),
        }),
      )
      .default([]),
  }),
});

/** As the Slack app's manifest has them; none where there is no manifest. */
async function shortcuts(): Promise<Cast["shortcuts"]> {
  const manifest = new URL("../../../manifest.yml", import.meta.url);
  const text = await readFile(manifest, "utf8").catch(() => undefined);
  if (text === undefined) return [];
  return manifestSchema.parse(parse(text)).features.shortcuts.map((one) => ({
    name: one.name,
    callbackId: one.callback_id,
    on: one.type === "message" ? "message" : "anywhere",
  }));
}
