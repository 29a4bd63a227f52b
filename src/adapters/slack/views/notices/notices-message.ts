// Notices for a channel: those that fall together stand in one message, each with person and VM.

import { ANY_SOURCE } from "../../../../domain/network/source.ts";
import type { In } from "../../../../domain/request/request.ts";
import { formatDuration, MINUTE_MS } from "../../../../domain/text/duration.ts";
import { portsWords } from "../../../../domain/text/port-words.ts";
import { formatPorts } from "../../../../domain/text/ports-list.ts";
import { listed, type Words, words } from "../../../../domain/text/words.ts";
import type { Notice } from "../../../../ports/storage/notices.ts";
import { type Message, sections, textOf } from "../blocks.ts";
import { BLOCKS_CHARACTERS_MAX, sizeOf } from "../fit-blocks.ts";
import { inLine, usersWords } from "../phrases.ts";
import { SHUT_BY_HAND } from "../request/outcome.ts";
import { howToReview } from "../request/review.ts";
import { noticeButtons } from "./notice-buttons.ts";
import { KINDS } from "./notice-kinds.ts";

/** More than this isn't read in one message. */
export const NOTICES_MAX = 100;
/** How many can be read one by one; of more, those that say the same stand beneath one heading. */
const READ_ONE_BY_ONE_MAX = 10;

export type NoticesView = {
  /** What requesters gave as their reasons isn't for everybody who reads along. */
  readonly hideReason: boolean;
  /** Whether access can be ended early: the policy file can switch that off. */
  readonly endsEarly: boolean;
};

/** A message of the first `count` notices, as many as fit into this many characters of blocks; at least one. */
export function noticesMessage(
  notices: readonly Notice[],
  view: NoticesView,
  charactersMax = BLOCKS_CHARACTERS_MAX,
): { message: Message; count: number } {
  let count = Math.min(notices.length, NOTICES_MAX);
  for (;;) {
    const message = messageOf(notices.slice(0, count), view);
    const characters = sizeOf(message.blocks);
    if (count <= 1 || characters <= charactersMax) return { message, count };
    // By what is too much, and a little more: the lines aren't equally long.
    count = Math.max(1, Math.min(count - 1, Math.floor((count * charactersMax) / characters)));
  }
}

function messageOf(notices: readonly Notice[], view: NoticesView): Message {
  const [only, ...others] = notices;
  if (only === undefined) return { text: "", blocks: [] };
  if (others.length === 0) {
    const line = noticeLine(only, view);
    return { text: textOf(line), blocks: [...sections([line]), ...noticeButtons(notices)] };
  }
  const said = summary(notices);
  const isCrowd = notices.length > READ_ONE_BY_ONE_MAX;
  const lines = isCrowd ? crowded(notices, view) : notices.map((one) => noticeLine(one, view));
  return {
    text: textOf([said]),
    blocks: [...sections([words`${{ strong: said }}`, ...lines]), ...noticeButtons(notices)],
  };
}

/** What needs no words of its own stands beneath a heading with all that say the same. */
function crowded(notices: readonly Notice[], view: NoticesView): readonly Words[] {
  const alike = new Map<string, Notice[]>();
  const own: Words[] = [];
  for (const notice of notices) {
    if (!isShort(notice)) {
      own.push(noticeLine(notice, view));
      continue;
    }
    const heading = `${KINDS[notice.what].icon} ${headingOf(notice)}`;
    alike.set(heading, [...(alike.get(heading) ?? []), notice]);
  }
  const short = [...alike].flatMap(([heading, all]) => [
    words`${{ strong: `${heading}: ${all.length}` }}${when(all)}`,
    ...all.map((notice) => words`• ${about(notice, "")}`),
  ]);
  return [...own, ...short];
}

/** Done at Azure, and not by the bot. */
const ELSEWHERE: ReadonlySet<Notice["what"]> = new Set([
  "opened-elsewhere",
  "jit-policy-changed-elsewhere",
  "jit-policy-deleted-elsewhere",
]);

function isShort({ what, text }: Notice): boolean {
  const { inShort } = KINDS[what];
  return inShort === "always" || (inShort === "without a text" && text === undefined);
}

function when(notices: readonly Notice[]): Words {
  const times = notices.map(({ atMs }) => atMs);
  const firstMs = Math.min(...times);
  const lastMs = Math.max(...times);
  const isOneMinute = Math.floor(firstMs / MINUTE_MS) === Math.floor(lastMs / MINUTE_MS);
  return isOneMinute
    ? words` (${{ atMs: firstMs }})`
    : words` (${{ atMs: firstMs }} to ${{ atMs: lastMs }})`;
}

