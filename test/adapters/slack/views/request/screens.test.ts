// Every screen: nothing that was typed goes live, and Slack's limits are kept.
// Of src/adapters/slack/views/request/card.ts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Message } from "../../../../../src/adapters/slack/views/blocks.ts";
import { requesterMessage } from "../../../../../src/adapters/slack/views/direct/requester-message.ts";
import { warningMessage } from "../../../../../src/adapters/slack/views/direct/warning.ts";
import {
  BLOCKS_CHARACTERS_MAX,
  fitted,
} from "../../../../../src/adapters/slack/views/fit-blocks.ts";
import { noticesMessage } from "../../../../../src/adapters/slack/views/notices/notices-message.ts";
import { homeTab } from "../../../../../src/adapters/slack/views/pages/home-tab.ts";
import { historyMessage } from "../../../../../src/adapters/slack/views/request/batch/history.ts";
import { cardMessage } from "../../../../../src/adapters/slack/views/request/card.ts";
import { screenMessage } from "../../../../../src/adapters/slack/views/screen.ts";
import type { AccessRequest } from "../../../../../src/domain/request/request.ts";
import type { Ask } from "../../../../../src/domain/rules/ask.ts";
import { hiddenCharacter } from "../../../../../src/domain/text/hidden-characters.ts";
import { userId } from "../../../../../src/domain/text/ids.ts";
import { PORTS_MAX } from "../../../../../src/domain/text/ports-list.ts";
import { words } from "../../../../../src/domain/text/words.ts";
import { SHOWN } from "../../../../../src/flows/lists/home.ts";
import { ON_A_PAGE } from "../../../../../src/flows/lists/look-up.ts";
import { RECENT_MAX } from "../../../../../src/flows/requests/asking/recent-asks.ts";
import type { Entry, Screen } from "../../../../../src/ports/screens/screens.ts";
import type { Notice } from "../../../../../src/ports/storage/notices.ts";
import {
  faultsOfBlocks,
  faultsOfView,
} from "../../../../../src/sandbox/slack/blocks/layout-rules.ts";
import { broadcasts } from "../../../../../src/sandbox/slack/text/live-markup.ts";
import {
  DECIDED_AT_MS,
  ERIN,
  everyRequest,
  everyStep,
  open,
  PLAIN,
  pending,
  step,
  type Typed,
} from "../../requests.ts";
import { everyVariant } from "../../variants.ts";

const VIEW = { nowMs: DECIDED_AT_MS, endsEarly: true };

const noticed = (notices: readonly Notice[]): Message =>
  noticesMessage(notices, { hideReason: false, endsEarly: true }).message;

const READER = { you: ERIN, workspaceUrl: "https://contoso.slack.com/" };

/** As many buttons as anybody has at once. */
const offers = ["end", "review-ok", "review-concern"] as const;
const entryOf = (request: AccessRequest): Entry => ({ request, offers });

const statusOf = (request: AccessRequest, extensions: readonly AccessRequest[] = []): Message =>
  screenMessage({ screen: "status", nowMs: 0, entry: entryOf(request), extensions }, READER);

const pagesOf = (requests: readonly AccessRequest[]): readonly Message[] =>
  Array.from({ length: Math.ceil(requests.length / ON_A_PAGE) }, (_, index) => {
    const from = index * ON_A_PAGE;
    const page: Screen = {
      screen: "list",
      ...{ nowMs: DECIDED_AT_MS, heading: "Your requests", asked: "mine" },
      ...{ page: index + 1, isMore: true, note: undefined },
      entries: requests.slice(from, from + ON_A_PAGE).map(entryOf),
    };
    return screenMessage(page, index % 2 === 0 ? READER : { workspaceUrl: undefined });
  });

/** The steps that say more than that they happened. */
const TURNS = ["reminded", "escalated", "narrowed", "reviewed", "review-reminded", "open"] as const;

const holders = new Map([[22, { id: open().id, requester: ERIN, untilMs: DECIDED_AT_MS }]]);

