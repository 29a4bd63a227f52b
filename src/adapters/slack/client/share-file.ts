// Files, shared in a conversation: made in memory, uploaded, and said what they are for.

import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { ChannelId } from "../../../domain/text/ids.ts";
import type { Words } from "../../../domain/text/words.ts";
import { Fault } from "../../../ports/fault.ts";
import { inRealTime } from "../../real-time.ts";
import { textOf } from "../views/blocks.ts";
import { decoded } from "./slack-call.ts";

export type SharedFile = {
  readonly name: string;
  readonly text: string;
  /** Stands beside the file. */
  readonly says: Words;
};

/** A lease that a message is sent under has to hold for its file, too. */
const SEND_WITHIN_MS = 6_000;

const placed = z.object({
  upload_url: z.url({ protocol: /^https?$/ }),
  file_id: z.string().min(1),
});

/** Rejects with what Slack said, or within some seconds; then the file may be there anyway. */
export async function shareFile(
  client: WebClient,
  channel: ChannelId,
  file: SharedFile,
): Promise<void> {
  const stopping = new AbortController();
  const shared = share(client, { channel, file, stop: stopping.signal });
  if ((await inRealTime(shared, SEND_WITHIN_MS)) !== "late") return;
  const reason = new DOMException("Slack didn't take the file in time", "TimeoutError");
  stopping.abort(reason);
  throw reason;
}

/** In three steps: https://docs.slack.dev/messaging/working-with-files#uploading_files */
async function share(
  client: WebClient,
  { channel, file, stop }: { channel: ChannelId; file: SharedFile; stop: AbortSignal },
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
    throw new Fault({ source: "slack", code: `http_${answer.status}`, message, retryable: false });
  }
  if (stop.aborted) return;
  const completing = client.files.completeUploadExternal({
    files: [{ id: place.file_id, title: file.name }],
    channel_id: channel,
    initial_comment: textOf(file.says),
  });
  await decoded(z.unknown(), completing);
}
