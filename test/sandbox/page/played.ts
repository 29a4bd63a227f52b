// What people do by thumb in the demo's page, and how each screen of it is looked at: on a phone and on a desk.

import type { Locator } from "playwright-core";
import { type Tour, tourOf } from "../../../src/sandbox/page/tour.ts";
import { eventually } from "../../support/eventually.ts";
import { looked, WIDE } from "./looks.ts";
import { type Opened, openPage, PHONE } from "./opened.ts";

export const WITHIN = { timeout: 15_000 };
export const MINUTE = 60_000;

export type Played = Opened & {
  tour: Tour;
  form(): Locator;
  card(text: string | RegExp): Locator;
  /** Somebody on their phone, in a channel. */
  as(who: string, channel: string): Promise<void>;
  /** Somebody types it where commands go. */
  types(who: string, text: string): Promise<void>;
  /** Remembers what is wrong with it at each width. */
  look(name: string, at?: Locator): Promise<void>;
  /** What was found wrong with what was looked at, and in the page; each is answered once. */
  found(): readonly string[];
  /** A form that is left open is in nobody's way but its own test's. */
  closeForms(): Promise<void>;
  /** What of Slack's deliveries somebody set off by taps: what they pressed, chose and sent. */
  taps(user: string): readonly unknown[];
  /** How often Azure was asked to open or to close. */
  asked(): number;
  /** Waits until it was asked so often. */
  asksAzure(times: number): Promise<unknown>;
  /** Sends the form. */
  sends(name: string): Promise<void>;
};

/** What is done in Azure is seen soon. */
const REFRESH_EVERY_MS = 5_000;

/** The demo under the rules of an incident, with nobody's form open. */
export async function playIncident(): Promise<Played> {
  const opened = await openPage({
    policyFile: new URL("./incident.yaml", import.meta.url),
    refreshEveryMs: REFRESH_EVERY_MS,
  });
  const { page, demo } = opened;
  const tour = tourOf(page);
  const faults: string[] = [];
  const asked = () => demo.azure.calls.filter(({ path }) => path.endsWith("/initiate")).length;
  const form = () => page.getByRole("dialog");
  const as = async (who: string, channel: string) => {
    await page.setViewportSize(WIDE);
    await tour.become(who);
    await tour.goTo(channel);
    await page.setViewportSize(PHONE);
  };
  return {
    ...opened,
    tour,
    form,
    card: tour.card,
    as,
    types: async (who, text) => {
      await as(who, "general");
      await tour.type(text);
    },
    look: async (name, at = tour.card(/./)) => {
      faults.push(...(await looked(page, name, at)));
    },
    found: () => [...faults.splice(0), ...opened.faults.splice(0)],
    closeForms: async () => {
      const { slack } = demo;
      for (const user of slack.world.users.keys()) {
        for (const { id } of slack.modals(user)) await slack.closeView({ user, viewId: id });
      }
    },
    taps: (user) =>
      demo.slack.deliveries.filter(
        ({ type, payload }) =>
          ["block_actions", "view_submission"].includes(type) &&
          (payload.user as { id?: string } | undefined)?.id === user,
      ),
    asked,
    asksAzure: (times) =>
      eventually(() => {
        if (asked() < times) throw new Error(`Azure was asked ${asked()} times, not ${times}`);
      }),
    sends: async (name) => {
      await form().getByRole("button", { name, exact: true }).click();
      await form().waitFor({ state: "hidden" });
    },
  };
}
