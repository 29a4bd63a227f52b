// The file methods: an upload address, the upload itself, and sharing what was uploaded.

import { asText, type Json, objectsIn } from "../json.ts";
import { EMPTY_CONTENT, postMessage } from "../messages.ts";
import type { SlackWorkspace, StoredFile } from "../slack-workspace.ts";
import {
  ApiFault,
  type Args,
  type Handler,
  invalidArguments,
  jsonArgument,
  optional,
  required,
} from "./call.ts";
import { threadFor, writableChannel } from "./chat-methods.ts";

export const filesGetUploadUrl: Handler = (world, args, around) => {
  const length = Number(required(args, "length"));
  if (!Number.isInteger(length) || length <= 0) {
    throw invalidArguments(["must be more than 0 [json-pointer:/length]"]);
  }
  const filename = required(args, "filename");
  const file: StoredFile = {
    id: world.nextId("F"),
    filename,
    title: filename,
    lengthDeclared: length,
    channels: [],
  };
  world.files.set(file.id, file);
  return { upload_url: `${around.origin}/upload/v1/${file.id}`, file_id: file.id };
};

/** Takes the bytes sent to an upload address; `undefined` where there is no such address. */
export function receiveUpload(
  world: SlackWorkspace,
  id: string,
  bytes: Buffer,
): string | undefined {
  const file = world.files.get(id);
  if (!file) return undefined;
  file.bytes = bytes;
  if (bytes.length !== file.lengthDeclared) {
    world.warn("upload", `${file.filename}: ${bytes.length} bytes, not ${file.lengthDeclared}`);
  }
  return `OK - ${bytes.length}`;
}

export const filesCompleteUpload: Handler = (world, args) => {
  const asked = jsonArgument(args, "files");
  const listed = objectsIn(asked === "broken" ? undefined : asked?.value);
  if (listed.length === 0) {
    throw invalidArguments(["missing required field: files [json-pointer:/files]"]);
  }
  const files = listed.map((one) => {
    const file = world.files.get(asText(one.id) ?? "");
    if (!file?.bytes) throw new ApiFault("file_not_found");
    file.title = asText(one.title) ?? file.title;
    return file;
  });
  const channels = channelsAsked(args).map((id) => sharable(world, id));
  for (const channel of channels) share(world, channel, files, args);
  return { files: files.map((file) => wireFile(file)) };
};

function channelsAsked(args: Args): string[] {
  const several = optional(args, "channels")?.split(",") ?? [];
  return [optional(args, "channel_id"), ...several].filter((one) => one !== undefined);
}

/** Files go to channel ids only: neither names nor, in channel_id, people. */
function sharable(world: SlackWorkspace, id: string): string {
  if (!/^[CDG]/.test(id)) throw new ApiFault("channel_not_found");
  return writableChannel(world, id).id;
}

function share(world: SlackWorkspace, channelId: string, files: StoredFile[], args: Args): void {
  const channel = world.channels.get(channelId);
  for (const file of files) file.channels.push(channelId);
  postMessage(world, {
    ...EMPTY_CONTENT,
    text: optional(args, "initial_comment") ?? "",
    channel: channelId,
    user: world.bot.userId,
    byApp: true,
    threadTs: channel && threadFor(world, channel, args),
    files: files.map((file) => wireFile(file)),
  });
}

function wireFile(file: StoredFile): Json {
  return {
    id: file.id,
    name: file.filename,
    title: file.title,
    size: file.bytes?.length ?? 0,
    channels: file.channels,
  };
}
