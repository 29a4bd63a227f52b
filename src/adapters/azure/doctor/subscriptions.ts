// What Azure tells of subscriptions: which there are, the Defender plan of one, and what the identity may do there.

import { z } from "zod";
import type { Permission } from "../../../domain/doctor/azure-rights.ts";
import type { SubscriptionFacts, Unasked } from "../../../ports/checkup.ts";
import type { Calls } from "../client/calls.ts";
import type { Clients } from "../client/clients.ts";
import { listLinks } from "../client/list-links.ts";
import { sendRest } from "../client/rest.ts";

const SUBSCRIPTIONS = "2022-12-01";
const AUTHORIZATION = "2022-04-01";
/** No list here is longer: this ends one that never does. */
const PAGES_MAX = 20;
/** As long as Azure lets a subscription's name be. */
const NAME_MAX = 64;

const texts = z.array(z.string()).catch([]);
const nextLink = z.string().nullish();
const subscriptionsSchema = z.object({
  value: z.array(
    z.object({
      subscriptionId: z.string(),
      displayName: z
        .string()
        .transform((name) => name.slice(0, NAME_MAX))
        .optional()
        .catch(undefined),
    }),
  ),
  nextLink,
});
const permissionsSchema = z.object({
  value: z.array(z.object({ actions: texts, notActions: texts })),
  nextLink,
});
const pricingSchema = z.object({
  pricingTier: z.string(),
  subPlan: z.string().nullish(),
});

export type Asking = {
  /** Of a subscription. */
  readonly id: string;
  /** For all attempts together. */
  readonly timeoutMs: number;
};

/** Each rejects with a `Fault`. */
export type Subscriptions = {
  /** Those that the identity may read. */
  all(
    how: Omit<Asking, "id">,
  ): Promise<readonly { readonly id: string; readonly name: string | undefined }[]>;
  planOf(how: Asking): Promise<Exclude<SubscriptionFacts["plan"], Unasked>>;
  permissionsOf(how: Asking): Promise<readonly Permission[]>;
};

export function createSubscriptions(needs: {
  clients: Clients;
  calls: Calls;
  endpoint: string;
}): Subscriptions {
  const { clients, calls } = needs;
  const root = `${needs.endpoint.replace(/\/$/, "")}/subscriptions`;
  const within = (operation: string, timeoutMs: number) => ({
    operation,
    timeoutMs,
    totalMs: timeoutMs,
  });

  /** Every page of a list that no SDK of ours has. */
  async function pages<Page extends { nextLink?: string | null | undefined }>(
    url: string,
    schema: z.ZodType<Page>,
    how: ReturnType<typeof within>,
  ): Promise<readonly Page[]> {
    // Its pipeline is the same for all.
    const client = await clients.security("unused");
    return calls.read(how, async ({ signal }) => {
      const found: Page[] = [];
      const follow = listLinks();
      let next = follow(url);
      while (next !== undefined && found.length < PAGES_MAX) {
        const page: Page = schema.parse(
          await sendRest(client, { method: "GET", url: next, signal }),
        );
        found.push(page);
        next = follow(page.nextLink);
      }
      return found;
    });
  }

  return {
    async all({ timeoutMs }) {
      const url = `${root}?api-version=${SUBSCRIPTIONS}`;
      const how = within("subscriptions-list", timeoutMs);
      const found = (await pages(url, subscriptionsSchema, how)).flatMap(({ value }) => value);
      return found.map(({ subscriptionId, displayName }) => ({
        id: subscriptionId,
        name: displayName,
      }));
    },
    async planOf({ id, timeoutMs }) {
      const client = await clients.security(id);
      return calls.read(within("pricing-read", timeoutMs), async ({ signal }) => {
        const answer = await client.pricings.get("VirtualMachines", { abortSignal: signal });
        const { pricingTier: tier, subPlan } = pricingSchema.parse(answer);
        return { tier, subPlan: subPlan ?? "" };
      });
    },
    async permissionsOf({ id, timeoutMs }) {
      const url = `${root}/${encodeURIComponent(id)}/providers/Microsoft.Authorization/permissions?api-version=${AUTHORIZATION}`;
      const how = within("permissions-read", timeoutMs);
      return (await pages(url, permissionsSchema, how)).flatMap(({ value }) => value);
    },
  };
}
