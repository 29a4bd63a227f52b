// What the doctor asks of Azure: each subscription's plan and the identity's rights there, and what is left of quotas.

import { z } from "zod";
import type { Picture } from "../../ports/azure.ts";
import type { AzureFacts, SubscriptionFacts, Unasked } from "../../ports/checkup.ts";
import type { Clock } from "../../ports/clock.ts";
import { isFault, noteOf } from "../../ports/fault.ts";
import type { Permission } from "../../request/doctor/rights.ts";
import type { Calls } from "./calls.ts";
import type { Clients } from "./clients.ts";
import { sendRest } from "./rest.ts";
import type { Wire } from "./wire.ts";

const AUTHORIZATION = "2022-04-01";
const TIMEOUT_MS = 8_000;
const AT_ONCE = 8;
/** Somebody waits: of what is not asked by then, that is said. */
const ALL_WITHIN_MS = 8_000;
const NOT_ASKED: Unasked = { code: "NotAsked", message: "there was no time left." };
/** A subscription's permissions are a handful: this ends a list that leads in a circle. */
const PAGES_MAX = 20;

const texts = z.array(z.string()).catch([]);
const permissionsSchema = z.object({
  value: z.array(z.object({ actions: texts, notActions: texts })),
  nextLink: z.string().nullish(),
});
const pricingSchema = z.object({
  pricingTier: z.string(),
  subPlan: z.string().nullish(),
});

export function createCheckup(world: {
  clients: Clients;
  calls: Calls;
  wire: Wire;
  endpoint: string;
  /** Those of the policy file, which may have no VM yet. */
  subscriptions: readonly string[];
  picture: () => Picture;
  refresh: () => Promise<Picture>;
  clock: Pick<Clock, "monotonicMs">;
}): () => Promise<AzureFacts> {
  const { clients, calls, wire, clock } = world;
  const endpoint = world.endpoint.replace(/\/$/, "");
  const how = (operation: string) => ({ operation, timeoutMs: TIMEOUT_MS, totalMs: TIMEOUT_MS });

  /** Without the VMs, what the policy file names can be asked about all the same. */
  async function read(): Promise<{ picture: Picture; fault: Unasked | undefined }> {
    try {
      return { picture: await world.refresh(), fault: undefined };
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      return { picture: world.picture(), fault: noteOf(thrown) };
    }
  }

  async function planOf(id: string): Promise<SubscriptionFacts["plan"]> {
    const client = await clients.security(id);
    return orNote(
      calls.read(how("pricing-read"), async ({ signal }) => {
        const answer = await client.pricings.get("VirtualMachines", { abortSignal: signal });
        const { pricingTier: tier, subPlan } = pricingSchema.parse(answer);
        return { tier, subPlan: subPlan ?? "" };
      }),
    );
  }

  async function permissionsOf(id: string): Promise<SubscriptionFacts["permissions"]> {
    const client = await clients.security(id);
    const first = `${endpoint}/subscriptions/${encodeURIComponent(id)}/providers/Microsoft.Authorization/permissions?api-version=${AUTHORIZATION}`;
    return orNote(
      calls.read(how("permissions-read"), async ({ signal }) => {
        const found: Permission[] = [];
        let url: string | null | undefined = first;
        for (let page = 0; url && page < PAGES_MAX; page++) {
          const body: unknown = await sendRest(client, { method: "GET", url, signal });
          const read: z.output<typeof permissionsSchema> = permissionsSchema.parse(body);
          found.push(...read.value);
          url = read.nextLink;
        }
        return found;
      }),
    );
  }

  return async () => {
    const { picture, fault } = await read();
    const { vms, unread } = picture;
    const ids = distinct([
      ...world.subscriptions,
      ...unread.map(({ subscriptionId }) => subscriptionId),
      ...Array.from(vms.values(), ({ subscriptionId }) => subscriptionId),
    ]);
    const subscriptions: SubscriptionFacts[] = [];
    const untilMs = clock.monotonicMs() + ALL_WITHIN_MS;
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const isLate = clock.monotonicMs() > untilMs;
      const some = ids.slice(from, from + AT_ONCE).map(async (id) => {
        if (isLate) return { id, plan: NOT_ASKED, permissions: NOT_ASKED };
        const [plan, permissions] = await Promise.all([planOf(id), permissionsOf(id)]);
        return { id, plan, permissions };
      });
      subscriptions.push(...(await Promise.all(some)));
    }
    return { subscriptions, vms: fault ?? vms.size, skewMs: wire.skewMs(), left: wire.left() };
  };
}

async function orNote<T>(asking: Promise<T>): Promise<T | Unasked> {
  try {
    return await asking;
  } catch (thrown) {
    if (isFault(thrown)) return noteOf(thrown);
    throw thrown;
  }
}

const distinct = (ids: readonly string[]): readonly string[] => [
  ...new Map(ids.map((id) => [id.toLowerCase(), id])).values(),
];
