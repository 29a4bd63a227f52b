// What the random cases come across: printed, and held against the least that makes them worth running.

import type { AccessRequest } from "../../src/domain/request/request.ts";
import type { RequestId } from "../../src/domain/text/ids.ts";
import type { Case, Step } from "./cases.ts";
import type { Circumstances } from "./checks.ts";
import { ruleOf } from "./oracle.ts";
import type { Done } from "./play.ts";
import { PORTS, VMS } from "./universe.ts";
import type { World } from "./world.ts";

export type Tally = {
  readonly all: ReadonlySet<string>;
  saw(world: World, seen: { step: Step; done: readonly Done[]; before: Circumstances }): void;
};

/** In this share of the cases at least; what is rare is rare because much must come together. */
export const LEAST: Readonly<Record<string, number>> = {
  "overlapping rules": 0.4,
  "a group changes between ask and click": 0.1,
  "the file changes between ask and click": 0.1,
  "an approver clicks after escalation": 0.015,
  "break-glass": 0.15,
  "a review is closed": 0.03,
  "several approvals": 0.04,
  "an approval that no longer counts": 0.002,
  "an approval taken back": 0.01,
  "an extension asked": 0.03,
  "an extension granted": 0.01,
  narrowing: 0.02,
  leaving: 0.006,
  "a click while Slack is down": 0.06,
  "one thing in the middle of another": 0.2,
  "a repeated delivery": 0.2,
  "a retry": 0.003,
  "a grant by approval": 0.15,
  "a grant by rule": 0.06,
  refused: 0.5,
  "not there for them": 0.3,
};

export function tally(one: Case): Tally {
  const all = new Set<string>();
  const note = (what: string, is: boolean): void => void (is && all.add(what));
  const changedSince = { groups: new Set<RequestId>(), file: new Set<RequestId>() };
  note("overlapping rules", overlaps(one));

  const sawMove = (before: AccessRequest | undefined, after: AccessRequest): void => {
    const isNew = before === undefined;
    const has = (what: string) => after.steps.some((step) => step.what === what);
    const isGranted = after.state === "opening" && (isNew || before.state === "pending");
    note("break-glass", isNew && after.ask.breakGlass === true);
    note("an extension asked", isNew && after.ask.extends !== undefined);
    note("an extension granted", isGranted && after.ask.extends !== undefined);
    note("a review is closed", after.review?.closed !== undefined);
    note("several approvals", after.approvals.length > 1);
    note("an approval that no longer counts", has("approval-void"));
    note("an approval taken back", has("taken-back"));
    note("narrowing", has("narrowed"));
    note("leaving", has("left"));
    note("a retry", has("retried"));
    note("a grant by approval", isGranted && !isNew);
    note("a grant by rule", isGranted && isNew && after.ask.breakGlass !== true);
  };

  return {
    all,
    saw(world, { step, done, before }) {
      for (const move of world.moves.slice(before.moves)) sawMove(move.before, move.after);
      const pending = world.store.all().filter(({ state }) => state === "pending");
      if (step.does === "members") for (const { id } of pending) changedSince.groups.add(id);
      if (step.does === "edit") for (const { id } of pending) changedSince.file.add(id);
      note("one thing in the middle of another", step.does === "during" && done.length > 1);
      note("a repeated delivery", step.does === "replay" && done.length > 0);
      for (const { on, answer, step: act } of done) {
        const isClick = act.does === "approve" || act.does === "change" || act.does === "deny";
        const refused = answer?.answer === "said" ? answer.refused : undefined;
        note("refused", refused !== undefined);
        note("not there for them", refused === "no-such-request");
        if (on === undefined || !isClick) continue;
        const isEscalated = on.state === "pending" && on.escalatedAtMs !== undefined;
        note("a group changes between ask and click", changedSince.groups.has(on.id));
        note("the file changes between ask and click", changedSince.file.has(on.id));
        note("an approver clicks after escalation", isEscalated && refused === undefined);
        note("a click while Slack is down", before.slackAway);
      }
    },
  };
}

/** Whether more than one rule matches some VM on some port. */
function overlaps({ policy }: Case): boolean {
  const moment = { policy, full: new Set<never>(), groups: new Map(), vms: VMS };
  return VMS.some((vm) =>
    PORTS.some((port) => {
      const matching = policy.rules.filter(
        (rule) => ruleOf({ ...moment, policy: { ...policy, rules: [rule] } }, vm, [port]) === rule,
      );
      return matching.length > 1;
    }),
  );
}