/** Every screen that can be made of these texts. */
function everyScreen(typed: Typed): readonly Message[] {
  const requests = [...everyRequest(typed), ...everyVariant(typed)];
  const steps = everyStep(typed);
  const both = steps.filter(({ what }) => what === "failed" || what === "reviewed");
  const notice = { id: open().id, requester: ERIN, vm: typed.vm, ports: [22, 8080], atMs: 0 };
  return [
    ...requests.map((request) => cardMessage(request, { ...VIEW, hide: [] })),
    ...requests.flatMap((request) => [
      requesterMessage(request, steps, VIEW),
      requesterMessage(request, both, VIEW),
      historyMessage(request, steps, { ...VIEW, hide: [] }),
    ]),
    ...steps.flatMap((one) => [
      requesterMessage(open(typed), [one], VIEW),
      requesterMessage(pending(typed), [one], VIEW),
    ]),
    ...everyVariant(typed).flatMap((request) => [
      ...TURNS.map((what) => historyMessage(request, [step(what)], { ...VIEW, hide: [] })),
      ...TURNS.map((what) => requesterMessage(request, [step(what)], VIEW)),
    ]),
    ...requests.map((request) => statusOf(request, requests.slice(0, 3))),
    ...pagesOf(requests),
    warningMessage(open(typed), { ...VIEW, extendable: true, holders }),
    warningMessage(open(typed), { ...VIEW, extendable: false, holders: new Map() }),
    noticed([
      { what: "failed", ...notice, text: typed.message },
      { what: "ended", ...notice, how: typed.reason },
      { what: "alarm", atMs: 0, text: typed.reason },
    ]),
    noticed([{ what: "parked", ...notice, text: typed.code }]),
    noticed([{ what: "break-glass", ...notice, text: typed.reason }]),
    noticed([{ what: "concern", ...notice, text: typed.review }]),
    ...(["opened", "no-approvers", "review", "left"] as const).map((what) =>
      noticed([{ what, ...notice }]),
    ),
  ];
}

/** What is wrong by Slack's limits with a message as it is sent. */
function faultsOf(message: Message): readonly string[] {
  const { text, blocks } = fitted(message, BLOCKS_CHARACTERS_MAX);
  // Counted with all that surrounds the texts: what exactly Slack counts is not documented.
  const characters = JSON.stringify(blocks).length;
  return [
    ...faultsOfBlocks(blocks),
    ...(text.length === 0 || text.length > 4_000 ? [`text of ${text.length}`] : []),
    ...(characters > BLOCKS_CHARACTERS_MAX ? [`blocks of ${characters}`] : []),
    ...(blocks.length === 0 ? ["no blocks"] : []),
  ];
}

/** The mentions that the screens themselves make; nobody named by typed text is among them. */
const MEANT = new Set([
  ...["<@U0ERIN>", "<@U0LEAD>", "<@U0OMAR>", "<@U0SAM>", "<#C0PROD>"],
  ...["<!subteam^S0ONCALL>", "<!subteam^S0FURTHER>"],
]);

const livesIn = (message: Message): readonly string[] =>
  broadcasts(message)
    .map((live) => live.token)
    .filter((token) => !MEANT.has(token));

/** Every text that Slack might turn into links and mentions by itself. */
function unguarded(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(unguarded);
  if (typeof value !== "object" || value === null) return [];
  const isOpen = "type" in value && value.type === "mrkdwn" && !("verbatim" in value);
  return [...(isOpen ? [JSON.stringify(value)] : []), ...Object.values(value).flatMap(unguarded)];
}

