// Slack's rate limits, as token buckets: a tier's calls a minute, and a message a second a channel.

import type { SlackWorkspace } from "../slack-workspace.ts";
import { type Args, optional } from "./call.ts";
import type { MethodRule } from "./methods.ts";

type Bucket = { left: number; atMs: number };

export type Limits = {
  /** Takes one call; answers after how many seconds to come back where there is none left. */
  take(method: string, rule: MethodRule, args: Args): number | undefined;
};

export function createLimits(world: SlackWorkspace): Limits {
  const buckets = new Map<string, Bucket>();

  const takeFrom = (key: string, size: number, perSecond: number): number | undefined => {
    const nowMs = world.nowMs();
    const bucket = buckets.get(key) ?? { left: size, atMs: nowMs };
    const refilled = bucket.left + (Math.max(0, nowMs - bucket.atMs) / 1000) * perSecond;
    const left = Math.min(size, refilled);
    const isEnough = left >= 1;
    buckets.set(key, { left: isEnough ? left - 1 : left, atMs: nowMs });
    return isEnough ? undefined : Math.max(1, Math.ceil((1 - left) / perSecond));
  };

  return {
    take(method, rule, args) {
      if (world.switches.rateLimits === "off") return undefined;
      if (rule.rate === "channel") {
        const key = `${method} ${optional(args, "channel")}`;
        return takeFrom(key, world.switches.channelBurst, 1);
      }
      return takeFrom(method, rule.rate, rule.rate / 60);
    },
  };
}
