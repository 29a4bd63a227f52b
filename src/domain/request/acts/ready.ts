// Ready: approved, and waiting until it may be opened.

import type { Freeze } from "../../rules/freeze.ts";
import type { Phase } from "../request.ts";

/** An approved request that access is frozen for. */
export const readyPhase = (
  freeze: Freeze,
  { nowMs, expireAfterMs }: { readonly nowMs: number; readonly expireAfterMs: number },
): Phase => ({
  state: "ready",
  readyAtMs: nowMs,
  expiresAtMs: nowMs + expireAfterMs,
  frozen: freeze,
});

/** What the audit says of one that waits. */
export const frozenDetail = ({ by, atMs }: Freeze) => ({
  frozenBy: by ?? "the bot",
  frozenAtMs: atMs,
});