/** Every text in which something stands that nobody sees. */
function hiddenIn(value: unknown): readonly string[] {
  if (typeof value === "string") return hiddenCharacter(value) === undefined ? [] : [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(hiddenIn) : [];
}

const NASTY = [
  "<!channel>",
  "<!here|here>",
  "<!everyone>",
  "<@U0EVIL>",
  "<!subteam^S0EVIL>",
  "<#C0EVIL>",
  "<https://evil.example|click here>",
  "https://evil.example",
  "<mailto:x@evil.example|x>",
  "<!date^0^{date}^https://evil.example|x>",
  "&lt;!channel&gt;",
  "@channel",
  "`",
  "```",
  "*",
  "_",
  "~",
  "> ",
  "\n",
  "\r\n",
  "\u2028",
  "<",
  ">",
  "&",
  "|",
  "^",
  "😀",
  "\u0000",
  "\u202e",
  "\u200b",
  "\u2066",
  "👩\u200d💻",
  "/",
  " ",
  "a",
];

const nasty = fc
  .array(fc.constantFrom(...NASTY), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join(""));

const typed: fc.Arbitrary<Typed> = fc.record({
  vm: nasty,
  resourceGroup: nasty,
  reason: nasty,
  rule: nasty,
  sourceName: fc.option(nasty, { nil: undefined }),
  source: nasty,
  denial: nasty,
  review: nasty,
  code: nasty,
  message: nasty,
  address: fc.option(nasty, { nil: undefined }),
});

describe("every screen", () => {
  it("is what Slack takes", () => {
    for (const screen of everyScreen(PLAIN)) expect(faultsOf(screen)).toEqual([]);
  });

  it("makes nothing live of what was typed", () => {
    fc.assert(
      fc.property(typed, (texts) => {
        for (const screen of everyScreen(texts)) {
          expect(livesIn(screen)).toEqual([]);
          expect(unguarded(screen.blocks)).toEqual([]);
          expect(hiddenIn(screen)).toEqual([]);
          expect(faultsOf(screen)).toEqual([]);
        }
      }),
      { numRuns: 15 },
    );
  });

  it.each(["&", "<", "`", "😀", "\n", "x"])("has room for the longest texts, made of %j", (one) => {
    const texts: Typed = {
      // As long as Azure lets them be, of letters that it allows.
      vm: "v".repeat(64),
      resourceGroup: "(r)".repeat(30),
      reason: one.repeat(1_000),
      rule: one.repeat(60),
      sourceName: one.repeat(60),
      source: one.repeat(18),
      denial: one.repeat(1_000),
      review: one.repeat(1_000),
      code: "C".repeat(100),
      message: one.repeat(1_000),
      address: "a".repeat(253),
    };
    for (const screen of everyScreen(texts)) expect(faultsOf(screen)).toEqual([]);
  });

  it("has room for as many ports as can be asked for, and for very many approvers", () => {
    const ports = Array.from({ length: PORTS_MAX }, (_, index) => 40_000 + index);
    const users = Array.from({ length: 500 }, (_, index) => userId(`U0APPROVER${index}`));
    const request = pending(PLAIN, { ports });
    const crowded = { ...request.promised, approvals: 30, approvers: { users, groups: [] } };
    const approvals = users.slice(0, 29).map((by) => ({ by, atMs: 0 }));
    const escalate = {
      afterMs: 1,
      to: { users: users.map((one) => userId(`${one}X`)), groups: [] },
    };
    const full = { ...request, promised: { ...crowded, escalate }, approvals, escalatedAtMs: 1 };
    const view = { ...VIEW, hide: [] };
    expect(faultsOf(cardMessage(full, view))).toEqual([]);
    const called = historyMessage(full, [step("reminded"), step("escalated")], view);
    expect(faultsOf(called)).toEqual([]);
    const toReview = { ...full, review: { askedAtMs: 0 } };
    expect(faultsOf(historyMessage(toReview, [step("review-reminded")], view))).toEqual([]);
    expect(faultsOf(requesterMessage(open(PLAIN, { ports }), everyStep(PLAIN), VIEW))).toEqual([]);
  });
});

/** Some requests, and as many of what is none. */
const parkedOf = (requests: readonly AccessRequest[], why: string) => ({
  count: 1_000,
  requests: requests.map(entryOf),
  others: requests.map((_, n) => ({
    member: n % 2 === 0 ? `n:C0PROD ${n}` : "JIT-ABC123",
    ...{ atMs: DECIDED_AT_MS, why, noticeCount: n },
  })),
});

describe("what the doctor shows", () => {
  it("is what Slack takes, however much there is, and live in nothing that was typed", () => {
    fc.assert(
      fc.property(typed, (texts) => {
        const requests = everyRequest(texts).slice(0, 5);
        const lines = Array.from({ length: 60 }, (_, n) => words`✗ Azure: ${n} ${texts.message}`);
        const screen = { screen: "doctor", nowMs: DECIDED_AT_MS, lines } as const;
        const shown = screenMessage(
          { ...screen, parked: parkedOf(requests, texts.message) },
          READER,
        );
        expect(faultsOf(shown)).toEqual([]);
        expect(livesIn(shown)).toEqual([]);
        expect(unguarded(shown.blocks)).toEqual([]);
        expect(JSON.stringify(shown)).toContain("jit requeue --all");
      }),
      { numRuns: 10 },
    );
  });
});

describe("the home tab", () => {
  const recentOf = (requests: readonly AccessRequest[]) =>
    requests.map((request) => ({ request, asks: [request.ask, request.ask] as const }));
  const some = (requests: readonly AccessRequest[], most: number) => ({
    entries: requests.slice(0, most).map(entryOf),
    isMore: true,
  });

  it("is what Slack takes when there is more than is shown, and live in nothing that was typed", () => {
    fc.assert(
      fc.property(typed, (texts) => {
        const requests = [...everyRequest(texts), ...everyVariant(texts)];
        const tab = homeTab(
          {
            screen: "home",
            nowMs: DECIDED_AT_MS,
            open: some(requests, SHOWN.open),
            pending: some(requests, SHOWN.pending),
            toDecide: some(requests, SHOWN.toDecide),
            toReview: some(requests, SHOWN.toReview),
            everything: some(requests, SHOWN.everything),
            parked: parkedOf(requests.slice(0, SHOWN.parked / 2), texts.message),
            recent: recentOf(requests.slice(0, RECENT_MAX)),
          },
          READER,
        );
        expect(faultsOfView(tab, "home")).toEqual([]);
        expect(livesIn({ text: "", blocks: tab.blocks })).toEqual([]);
        expect(unguarded(tab.blocks)).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });
});

describe("what was requested before, on the home tab", () => {
  const nothing = { entries: [], isMore: false };
  const shown = (request: AccessRequest, all: readonly [Ask, ...Ask[]]) =>
    homeTab(
      {
        ...{ screen: "home", nowMs: 0, open: nothing, pending: nothing, toDecide: nothing },
        ...{ toReview: nothing, everything: undefined, parked: undefined },
        recent: [{ request, asks: all }],
      },
      READER,
    ).blocks;

  it("says what it was, and requests it again in one press", () => {
    const request = pending({ ...PLAIN, reason: "the print spooler ".repeat(9) });
    const blocks = shown(request, [request.ask]);
    const at = blocks.findIndex((one) => one.type === "header");
    expect(blocks[at]).toMatchObject({ text: { text: "Request again" } });
    expect(blocks[at + 1]).toMatchObject({
      text: {
        text: expect.stringMatching(
          /^22 \(SSH\) on `vm-01` for 2h from .*: the print spooler .*…$/,
        ),
      },
      accessory: { action_id: "jit.same", value: request.id },
    });
  });

  it("counts the VMs that it doesn't name, and leaves out where they differ", () => {
    const { ask, ...request } = pending(PLAIN);
    const asks = Array.from({ length: 7 }, (_, n) => ({
      ...ask,
      vm: { ...ask.vm, name: `vm-${n}` },
      ports: [22 + n],
    }));
    const text = JSON.stringify(
      shown({ ...request, ask } as AccessRequest, [ask, ...asks.slice(1)]),
    );
    expect(text).toMatch(/"`vm-01`, `vm-1`, `vm-2`, `vm-3` and 3 more for 2h from/);
  });

  it("opens the form where that was for a time", () => {
    const request = pending(PLAIN);
    const ask = { ...request.ask, opensAtMs: 1 };
    expect(JSON.stringify(shown({ ...request, ask }, [ask]))).toContain('"action_id":"jit.again"');
  });
});

describe("the checks themselves", () => {
  it("would notice a mention, an unguarded text and a text that is too long", () => {
    const blocks = [{ type: "section", text: { type: "mrkdwn", text: "<!channel>" } }];
    const bad = { text: "<@U0EVIL>", blocks } as unknown as Message;
    expect(livesIn(bad)).toEqual(["<@U0EVIL>", "<!channel>"]);
    expect(unguarded(bad.blocks)).toHaveLength(1);
    expect(faultsOf({ ...bad, text: "x".repeat(4_001) })).toEqual(["text of 4001"]);
  });
});
