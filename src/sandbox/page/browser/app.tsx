// The whole page: who one is, the simulated Slack, and beside it the simulated Azure.

import { useEffect, useState } from "preact/hooks";
import type { Place } from "../page-state.ts";
import { AzurePane } from "./azure/pane.tsx";
import { Conversation } from "./conversation.tsx";
import { TourBar } from "./guide/tour-bar.tsx";
import { TourList } from "./guide/tour-list.tsx";
import { useTour } from "./guide/use-tour.ts";
import { type Live, useKept, useNow, useShown } from "./live-state.ts";
import { Modal } from "./modal.tsx";
import { PeopleBar } from "./people.tsx";
import { latestIn, type ReadMarks } from "./read-marks.ts";
import { type Seen, SeenContext } from "./seen.ts";
import { Sidebar } from "./sidebar.tsx";
import { Thread } from "./thread.tsx";

type Pane = "channels" | "chat" | "azure";

const FIRST_PERSON = "U0ERIN";
const FIRST_CHANNEL = "C0GENERAL";
const SAID_FOR_MS = 8_000;

export function App() {
  const { meId, places, thread, pane, look, setThread, setPane, become, go, lookAt } = useWhere();
  const [drafts, setDrafts] = useState<Record<string, string>>({});
  const { said, say } = useSaid();
  const live = useShown(meId);
  const nowMs = useNow(live?.shown.offsetMs ?? 0);
  const tour = useTour(lookAt, say);

  const slack = live?.shown.slack;
  const channels = slack?.channels ?? [];
  const channel =
    channels.find(({ id }) => id === (places[meId] ?? FIRST_CHANNEL)) ??
    channels.find(({ kind }) => kind === "im");
  const marks = useReadMarks(live, meId, channel?.id);

  const me = slack?.people.find(({ id }) => id === meId);
  if (!live || !slack || !channel) return <p class="starting">Connecting…</p>;
  if (!me) return <p class="starting">There is no {meId} here.</p>;

  const seen: Seen = { shown: live.shown, me, nowMs, say };
  const parent = thread === undefined ? undefined : channel.messages.find((m) => m.ts === thread);

  return (
    <SeenContext.Provider value={seen}>
      <div class="app" data-pane={pane}>
        <PeopleBar
          marks={marks}
          isConnected={live.isConnected}
          onBecome={become}
          onTour={tour.list}
        />
        {tour.isOpen ? <TourBar tour={tour} /> : null}
        <Sidebar current={channel.id} marks={marks} onGo={go} />
        <Conversation
          key={`${meId} ${channel.id}`}
          channel={channel}
          isAside={parent !== undefined}
          draft={drafts[`${meId} ${channel.id}`] ?? ""}
          onDraft={(text, at = `${meId} ${channel.id}`) => setDrafts({ ...drafts, [at]: text })}
          onThread={setThread}
          onGo={go}
          onTour={tour.list}
          lookAt={look?.person === meId ? look.ts : undefined}
        />
        {parent ? <Thread parent={parent} onClose={() => setThread(undefined)} /> : null}
        <AzurePane />
        <PaneBar current={pane} onPick={setPane} />
        <Modal />
        {tour.isListed ? <TourList tour={tour} /> : null}
        <div class={said === "" ? "toast empty" : "toast"} role="alert">
          {said}
        </div>
      </div>
    </SeenContext.Provider>
  );
}

/** Whose screen it is, and what of it is shown; kept from one visit to the next. */
function useWhere() {
  const [meId, setMe] = useKept("me", FIRST_PERSON);
  const [places, setPlaces] = useKept<Record<string, string>>("places", {});
  const [thread, setThread] = useState<string>();
  const [pane, setPane] = useState<Pane>("chat");
  const [look, setLook] = useState<Place>();
  const become = (id: string): void => {
    setMe(id);
    setThread(undefined);
  };
  const go = (id: string, person = meId): void => {
    become(person);
    setPlaces({ ...places, [person]: id });
    setPane("chat");
    setLook(undefined);
  };
  const lookAt = (place: Place): void => {
    go(place.channel, place.person);
    setLook(place);
  };
  return { meId, places, thread, pane, look, setThread, setPane, become, go, lookAt };
}

/** What is said to the person at once, for a few seconds. */
function useSaid() {
  const [said, say] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => say(""), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return { said, say };
}

/** What everybody has read; what the person is looking at is read. */
function useReadMarks(live: Live | undefined, meId: string, channelId: string | undefined) {
  const [marks, setMarks] = useKept<ReadMarks>("read", {});
  const latest = latestIn(live?.shown.slack, meId, channelId);
  useEffect(() => {
    if (channelId === undefined || latest === undefined || document.hidden) return;
    if (live?.shown.me !== meId || marks[meId]?.[channelId] === latest) return;
    setMarks({ ...marks, [meId]: { ...marks[meId], [channelId]: latest } });
  }, [channelId, latest, meId, live]);
  return marks;
}

/** On a phone, which shows one pane at a time. */
function PaneBar({ current, onPick }: { current: Pane; onPick: (pane: Pane) => void }) {
  return (
    <nav class="panes" aria-label="Parts of the page">
      {PANES.map(([id, name]) => (
        <button
          key={id}
          type="button"
          aria-current={current === id ? "page" : undefined}
          onClick={() => onPick(id)}
        >
          {name}
        </button>
      ))}
    </nav>
  );
}

const PANES: [id: Pane, name: string][] = [
  ["channels", "Channels"],
  ["chat", "Chat"],
  ["azure", "Azure"],
];
