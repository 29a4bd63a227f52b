// The page's line to its server: the state as it changes, and what the person does.

import { useEffect, useState } from "preact/hooks";
import type { Json } from "../../slack/json.ts";
import { asObject, parseJson } from "../../slack/json.ts";
import type { Deed, GuideDeed, Place, Shown } from "../page-state.ts";
import type { StepId } from "../steps.ts";

export type Live = { shown: Shown; isConnected: boolean };

/** The state as this person sees it, for as long as the component lives. */
export function useShown(me: string): Live | undefined {
  const [live, setLive] = useState<Live>();
  useEffect(() => {
    const source = new EventSource(`/demo/events?as=${me}`);
    source.onmessage = ({ data }) =>
      setLive({ shown: JSON.parse(String(data)) as Shown, isConnected: true });
    source.onerror = () => setLive((last) => last && { ...last, isConnected: false });
    return () => source.close();
  }, [me]);
  return live;
}

/** The demo's time, each second. */
export function useNow(offsetMs: number): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return nowMs + offsetMs;
}

/** A person does something in Slack; resolves with what the simulated Slack noted about it. */
export async function act(name: string, input: object): Promise<Json> {
  const answer = await post("/_sandbox/act", { act: name, ...input });
  return asObject(answer.result) ?? {};
}

export async function perform(deed: Deed): Promise<void> {
  await post("/demo/do", deed);
}

/** Resolves with where the outcome of a step of the guided tour is told. */
export async function showStep(step: StepId): Promise<Place> {
  const { person, channel, ts } = await post("/demo/guide", { show: step } satisfies GuideDeed);
  return { person: String(person), channel: String(channel), ts: String(ts) };
}

/** Turns off what the step has turned on. */
export async function putRight(): Promise<void> {
  await post("/demo/guide", { show: null } satisfies GuideDeed);
}

export async function wireDetail(id: string): Promise<string> {
  const answer = await fetch(`/demo/wire/${id}`);
  return JSON.stringify(await answer.json(), null, 2);
}

async function post(path: string, body: object): Promise<Json> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = asObject(parseJson(await response.text())) ?? {};
  if (!response.ok) throw new Error(String(answer.error ?? response.statusText));
  return answer;
}

/** Whether the page shows one of its parts at a time. The width is that of the styles. */
export function useIsPhone(): boolean {
  const query = matchMedia("(max-width: 860px)");
  const [isPhone, setIsPhone] = useState(query.matches);
  useEffect(() => {
    const look = (): void => setIsPhone(query.matches);
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, []);
  return isPhone;
}

/** A value that the browser remembers from one visit to the next. */
export function useKept<T>(key: string, initial: T): [T, (next: T) => void] {
  const [value, setValue] = useState<T>(() => {
    const kept = localStorage.getItem(key);
    return kept === null ? initial : (parseJson(kept) as T);
  });
  const keep = (next: T): void => {
    localStorage.setItem(key, JSON.stringify(next));
    setValue(next);
  };
  return [value, keep];
}
