// The file that opens Remote Desktop: a convenience beside the line to paste, which is there in any case.

import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { Fault, isFault } from "../../../ports/fault.ts";
import type { Log } from "../../../ports/log.ts";
import type { ChannelId } from "../../../request/ids.ts";
import type { AccessRequest, Step } from "../../../request/request.ts";
import { words } from "../../../request/words.ts";
import { slackFault } from "../client.ts";
import { textOf } from "./blocks.ts";
import { decoded } from "./call.ts";
import { RDP, reached } from "./way-in.ts";

export type RdpFile = { readonly vm: string; readonly name: string; readonly text: string };

/** Enough for every name that Azure allows. */
const NAME_CHARACTERS_MAX = 64;

/**
 * The file for what is news in `steps`; `undefined` where no port of Remote Desktop was opened, or the
 * address is not known to be one.
 * Source: https://learn.microsoft.com/azure/virtual-desktop/rdp-properties
 */
export function rdpFile(request: AccessRequest, steps: readonly Step[]): RdpFile | undefined {
  if (request.state !== "open" || !steps.some(({ what }) => what === "open")) return undefined;
  if (!request.ask.ports.includes(RDP)) return undefined;
  const { host, at } = reached(RDP, request.grant);
  if (host === undefined) return undefined;
  const settings = [`full address:s:${host}:${at}`, "prompt for credentials:i:1"];
  return {
    vm: request.ask.vm.name,
    name: `${safeName(request.ask.vm.name)}.rdp`,
    text: settings.map((line) => `${line}\r\n`).join(""),
  };
}

/** Of letters, digits, dots, dashes and underscores alone; never hidden, never a way to another folder. */
const safeName = (name: string): string =>
  name
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, NAME_CHARACTERS_MAX)
    .replace(/[.-]+$/, "") || "vm";

/** The lease that the message was sent under has to hold for this, too. */
const SEND_WITHIN_MS = 6_000;

const placed = z.object({
  upload_url: z.url({ protocol: /^https?$/ }),
  file_id: z.string().min(1),
});

/**
 * Shares the file in a conversation, if Slack and the bot's scopes let it, within some seconds. Never
 * rejects: without the file nothing is lost.
 */
export async function sendRdpFile(
  { client, log }: { readonly client: WebClient; readonly log: Log },
  channel: ChannelId,
  file: RdpFile,
): Promise<void> {
  const stop = AbortSignal.timeout(SEND_WITHIN_MS);
  const late = new Promise<never>((_, reject) => {
    stop.addEventListener("abort", () => reject(stop.reason), { once: true });
  });
  try {
    await Promise.race([share(client, { channel, file, stop }), late]);
  } catch (thrown) {
    const fault = isFault(thrown) ? thrown : slackFault(thrown);
    log.info({ channel, code: fault.code }, "the file for Remote Desktop could not be sent");
  }
}

/** In three steps: https://docs.slack.dev/messaging/working-with-files#uploading_files */
async function share(
  client: WebClient,
  { channel, file, stop }: { channel: ChannelId; file: RdpFile; stop: AbortSignal },
): Promise<void> {
  const bytes = Buffer.from(file.text);
  const asked = { filename: file.name, length: bytes.length };
  const place = await decoded(placed, client.files.getUploadURLExternal(asked));
  const answer = await fetch(place.upload_url, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: bytes,
    redirect: "error",
    signal: stop,
  });
  await answer.arrayBuffer();
  if (!answer.ok) {
    const message = `The upload was answered with HTTP status ${answer.status}`;
    throw new Fault({ world: "slack", code: `http_${answer.status}`, message, retryable: false });
  }
  if (stop.aborted) return;
  const completing = client.files.completeUploadExternal({
    files: [{ id: place.file_id, title: file.name }],
    channel_id: channel,
    initial_comment: textOf(words`This file opens Remote Desktop to ${{ code: file.vm }}.`),
  });
  await decoded(z.unknown(), completing);
}
