// The switches with which a person tries the promises out: what goes wrong, and what is put right again.

import { z } from "zod";
import type { Demo } from "../assembly/demo-parts.ts";
import { withhold } from "../azure/rights.ts";
import type { Plan } from "../azure/world/azure-estate.ts";
import { type Deed, WHAT_IF, type WhatIf, type WhatIfName } from "./page-state.ts";
import { untilQuiet } from "./quiet.ts";

export type Switchboard = {
  read(): WhatIf;
  /** Rejects on what is malformed, and on what Azure doesn't do. */
  perform(deed: unknown): Promise<void>;
};

const SLOW_MS = 6_000;
const MINUTE_MS = 60_000;
const PORTAL_MINUTES = 60;
const PORTAL_SOURCE = "203.0.113.7";
const INITIATE = {
  scope: "/",
  action: "Microsoft.Security/locations/jitNetworkAccessPolicies/initiate/action",
};

const deedSchema = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("switch"), name: z.enum(WHAT_IF), on: z.boolean() }),
  z.strictObject({ do: z.literal("advance"), minutes: z.number().min(0).max(1_440) }),
  z.strictObject({ do: z.literal("kill") }),
  z.strictObject({ do: z.literal("open-in-portal"), vm: z.string(), port: z.int() }),
  z.strictObject({ do: z.literal("shut-in-portal"), vm: z.string(), port: z.int() }),
  z.strictObject({
    do: z.literal("right"),
    scope: z.string().max(500),
    action: z.string().max(300),
    isGiven: z.boolean(),
  }),
  z.strictObject({
    do: z.literal("plan"),
    subscription: z.string(),
    plan: z.enum(["P2", "P1", "off"]),
  }),
]) satisfies z.ZodType<Deed>;

/** Turns something on, and answers how to turn it off again. */
type TurnOn = (demo: Demo) => () => void;

const TURN_ON: Record<WhatIfName, TurnOn> = {
  azureRefuses: ({ azure: { world } }) => {
    withhold(world, INITIATE, false);
    return () => withhold(world, INITIATE, true);
  },
  azureSlow: ({ azure }) => {
    const id = azure.faults.add({ path: "jitNetworkAccessPolicies", delayMs: SLOW_MS });
    return () => azure.faults.clear(id);
  },
  azureThrottles: ({ azure }) => {
    const message = "The request is being throttled as the limit has been reached. Retry later.";
    const body = { error: { code: "TooManyRequests", message } };
    const act = { status: 429, headers: { "retry-after": "5" }, body };
    const id = azure.faults.add({ path: "jitNetworkAccessPolicies", act });
    return () => azure.faults.clear(id);
  },
  graphThrottles: ({ azure }) => {
    const error = { code: "RateLimiting", message: "Client application has been throttled." };
    const headers = {
      "x-ms-user-quota-remaining": "0",
      "x-ms-user-quota-resets-after": "00:00:05",
    };
    const act = { status: 429, headers, body: { error } };
    const id = azure.faults.add({ path: "Microsoft.ResourceGraph", act });
    return () => azure.faults.clear(id);
  },
  azureNeverOpens: ({ azure }) => {
    const before = azure.switches.opensAfterMs;
    azure.switches.opensAfterMs = "never";
    return () => {
      azure.switches.opensAfterMs = before;
    };
  },
  slackAway: ({ slack }) => {
    const act = { status: 503, body: "Service Unavailable" };
    const id = slack.faults.add({ path: "^/(api|upload)/", act });
    return () => slack.faults.clear(id);
  },
  botDown: ({ bot }) => {
    bot.hold(true);
    return () => bot.hold(false);
  },
};

export function switchboard(demo: Demo): Switchboard {
  const on = new Map<WhatIfName, () => void>();

  const turn = (name: WhatIfName, isOn: boolean): void => {
    if (on.has(name) === isOn) return;
    const turnOff = on.get(name);
    if (turnOff) {
      on.delete(name);
      turnOff();
    } else {
      on.set(name, TURN_ON[name](demo));
    }
  };

  return {
    read: () => Object.fromEntries(WHAT_IF.map((name) => [name, on.has(name)])) as WhatIf,
    async perform(input) {
      const deed = deedSchema.parse(input);
      switch (deed.do) {
        case "switch":
          return turn(deed.name, deed.on);
        case "advance":
          await untilQuiet(demo);
          return demo.advance(deed.minutes * MINUTE_MS);
        case "kill":
          return demo.bot.kill();
        case "open-in-portal":
          return openInPortal(demo, deed);
        case "right":
          return withhold(demo.azure.world, deed, deed.isGiven);
        case "plan":
          return setPlan(demo, deed);
        case "shut-in-portal":
          demo.azure.elsewhere.close({ vm: deed.vm, port: deed.port });
      }
    },
  };
}

function setPlan({ azure }: Demo, { subscription, plan }: { subscription: string; plan: Plan }) {
  const found = azure.world.subscriptions.get(subscription.toLowerCase());
  if (found === undefined) throw new Error(`there is no subscription ${subscription}`);
  found.plan = plan;
}

function openInPortal({ azure }: Demo, { vm, port }: { vm: string; port: number }): void {
  const reply = azure.elsewhere.open({
    vm,
    ports: [port],
    source: PORTAL_SOURCE,
    minutes: PORTAL_MINUTES,
    by: "barbara@contoso.com",
  });
  if (reply.status >= 300) throw new Error(JSON.stringify(reply.body));
}
