// A channel, or the conversation with the bot: its messages, and where one types.

import { useEffect, useRef, useState } from "preact/hooks";
import type { ChannelShown } from "../page-state.ts";
import { Composer } from "./composer.tsx";
import { Tries } from "./guide/tries.tsx";
import { Home } from "./home.tsx";
import { useIsPhone } from "./live-state.ts";
import { MessageRow } from "./message.tsx";
import { dayOf, useSeen } from "./seen.ts";
import { ChannelName } from "./sidebar.tsx";

type Props = {
  channel: ChannelShown;
  /** A thread is open beside it. */
  isAside: boolean;
  draft: string;
  /** Of this person in this channel; or of `at`, a person and a channel. */
  onDraft: (text: string, at?: string) => void;
  onThread: (ts: string) => void;
  onGo: (channel: string, person?: string) => void;
  onTour: () => void;
  /** The message that a step of the tour leads to. */
  lookAt: string | undefined;
};

export function Conversation(props: Props) {
  const { channel, isAside, draft, onDraft } = props;
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
          <Messages {...props} />
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

type LookedAt = Pick<Props, "lookAt"> & {
  /** Differs where something came. */
  readonly size: string;
  readonly shown: readonly { readonly ts: string }[];
};

/** Brings a message that is looked at into view, and keeps it there while others come. */
function useLookedAt(
  box: { readonly current: HTMLDivElement | null },
  { lookAt, size, shown }: LookedAt,
): void {
  const isThere = shown.some(({ ts }) => ts === lookAt);
  const isPhone = useIsPhone();
  const sinceMs = useRef(0);
  useEffect(() => {
    sinceMs.current = Date.now();
  }, [lookAt]);
  // Again when it grows, or when others come while one begins to read: the end of the list is followed otherwise.
  const isNew = Date.now() - sinceMs.current < READS_MS;
  const grows = isNew || shown.at(-1)?.ts === lookAt ? size : undefined;
  useEffect(() => {
    const message = isThere ? document.getElementById(`message-${lookAt}`) : null;
    // Its head says how it stands: where not all of it fits, that is what is to be seen.
    message?.scrollIntoView({ block: "nearest" });
    if (message && message.offsetHeight > (box.current?.clientHeight ?? 0) - ROOM_PX) {
      message.scrollIntoView({ block: "start" });
    }
  }, [lookAt, isThere, grows, isPhone]);
}

type MessagesProps = Omit<Props, "isAside" | "draft">;

/** How far from the end one may have scrolled and still follow what comes. */
const NEAR_END_PX = 120;
/** As long as what came about around a message that is looked at still comes in. */
const READS_MS = 8_000;
/** A message that leaves less of the list free is looked at from its head. */
const ROOM_PX = 40;

function Messages({ channel, onThread, onGo, onDraft, onTour, lookAt }: MessagesProps) {
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
  useLookedAt(box, { lookAt, size, shown });
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
      <Beginning channel={channel} onGo={onGo} onDraft={onDraft} onTour={onTour} />
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
            <MessageRow
              message={message}
              isLookedAt={message.ts === lookAt}
              onThread={() => onThread(message.ts)}
            />
          </div>
        );
      })}
    </div>
  );
}

function Beginning({ channel, ...tries }: Omit<MessagesProps, "onThread" | "lookAt">) {
  return (
    <div class="beginning">
      {channel.kind === "im" ? (
        <p>The jit bot writes to you here; nobody else sees it.</p>
      ) : (
        <p>
          This is the beginning of <strong>#{channel.name}</strong>. {channel.topic}
        </p>
      )}
      {channel.id === "C0GENERAL" ? <Tries {...tries} /> : null}
    </div>
  );
}
