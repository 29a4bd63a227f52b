// A thread: the message, the replies beneath it, and where one replies.

import { useState } from "preact/hooks";
import type { MessageShown } from "../page-state.ts";
import { Composer } from "./composer.tsx";
import { MessageRow } from "./message.tsx";
import { channelOf, useSeen } from "./seen.ts";

export function Thread({ parent, onClose }: { parent: MessageShown; onClose: () => void }) {
  const seen = useSeen();
  const [draft, setDraft] = useState("");
  const channel = channelOf(seen, parent.channel);
  if (!channel) return null;
  const ephemerals = channel.messages.filter((one) => one.ephemeral && one.threadTs === parent.ts);
  const replies = [...parent.replies, ...ephemerals].sort((a, b) => Number(a.ts) - Number(b.ts));
  return (
    <aside
      class="thread"
      aria-label="Thread"
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <header class="pane-head">
        <h2>
          Thread <small>{channel.kind === "im" ? "jit" : `#${channel.name}`}</small>
        </h2>
        <button type="button" class="icon-button" aria-label="Close the thread" onClick={onClose}>
          ✕
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by the keyboard */}
      <div class="messages" role="log" aria-label="Replies" tabIndex={0}>
        <MessageRow message={parent} />
        <p class="day">
          <span>{replies.length === 1 ? "1 reply" : `${replies.length} replies`}</span>
        </p>
        {replies.map((reply) => (
          <MessageRow key={reply.ts} message={reply} />
        ))}
      </div>
      <Composer channel={channel} threadTs={parent.ts} draft={draft} onDraft={setDraft} />
    </aside>
  );
}
