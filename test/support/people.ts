// What people do and see in the end-to-end tests, in a word each.

import type { SimulatedSlack } from "../../src/sandbox/slack/start.ts";
import type { TestWorld } from "./world.ts";

type Shown = ReturnType<SimulatedSlack["messages"]>[number];

/** Types `/jit <text>` and answers what the person alone was told, as plain text. */
export async function typed(world: TestWorld, user: string, text: string): Promise<string> {
  const { slack } = world;
  const before = slack.ephemerals(user).length;
  await slack.command({ user, channel: "C0GENERAL", text });
  const answer = await slack.waitFor(() => slack.ephemerals(user)[before], {
    what: `an answer to /jit ${text.slice(0, 80)}`,
    timeoutMs: 20_000,
  });
  return slack.plainText(answer);
}

type Pressed = { readonly user: string; readonly channel: string; readonly ts: string };

/** Presses the three dots of a card and chooses what stands behind them, by its button's name. */
export async function choose(world: TestWorld, pressed: Pressed, name: string) {
  const card = world.slack.messages(pressed.channel).find((one) => one.ts === pressed.ts);
  const value = new RegExp(`"value":"(${name} [^"]+)"`).exec(JSON.stringify(card?.blocks))?.[1];
  if (value === undefined) throw new Error(`${name} is not behind the three dots`);
  return world.slack.select({ ...pressed, actionId: "jit.more", value });
}

/** The id in an answer such as "Asked: JIT-4K7QWD, …". */
export function idIn(text: string): string {
  const id = /JIT-[0-9A-Z]{6}/.exec(text)?.[0];
  if (id === undefined) throw new Error(`no request id in: ${text}`);
  return id;
}

/** The card of a request, as soon as it stands in `channel`. */
export function cardOf(world: TestWorld, id: string, channel = "C0PROD"): Promise<Shown> {
  return world.slack.waitFor(
    () => world.slack.messages(channel).find((one) => one.metadata?.event_payload.id === id),
    { what: `the card of ${id}`, timeoutMs: 20_000 },
  );
}

/** Asks and waits for the card. */
export async function ask(
  world: TestWorld,
  text: string,
  { user = "U0ERIN", channel = "C0PROD" } = {},
): Promise<{ id: string; card: Shown; answer: string }> {
  const answer = await typed(world, user, `request ${text}`);
  const id = idIn(answer);
  return { id, card: await cardOf(world, id, channel), answer };
}

export const initiates = ({ azure }: TestWorld) =>
  azure.calls.filter((call) => call.method === "POST" && call.path.endsWith("/initiate"));

/**
 * Waits until Azure was asked to close what it was asked to open: the card says it a moment earlier, and a clock that
 * is moved on in that moment makes the time that was asked for a past one.
 */
export const askedToClose = (world: TestWorld, id: string): Promise<boolean> =>
  world.slack.waitFor(
    () => initiates(world).filter(({ body }) => JSON.stringify(body).includes(id)).length > 1,
    { what: `Azure to be asked to close ${id}`, timeoutMs: 20_000 },
  );

/** An admin's `/jit end all` and its Apply; waits until Azure was asked to close each, and lets three minutes pass. */
export async function endAll(world: TestWorld, ids: readonly string[]): Promise<void> {
  const preview = await typed(world, "U0ADMIN", "end all");
  const says = `ends ${ids.length} ${ids.length === 1 ? "request" : "requests"}`;
  if (!preview.includes(says)) throw new Error(`not "${says}": ${preview}`);
  const { channel = "", ts = "" } = world.slack.ephemerals("U0ADMIN").at(-1) ?? {};
  await world.slack.click({ user: "U0ADMIN", channel, ts, actionId: "jit.apply" });
  const closing = `${ids.length} closing`;
  await world.slack.waitFor(
    () => world.slack.direct("U0ADMIN").some((one) => world.slack.plainText(one).includes(closing)),
    { what: `the admin's message to say ${closing}`, timeoutMs: 20_000 },
  );
  for (const id of ids) await askedToClose(world, id);
  world.advance(3 * 60_000);
}

/** The world's time in so long, as somebody would type it in their own zone: `2026-12-01 09:30`. */
export const timeIn = (world: TestWorld, ms: number, user = "U0ERIN"): string =>
  new Intl.DateTimeFormat("sv-SE", {
    timeZone: world.slack.world.users.get(user)?.tz ?? "UTC",
    dateStyle: "short",
    timeStyle: "short",
  }).format(world.nowMs() + ms);

/** Waits until the card says `state`. */
export async function cardSays(
  world: TestWorld,
  { id, channel = "C0PROD" }: { id: string; channel?: string },
  state: string,
): Promise<string> {
  return world.slack.waitFor(
    () => {
      const card = world.slack
        .messages(channel)
        .find((one) => one.metadata?.event_payload.id === id);
      const text = card === undefined ? "" : world.slack.plainText(card);
      return text.includes(state) ? text : undefined;
    },
    { what: `the card of ${id} to say ${state}`, timeoutMs: 20_000 },
  );
}