/** `1 still open, 3 ended` */
function summary(notices: readonly Notice[]): string {
  const counts = Object.entries(KINDS).flatMap(([what, { counted, many = counted }]) => {
    const count = notices.filter((notice) => notice.what === what).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? counted : many}`];
  });
  return counts.join(", ");
}

const HOW: Readonly<Record<In<"ended">["how"] | "newer-request", string>> = {
  "newer-request": " early, when a newer request opened its port",
  expired: " on time",
  early: " early",
  elsewhere: " early, outside this bot",
  extended: ", continued by an extension",
};
const howWords = (how: string): string =>
  Object.entries(HOW).find(([known]) => known === how)?.[1] ?? ` (${inLine(how, 100)})`;

const TEXT_CHARACTERS_MAX = 600;

const headingOf = ({ what, how, asBot }: Notice): string =>
  `${(asBot && KINDS[what].asBot) || KINDS[what].said}${how === undefined ? "" : howWords(how)}`;

/** VM, ports, person and request. */
function about(notice: Notice, asked: string): Words {
  const { id, vm, ports = [], durationMs } = notice;
  if (ELSEWHERE.has(notice.what)) return aboutElsewhere(notice);
  if (notice.what === "recovered") return aboutRecovered(notice);
  if (notice.what === "breaker") return aboutBreaker(notice);
  if (FREEZES.has(notice.what)) return by(notice);
  const parts = [
    ...(vm === undefined ? [] : [words`${{ code: vm }}`]),
    ...(ports.length === 0 ? [] : [words`${portsWords(ports)}`]),
    ...(durationMs === undefined ? [] : [words`for ${formatDuration(durationMs)}`]),
    ...whose(notice, asked),
    ...(id === undefined ? [] : [words`${{ code: id }}`]),
  ];
  return parts.flatMap((part, index) => (index === 0 ? part : [", ", ...part]));
}

function whose({ requester, by }: Notice, asked: string): readonly Words[] {
  if (by !== undefined) return [words`opened in Azure by ${azureCaller(by)}`];
  return requester === undefined ? [] : [words`${asked}${{ user: requester }}`];
}

/** In Azure's own names. */
const azureCaller = (by: string | undefined): Words =>
  by === undefined || by === "" ? words`a caller Azure doesn't name` : named(by);

const NAME_MAX = 160;
const named = (text: string): Words => words`${{ code: inLine(text, NAME_MAX) }}`;

/** What was done at Azure by others, and by whom, in Azure's own names. */
function aboutElsewhere({ vm, ports = [], source, untilMs, by, jitPolicy }: Notice): Words {
  const from =
    source === undefined
      ? []
      : words` from ${source === ANY_SOURCE ? "any address" : named(source)}`;
  const until = untilMs === undefined ? [] : words` until ${{ atMs: untilMs }}`;
  const through = words`${vm === undefined ? "" : "in "}${named(jitPolicy ?? "")}`;
  const on = vm === undefined ? [] : words`${named(vm)}, ${portsWords(ports)}${from}${until}, `;
  return words`${on}${through}, by ${azureCaller(by)}`;
}

const FREEZES: ReadonlySet<Notice["what"]> = new Set(["frozen", "unfrozen", "ended-all"]);

const by = ({ requester }: Notice): Words =>
  requester === undefined ? [] : words`by ${{ user: requester }}`;

/** Who and what it was that came too fast. The last one may wait: a break-glass opens all the same. */
function aboutBreaker({ openings = [], count = openings.length }: Notice): Words {
  const last = openings.map(
    ({ id, requester, vm }) => words`${{ user: requester }} on ${named(vm)} (${{ code: id }})`,
  );
  return words`${count} approved requests due to open within a minute, the last of them ${listed(last)}`;
}

/** The id in its justification claims a request, and a requester: who opened it is Azure's to say. */
function aboutRecovered({ id, requester, vm, ports = [], source, untilMs, by }: Notice): Words {
  const from = source === ANY_SOURCE ? "any address" : named(source ?? "");
  const until = untilMs === undefined ? [] : words` until ${{ atMs: untilMs }}`;
  const requested = requester === undefined ? [] : words`, requested by ${{ user: requester }}`;
  const stands =
    id === undefined ? [] : words` Its justification says ${{ code: id }}${requested}.`;
  return words`${named(vm ?? "")}, ${portsWords(ports)} from ${from}${until}, opened by ${azureCaller(by)} according to Azure.${stands}`;
}

/** Break-glass is nobody's to grant: it's used, or wanted. */
const UNREQUESTED: ReadonlySet<Notice["what"]> = new Set(["break-glass", "glass-wanted"]);

function noticeLine(notice: Notice, view: NoticesView): Words {
  const said = about(notice, UNREQUESTED.has(notice.what) ? "by " : "requested by ");
  const { icon } = KINDS[notice.what];
  return words`${icon} ${{ strong: headingOf(notice) }} (${{ atMs: notice.atMs }}):${[
    ...(said.length === 0 ? [] : words` ${said}${isSentence(notice) ? "" : "."}`),
    ...toDo(notice, view),
    ...textWords(notice, view),
  ]}`;
}

const isSentence = ({ what, id }: Notice): boolean => what === "recovered" && id !== undefined;

/** What the reader can do about it, or need not. */
function toDo(notice: Notice, view: NoticesView): Words {
  const { endsEarly } = view;
  const { what, id, vm, nonce, approvedBy = [] } = notice;
  switch (what) {
    case "opened-elsewhere":
      return vm === undefined ? words` The JIT policy doesn't show which VM and port.` : [];
    case "jit-policy-changed-elsewhere":
      return words` ${{ code: "/jit vms" }} shows what it allows now.`;
    case "jit-policy-deleted-elsewhere":
      return words` Access to its VMs can be requested only where another JIT policy covers them.`;
    case "recovered":
      return words` ${approvedBy.length === 0 ? "No approval is recorded." : words`Approved by ${usersWords(approvedBy)}; the record of its opening was lost.`} ${nonce === undefined ? "Close it in the portal if it shouldn't be open." : "End it if it shouldn't be open."}`;
    case "still-open":
      return words` ${SHUT_BY_HAND}`;
    case "glass-wanted":
      return words` They can't open it themselves. If it can't wait: ${{ code: glassCommand(notice, view) }}`;
    case "break-glass":
    case "review":
      return id === undefined ? [] : words` To review it: ${howToReview(id)}.`;
    case "no-approvers":
      return words` An admin has to add an approver to its rule.`;
    case "parked":
      return id === undefined
        ? []
        : words` It won't resume by itself: check the bot's log, then use Try again on its card, in App Home or in ${{ code: "/jit doctor" }}, or ${{ code: `jit requeue ${id}` }}.`;
    case "frozen":
    case "breaker":
      return words` Only break-glass opens now. What was sent to Azure before may still open. ${
        endsEarly ? "Ending access always works." : "What's open stays open until its end."
      } ${{ code: "/jit unfreeze" }} lifts the freeze${
        endsEarly ? words`; ${{ code: "/jit end all" }} ends what's open` : ""
      }.`;
    case "unfrozen":
      return words` What waited is checked again, and opens if everything still holds.`;
    case "left":
      return words` The bot cancels what was pending and ends what was open.`;
    default:
      return [];
  }
}

/** A longer one is quoted: a command is to be read before it's pasted. */
const PASTED_CHARACTERS_MAX = 150;

/** A reason that the command carries; else it is for the one who breaks the glass to write. */
const isPasted = ({ text = "" }: Notice, { hideReason }: NoticesView): boolean =>
  !hideReason && text.trim() !== "" && text.length <= PASTED_CHARACTERS_MAX;

/** What was asked for, as it can be pasted. */
function glassCommand(notice: Notice, view: NoticesView): string {
  const { vm = "", ports = [], durationMs, text = "" } = notice;
  const duration = durationMs === undefined ? "" : formatDuration(durationMs);
  const reason = isPasted(notice, view) ? inLine(text, PASTED_CHARACTERS_MAX) : "…";
  const parts = [vm, formatPorts(ports), duration, `for ${reason}`];
  return `/jit breakglass ${parts.filter((part) => part !== "").join(" ")}`;
}

/** What somebody typed or Azure said stands last, so that nothing of ours seems to be part of it. */
function textWords(notice: Notice, view: NoticesView): Words {
  const { what, text } = notice;
  const { hideReason } = view;
  if (text === undefined || text.trim() === "") return [];
  if (what === "glass-wanted" && isPasted(notice, view)) return [];
  const shown = inLine(text, TEXT_CHARACTERS_MAX);
  switch (KINDS[what].text) {
    case "said plainly":
      return words` ${shown}`;
    case "a concern":
      return words` The concern: “${shown}”`;
    case "a reason":
      return words` Reason: “${shown}”`;
    case "a requester's reason":
      return hideReason ? words` Its reason is hidden here.` : words` Reason: “${shown}”`;
  }
}
