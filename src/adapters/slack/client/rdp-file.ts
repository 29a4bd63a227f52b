// The file that opens Remote Desktop: a convenience beside the line to paste, which is there in any case.

import type { WebClient } from "@slack/web-api";
import type { Step } from "../../../domain/request/document/step.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import type { ChannelId } from "../../../domain/text/ids.ts";
import { type Words, words } from "../../../domain/text/words.ts";
import { isFault } from "../../../ports/fault.ts";
import type { Log } from "../../../ports/log.ts";
import { RDP, reached } from "../views/request/way-in.ts";
import { shareFile } from "./share-file.ts";
import { slackFault } from "./slack-client.ts";

export type RdpFile = { readonly vm: string; readonly name: string; readonly text: string };

/** Enough for every name that Azure allows. */
const NAME_CHARACTERS_MAX = 64;

/**
 * The file for what is news in `steps`; `undefined` where no port of Remote Desktop was opened, or the
 * address isn't known to be one.
 * Source: https://learn.microsoft.com/azure/virtual-desktop/rdp-properties
 */
export function rdpFile(request: AccessRequest, steps: readonly Step[]): RdpFile | undefined {
  // Of several VMs each has another file: their lines tell where to connect.
  if (request.batch?.role === "lead") return undefined;
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

/**
 * Shares the file in a conversation, if Slack and the bot's scopes let it, within some seconds; `says` stands above it.
 * Answers whether it is there. Never rejects: without the file nothing is lost.
 */
export async function sendRdpFile(
  { client, log }: { readonly client: WebClient; readonly log: Log },
  channel: ChannelId,
  { vm, name, text, says: above = [] }: RdpFile & { readonly says?: readonly Words[] },
): Promise<boolean> {
  const lines = above.flatMap((line) => words`${line}\n`);
  const says = words`${lines}This file opens Remote Desktop to ${{ code: vm }}.`;
  try {
    await shareFile(client, channel, { name, text, says });
    return true;
  } catch (thrown) {
    const { code } = isFault(thrown) ? thrown : slackFault(thrown);
    log.info({ channel, code }, "the file for Remote Desktop couldn't be sent");
    return false;
  }
}
