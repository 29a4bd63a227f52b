// What Azure shows of a grant's ports when its time is over: each port by itself, and all of them together.

import type { Closing, PortAtEnd } from "./grant.ts";
import type { Common, In } from "./request.ts";

export type AtEnd = Pick<In<"ended">, "closing" | "ports">;

/** Nothing that this request opened is open any more. */
export const isSettled = (closing: Closing): boolean => closing === "closed" || closing === "held";

/** The ports are kept only where one word doesn't say it all. */
export function atEnd(ports: readonly PortAtEnd[]): AtEnd {
  const shown = new Set(ports.map((one) => one.closing));
  const closing = WORST_FIRST.find((one) => shown.has(one)) ?? "unknown";
  const isSaid = closing !== "held" && !ports.some((one) => one.isOpenForOthers === true);
  return shown.size === 1 && isSaid ? { closing } : { closing, ports };
}

const WORST_FIRST: readonly Closing[] = ["still-open", "unknown", "held", "closed"];

/** As an act of news brings it. */
export const shownBy = ({ closing, ports }: AtEnd): AtEnd =>
  ports === undefined ? { closing } : { closing, ports };

/** Each asked port, also where one word says it of all. */
export const portsAtEnd = ({ ask }: Pick<Common, "ask">, shown: AtEnd): readonly PortAtEnd[] =>
  shown.ports ?? ask.ports.map((port) => ({ port, closing: shown.closing }));

/** What was seen open is open until it is seen closed: not to find it is no news. */
export function seenSince(before: In<"ended">, now: AtEnd): AtEnd {
  const wasOpen = portsAtEnd(before, before).filter((one) => one.closing === "still-open");
  const ports = portsAtEnd(before, now).map((one) =>
    one.closing === "unknown" && wasOpen.some(({ port }) => port === one.port)
      ? { ...one, closing: "still-open" as const }
      : one,
  );
  return atEnd(ports);
}
