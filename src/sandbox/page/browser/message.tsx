// One message: who, when, what, its files and its thread.

import { asText, type Json, objectsIn } from "../../slack/json.ts";
import type { FileShown, MessageShown } from "../page-state.ts";
import { Avatar, BotAvatar } from "./avatar.tsx";
import { Blocks } from "./blocks/block.tsx";
import { PopupMenu } from "./blocks/menu.tsx";
import { Mrkdwn } from "./blocks/mrkdwn.tsx";
import { SurfaceContext } from "./blocks/surface.ts";
import { act } from "./live-state.ts";
import { nameOf, timeOf, useSeen } from "./seen.ts";

type Props = {
  message: MessageShown;
  /** A step of the guided tour leads to it. */
  isLookedAt?: boolean;
  onThread?: () => void;
};

export function MessageRow({ message, isLookedAt = false, onThread }: Props) {
  const seen = useSeen();
  const { ephemeral, byApp, user, ts } = message;
  const name = ephemeral === "slack" ? "Slack" : byApp ? "jit" : nameOf(seen, user);
  const kind = `${ephemeral ? " ephemeral" : ""}${isLookedAt ? " looked-at" : ""}`;
  return (
    <article
      id={`message-${ts}`}
      class={`message${kind}`}
      aria-label={`${name}, ${timeOf(seen, Number(ts) * 1_000)}`}
    >
      {ephemeral === "slack" ? (
        <span class="avatar avatar-slack" aria-hidden="true">
          #
        </span>
      ) : byApp ? (
        <BotAvatar />
      ) : (
        <Avatar id={user} name={name} />
      )}
      <div class="message-body">
        {ephemeral ? <p class="only-you">Only visible to you</p> : null}
        <p class="message-head">
          <b>{name}</b>
          {byApp && ephemeral !== "slack" ? <small class="app-tag">APP</small> : null}
          <time dateTime={new Date(Number(ts) * 1_000).toISOString()}>
            {timeOf(seen, Number(ts) * 1_000)}
          </time>
        </p>
        <Content message={message} />
        {message.files.map((file) => (
          <FileCard key={file.id} file={file} />
        ))}
        {onThread && message.replies.length > 0 ? (
          <button type="button" class="thread-link" onClick={onThread}>
            {message.replies.length === 1 ? "1 reply" : `${message.replies.length} replies`}
            <small>last {timeOf(seen, Number(message.replies.at(-1)?.ts) * 1_000)}</small>
          </button>
        ) : null}
      </div>
      <Tools message={message} onThread={ephemeral ? undefined : onThread} />
    </article>
  );
}

function Content({ message }: { message: MessageShown }) {
  const { blocks, text, attachments, channel, ts, mrkdwn } = message;
  return (
    <SurfaceContext.Provider value={{ place: { channel, ts }, values: {}, errors: {} }}>
      {blocks.length > 0 ? (
        <Blocks blocks={blocks} />
      ) : text === "" ? null : (
        <div class="block-text">
          {mrkdwn ? <Mrkdwn text={text} /> : text}
          {message.isEdited ? <small class="edited"> (edited)</small> : null}
        </div>
      )}
      {attachments.map((one, index) => (
        <Attachment key={index} attachment={one} />
      ))}
    </SurfaceContext.Provider>
  );
}

function Attachment({ attachment }: { attachment: Json }) {
  const blocks = objectsIn(attachment.blocks);
  return (
    <div class="attachment">
      <Blocks blocks={blocks} />
      {blocks.length > 0
        ? null
        : ["pretext", "title", "text"].map((key) => (
            <div key={key}>
              <Mrkdwn text={asText(attachment[key]) ?? ""} />
            </div>
          ))}
    </div>
  );
}

function Tools({
  message,
  onThread,
}: {
  message: MessageShown;
  onThread?: (() => void) | undefined;
}) {
  const { shown, me, say } = useSeen();
  const shortcuts = shown.slack.shortcuts.filter(({ on }) => on === "message");
  const { channel, ts, ephemeral } = message;
  const items = shortcuts.map(({ name, callbackId }) => ({
    text: name,
    onChoose: () => {
      const input = { user: me.id, callbackId, channel, ts };
      act("shortcut", input).then(
        ({ trouble }) => trouble && say(String(trouble)),
        (error: Error) => say(error.message),
      );
    },
  }));
  if (ephemeral || (!onThread && items.length === 0)) return null;
  return (
    <div class="message-tools">
      {onThread ? (
        <button
          type="button"
          class="icon-button"
          aria-label="Reply in thread"
          title="Reply in thread"
          onClick={onThread}
        >
          ↩
        </button>
      ) : null}
      {items.length > 0 ? <PopupMenu label="Message actions" items={items} /> : null}
    </div>
  );
}

function FileCard({ file }: { file: FileShown }) {
  const { id, title, name, size, preview } = file;
  return (
    <div class="file">
      <p>
        <a href={`/demo/files/${id}`} download={name}>
          {title}
        </a>
        <small>
          {name}, {size < 1_024 ? `${size} bytes` : `${Math.ceil(size / 1_024)} KB`}
        </small>
      </p>
      {preview === "" ? null : <pre>{preview}</pre>}
    </div>
  );
}
