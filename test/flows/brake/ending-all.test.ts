// Ending everything: each is asked to end, and what couldn't be ended is named, however many that are.

import { afterEach, describe, expect, it } from "vitest";
import type { EndAll } from "../../../src/domain/brake/end-all.ts";
import type { State } from "../../../src/domain/request/document/phase.ts";
import type { AuditNote } from "../../../src/domain/request/moved.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { transition } from "../../../src/domain/request/transition.ts";
import { requestIdFrom, type UserId } from "../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { endingAllInBackground } from "../../../src/flows/brake/ending-all.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import type { Write } from "../../../src/ports/storage/requests.ts";
import { eventually } from "../../support/eventually.ts";
import { ADA, aPolicy, inState, LEA, MINUTE, SAM, STATES, T0 } from "../../support/requests.ts";

const idOf = (n: number) =>
  requestIdFrom(Uint8Array.from({ length: 6 }, (_, at) => Math.floor(n / 32 ** at) & 31));

type Commit = Parameters<Deps["endAlls"]["commit"]>[1];

let stop = () => {};
afterEach(() => stop());

/** Ends all of these; answers how they are afterwards, and what was written with the end of it. */
async function ended(requests: readonly AccessRequest[], gone: readonly string[] = []) {
  const kept = new Map(requests.map((one) => [one.id, one]));
  for (const { id } of requests) if (gone.includes(id)) kept.delete(id);
  let endAll: EndAll = {
    id: "end-1",
    by: ADA,
    asked: "end all",
    atMs: T0,
    beganAtMs: T0,
    state: "ending",
    requests: requests.map(({ id }) => id),
    peopleCount: 1,
    vmCount: 1,
    breakGlassCount: 0,
  };
  let last: Commit | undefined;
  let version = 1;
  const deps = {
    policy: () => aPolicy(),
    leases: { take: async () => true, renew: async () => true, give: async () => undefined },
    endAlls: {
      unfinished: async () => (endAll.state === "ending" ? [endAll.id] : []),
      read: async () => ({ endAll, version }),
      commit: async (_: number, commit: Commit) => {
        endAll = commit.endAll;
        if (endAll.state === "over" && commit.audit !== undefined) last = commit;
        return ++version;
      },
    },
    requests: {
      read: async (id: AccessRequest["id"]) => {
        const request = kept.get(id);
        return request && { request, version: 1, nowMs: T0 };
      },
      commit: async (_: number, { next }: Write) => {
        kept.set(next.id, next);
        return { outcome: "written", version: 2, nowMs: T0 };
      },
    },
    storeClock: { nowMs: async () => T0 },
    clock: { nowMs: () => T0, sleep: () => new Promise((go) => setTimeout(go, 1)) },
    chat: {
      postEndAll: async () => ({ channel: "D0ADA", ts: "1.1" }),
      editEndAll: async () => undefined,
    },
    log: { warn: () => undefined, error: () => undefined },
    onCommitted: () => undefined,
  } as unknown as Deps;
  const ending = endingAllInBackground(deps, "one");
  ending.start();
  stop = () => void ending.stop(0);
  const commit = await eventually(() => {
    if (last === undefined) throw new Error("it isn't over");
    return last;
  });
  return { kept, endAll, audit: commit.audit ?? [], notices: commit.notices ?? [] };
}

const failedIn = ({ detail = {} }: AuditNote) => detail.failed as readonly string[];

describe("ending everything", () => {
  it("cancels what a freeze made ready since the preview: it would open by itself", async () => {
    const { kept, endAll } = await ended([inState("ready")]);
    expect([...kept.values()]).toMatchObject([{ state: "cancelled", cancelledBy: ADA }]);
    expect(endAll).toMatchObject({ closedCount: 0, cancelledCount: 1, failed: [] });
  });

  it("counts what was cancelled apart from what is closed, everywhere", async () => {
    const closed = { ...inState("ended"), closing: "closed" } as AccessRequest;
    const all = [closed, inState("ready"), inState("lapsed")];
    const requests = all.map((one, n) => ({ ...one, id: idOf(n) }));
    const { audit, notices } = await ended(requests);
    expect(audit[0]?.detail).toMatchObject({ count: 3, closed: 1, cancelled: 1, unopened: 1 });
    expect(notices[0]?.notice.text).toBe(
      "1 of 1 closed, 1 cancelled before it opened, 1 not seen open: /jit end all",
    );
  });

  it("counts nothing as closed that it doesn't know any more", async () => {
    const { id } = inState("open");
    const { endAll } = await ended([inState("open")], [id]);
    expect(endAll).toMatchObject({
      closedCount: 0,
      failed: [{ id, why: "its record is gone: check its VM in Azure" }],
    });
  });

  it("cancels it for an admin alone, and nothing but what is ready", () => {
    const cancelled = (state: State, by: UserId, isAdmin: boolean) => {
      const roles = { isApprover: by === LEA, isAdmin };
      const act = { act: "cancel", isEndingAll: true, by, roles } as const;
      const outcome = transition(inState(state), act, T0 + MINUTE);
      return isRefusal(outcome) ? outcome.refused : outcome.request.state;
    };
    expect(cancelled("ready", ADA, true)).toBe("cancelled");
    for (const who of [LEA, SAM]) expect(cancelled("ready", who, false)).toBe("not-yours");
    const others = STATES.filter((state) => state !== "ready");
    for (const state of others) expect(cancelled(state, ADA, true)).toBe("not-yours");
  });

  it("names each that it couldn't end in the audit log, in entries that hold them", async () => {
    const deadLetter = { atMs: T0, why: "" };
    const parked = Array.from(
      { length: 250 },
      (_, n) => ({ ...inState("ended"), id: idOf(n), deadLetter }) as unknown as AccessRequest,
    );
    const { audit, notices } = await ended(parked);
    expect(audit.map(({ what }) => what)).toEqual(["end-all-over", "end-all-left", "end-all-left"]);
    expect(audit.map((one) => failedIn(one).length)).toEqual([100, 100, 50]);
    const named = audit.flatMap(failedIn).map((text) => text.slice(0, 10));
    expect(named).toEqual(parked.map(({ id }) => id));
    const [{ notice } = { notice: { text: "" } }] = notices;
    expect(notice.text).toMatch(/and 230 more, in the audit log: \/jit end all$/);
  });
});
