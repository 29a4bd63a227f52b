// A channel, or the conversation with the bot: its messages, and where one types.

import { useEffect, useRef, useState } from "preact/hooks";
import type { ChannelShown } from "../page-state.ts";
import { Composer } from "./composer.tsx";
import { Home } from "./home.tsx";
import { MessageRow } from "./message.tsx";
import { dayOf, useSeen } from "./seen.ts";
import { ChannelName } from "./sidebar.tsx";
import { Tries } from "./tries.tsx";

type Props = {
  channel: ChannelShown;
  /** A thread is open beside it. */
  isAside: boolean;
  draft: string;
  /** Of this person in this channel; or of `at`, a person and a channel. */
  onDraft: (text: string, at?: string) => void;
  onThread: (ts: string) => void;
  onGo: (channel: string, person?: string) => void;
};

export function Conversation({ channel, isAside, draft, onDraft, onThread, onGo }: Props) {
  const [tab, setTab] = useState<"messages" | "home">("messages");
  const isBot = channel.kind === "im";
  return (
    <main class={isAside ? "conversation aside" : "conversation"}>
      <header class="pane-head">
        <h2>
          <ChannelName channel={channel} />
        </h2>
        {isBot ? (
          <div class="tabs" role="tablist" aria-label="The jit app">
            {(["home", "messages"] as const).map((one) => (
              <button
                key={one}
                id={`tab-${one}`}
                type="button"
                role="tab"
                aria-selected={tab === one}
                aria-controls="conversation-panel"
                onClick={() => setTab(one)}
              >
                {one === "home" ? "Home" : "Messages"}
              </button>
            ))}
          </div>
        ) : (
          <p class="topic">{channel.topic}</p>
        )}
      </header>
      {isBot && tab === "home" ? (
        <div id="conversation-panel" class="home-panel" role="tabpanel" aria-labelledby="tab-home">
          <Home />
        </div>
      ) : (
        <>
          <Messages channel={channel} onThread={onThread} onGo={onGo} onDraft={onDraft} />
          {channel.isArchived ? (
            <p class="archived">This channel is archived: nobody can write here.</p>
          ) : (
            <Composer channel={channel} draft={draft} onDraft={onDraft} />
          )}
        </>
      )}
    </main>
  );
}

type MessagesProps = Pick<Props, "channel" | "onThread" | "onGo" | "onDraft">;

/** How far from the end one may have scrolled and still follow what comes. */
const NEAR_END_PX = 120;

function Messages({ channel, onThread, onGo, onDraft }: MessagesProps) {
  const seen = useSeen();
  const box = useRef<HTMLDivElement>(null);
  const isNearEnd = useRef(true);
  // Ephemeral messages of a thread stand there only.
  const shown = channel.messages.filter((one) => one.threadTs === undefined || one.broadcast);
  const size = JSON.stringify(shown.map((one) => [one.ts, one.blocks.length, one.replies.length]));
  useEffect(() => {
    const list = box.current;
    if (list && isNearEnd.current) list.scrollTop = list.scrollHeight;
  }, [size]);
  const onScroll = (): void => {
    const list = box.current;
    if (!list) return;
    isNearEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
  };
  return (
    <div
      id="conversation-panel"
      class="messages"
      ref={box}
      onScroll={onScroll}
      role="log"
      aria-label={`Messages in ${channel.kind === "im" ? "jit" : channel.name}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by the keyboard
      tabIndex={0}
    >
      <Beginning channel={channel} onGo={onGo} onDraft={onDraft} />
      {shown.map((message, index) => {
        const before = shown[index - 1];
        const day = dayOf(seen, Number(message.ts) * 1_000);
        const isNewDay = !before || dayOf(seen, Number(before.ts) * 1_000) !== day;
        return (
          <div key={message.ts} class="row">
            {isNewDay ? (
              <p class="day">
                <span>{day}</span>
              </p>
            ) : null}
            <MessageRow message={message} onThread={() => onThread(message.ts)} />
          </div>
        );
      })}
    </div>
  );
}

function Beginning({ channel, onGo, onDraft }: Omit<MessagesProps, "onThread">) {
  return (
    <div class="beginning">
      {channel.kind === "im" ? (
        <p>The jit bot writes to you here; nobody else sees it.</p>
      ) : (
        <p>
          This is the beginning of <strong>#{channel.name}</strong>. {channel.topic}
        </p>
      )}
      {channel.id === "C0GENERAL" ? <Tries onGo={onGo} onDraft={onDraft} /> : null}
    </div>
  );
}
