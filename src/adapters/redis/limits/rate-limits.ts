// Rate limits that all replicas share.

import type { RateLimits } from "../../../ports/storage/rate-limits.ts";
import type { Tools } from "../scripts/tools.ts";
import { RANKS, TAKE_PLACE } from "./fair-queue-script.ts";
import { MESSAGE_EVERY_MS, TAKE_ASK, TAKE_TURN } from "./rate-scripts.ts";

export const redisRateLimits = ({ run, keys }: Tools): RateLimits => ({
  takeAsk: (user, most, kind) =>
    run(TAKE_ASK, { keys: { asks: keys.asks(user, kind) }, args: { most } }),
  takeTurn: (channel, everyMs = MESSAGE_EVERY_MS) =>
    run(TAKE_TURN, { keys: { rate: keys.rate(channel) }, args: { everyMs } }),
  takePlace: (channel, { what, of, rank }) =>
    run(TAKE_PLACE, {
      keys: { rate: keys.rate(channel), ...keys.queue(channel) },
      args: { what, of, rank: RANKS.indexOf(rank), everyMs: MESSAGE_EVERY_MS },
    }),
});
