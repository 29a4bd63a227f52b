// The bar on top: whose screen one looks at, the demo's time, and whether the bot is there.

import { useEffect } from "preact/hooks";
import { Avatar } from "./avatar.tsx";
import { type ReadMarks, unreadOf } from "./read-marks.ts";
import { timeOf, useSeen } from "./seen.ts";

type Props = {
  marks: ReadMarks;
  isConnected: boolean;
  onBecome: (id: string) => void;
  onTour: () => void;
};

export function PeopleBar({ marks, isConnected, onBecome, onTour }: Props) {
  const { shown, me } = useSeen();
  const { people } = shown.slack;
  useEffect(() => {
    document
      .getElementById(`person-${me.id}`)
      ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [me.id]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = people.findIndex(({ id }) => id === me.id);
    const next = people[(at + step + people.length) % people.length];
    if (!next) return;
    onBecome(next.id);
    document.getElementById(`person-${next.id}`)?.focus();
  };
  return (
    <header class="people-bar">
      <h1>
        <span aria-hidden="true" class="logo" /> <span class="app-name">JIT access</span>
      </h1>
      <button type="button" class="tour-open" onClick={onTour}>
        Guided tour
      </button>
      <div class="people" role="radiogroup" aria-label="You are" onKeyDown={onKeyDown}>
        {people.map((person) => {
          const { forMe, count } = unreadOf(shown.slack, marks, person.id);
          const isMe = person.id === me.id;
          return (
            // biome-ignore lint/a11y/useSemanticElements: one of a group of pictures
            <button
              key={person.id}
              id={`person-${person.id}`}
              type="button"
              role="radio"
              aria-checked={isMe}
              tabIndex={isMe ? 0 : -1}
              title={`${person.realName}, ${person.role}`}
              onClick={() => onBecome(person.id)}
            >
              <Avatar id={person.id} name={person.realName} />
              <span class="person-words">
                <b>{person.realName.split(" ")[0]}</b>
                <small>{person.role}</small>
              </span>
              {!isMe && forMe > 0 ? (
                <span class="badge">
                  {forMe}
                  <span class="hidden"> unread</span>
                </span>
              ) : null}
              {!isMe && forMe === 0 && count > 0 ? (
                <span class="dot">
                  <span class="hidden">unread messages</span>
                </span>
              ) : null}
            </button>
          );
        })}
      </div>
      <Standing isConnected={isConnected} />
    </header>
  );
}

function Standing({ isConnected }: Pick<Props, "isConnected">) {
  const seen = useSeen();
  const { shown, me, nowMs } = seen;
  return (
    <p class="standing">
      <time title={`Your time, in ${me.tz}`}>{timeOf(seen, nowMs)}</time>
      {shown.offsetMs > 0 ? <small>+{spanOf(shown.offsetMs)}</small> : null}
      <span class={`bot-state ${isConnected ? shown.bot.state : "down"}`} role="status">
        {isConnected ? BOT[shown.bot.state] : "The demo has ended"}
      </span>
    </p>
  );
}

const BOT = { ready: "Bot ready", starting: "Bot starting…", down: "Bot down" };

function spanOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60 === 0 ? "" : `${minutes % 60} min`;
  return hours === 0 ? `${minutes} min` : [`${hours} h`, rest].filter(Boolean).join(" ");
}
