// Small faults to put into the brake, rotas and what waits to be opened: test/security/incident.test.ts notices each.

import type { Mutant } from "./mutants.ts";

/** What is to hold of the unharmed bot, and each fault that breaks it. */
export const OF_INCIDENTS = {
  "an approver by rota decides by who is on call at the click": [
    {
      name: "an answer of a rota is never too old",
      patches: [
        {
          file: "flows/people/on-call.ts",
          from: "if (untilMs === undefined) return Math.min(maxAgeMs, ON_CALL_AGE_MS);",
          to: "if (untilMs === undefined) return Number.POSITIVE_INFINITY;",
        },
      ],
    },
  ],
  "a rota that can't be read has nobody on call": [
    {
      name: "a rota that fails keeps its last answer",
      patches: [
        {
          file: "flows/people/on-call.ts",
          from: "return { atMs, fault: thrown };",
          to: 'return { atMs, reading: { shifts: [{ address: "u0omar@example.com", fromMs: 0, untilMs: 9e15 }], unread: 0 } };',
        },
      ],
    },
  ],
  "what is approved while access is frozen waits": [
    {
      name: "an approval looks at no freeze",
      patches: [
        {
          file: "flows/requests/deciding/approval.ts",
          from: "...(frozen && { frozen }),",
          to: "",
        },
      ],
    },
  ],
  "what needs no approval waits while access is frozen": [
    {
      name: "what needs no approval looks at no freeze",
      patches: [
        {
          file: "domain/request/birth/birth.ts",
          from: "const brake = frozen && {",
          to: "const brake = undefined && frozen && {",
        },
      ],
    },
  ],
  "Open does nothing while access is frozen": [
    {
      name: "Open looks at no freeze",
      patches: [
        {
          file: "flows/requests/deciding/opening-now.ts",
          from: "if (freeze !== undefined) return refuseFrozen(freeze);",
          to: "",
        },
      ],
    },
  ],
  "Open waits for approvals again where an approver is gone": [
    {
      name: "Open counts every approval that there was",
      patches: [
        {
          file: "domain/request/acts/open-act.ts",
          from: "if (counted.length >= act.needed) {",
          to: "if (request.approvals.length >= act.needed) {",
        },
      ],
    },
  ],
  "Open does nothing for whom the rule lets ask no more": [
    {
      name: "Open checks nothing again",
      patches: [
        {
          file: "flows/requests/deciding/still-holds.ts",
          from: "if (mayNot !== undefined) return mayNot;",
          to: "",
        },
        {
          file: "domain/rules/check-ask.ts",
          from: "  if (!may) {",
          to: "  if (false && !may) {",
        },
      ],
    },
  ],
  "Open does nothing before its time": [
    {
      name: "Open knows no time",
      patches: [
        {
          file: "domain/request/acts/open-act.ts",
          from: "request.fromMs !== undefined && nowMs < request.fromMs",
          to: "request.fromMs !== undefined && nowMs < 0",
        },
      ],
    },
  ],
  "Open does nothing once the approval has expired": [
    {
      name: "an approval is good for ever",
      patches: [
        {
          file: "domain/request/acts/open-act.ts",
          from: "if (late !== undefined) return late;",
          to: "",
        },
      ],
    },
  ],
} as const satisfies Readonly<Record<string, readonly Mutant[]>>;
