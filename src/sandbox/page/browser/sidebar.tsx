// The list of channels, with unread marks, and the conversation with the bot.

import type { ChannelShown } from "../page-state.ts";
import { Avatar, BotAvatar } from "./avatar.tsx";
import { useIsPhone } from "./live-state.ts";
import { type ReadMarks, unreadIn } from "./read-marks.ts";
import { useSeen } from "./seen.ts";

type Props = { current: string; marks: ReadMarks; onGo: (channel: string) => void };

export function Sidebar({ current, marks, onGo }: Props) {
  const { shown, me } = useSeen();
  // On a phone it is what there is to see.
  const Part = useIsPhone() ? "main" : "div";
  const { channels, team } = shown.slack;
  const rooms = channels.filter(({ kind }) => kind !== "im");
  const direct = channels.filter(({ kind }) => kind === "im");
  const item = (channel: ChannelShown) => {
    const at = { person: me.id, channel: channel.id };
    const { count, forMe } = unreadIn(shown.slack, marks, at);
    const isHere = channel.id === current;
    const isUnread = count > 0 && !isHere;
    return (
      <li key={channel.id}>
        <button
          type="button"
          class={isUnread ? "unread" : ""}
          aria-current={isHere ? "page" : undefined}
          onClick={() => onGo(channel.id)}
        >
          <ChannelName channel={channel} />
          {isUnread && forMe > 0 ? (
            <span class="badge">
              {forMe}
              <span class="hidden"> unread</span>
            </span>
          ) : isUnread ? (
            <span class="hidden">, unread</span>
          ) : null}
        </button>
      </li>
    );
  };
  return (
    <Part class="sidebar">
      <nav aria-label="Channels">
        <p class="team">{team}</p>
        <h2 id="rooms">Channels</h2>
        <ul aria-labelledby="rooms">{rooms.map(item)}</ul>
        <h2 id="direct">Apps</h2>
        <ul aria-labelledby="direct">{direct.map(item)}</ul>
        <p class="whoami">
          <Avatar id={me.id} name={me.realName} />
          <span>
            {me.realName}
            <small>
              {me.role}, {me.tz.split("/").at(-1)?.replace("_", " ")} time
            </small>
          </span>
        </p>
      </nav>
    </Part>
  );
}

export function ChannelName({ channel }: { channel: ChannelShown }) {
  if (channel.kind === "im") {
    return (
      <span class="channel-name">
        <BotAvatar /> jit <small class="app-tag">APP</small>
      </span>
    );
  }
  return (
    <span class="channel-name">
      <span class="hash" aria-hidden="true">
        {channel.kind === "private" ? <Lock /> : "#"}
      </span>
      {channel.name}
      {channel.isArchived ? <small> archived</small> : null}
      {channel.isExtShared ? <small title="Shared with another workspace"> shared</small> : null}
    </span>
  );
}

function Lock() {
  return (
    <svg class="lock" viewBox="0 0 12 14" aria-hidden="true">
      <rect x="1" y="6" width="10" height="7" rx="1.5" />
      <path d="M3 6V4a3 3 0 0 1 6 0v2" />
    </svg>
  );
}
