// The facts beside a request in words: in one short line each, and with what they rest on. Pure.

import type { Ask } from "../rules/ask.ts";
import type { Fact } from "../rules/fact.ts";
import { formatDuration } from "../text/duration.ts";
import { portsWords } from "../text/port-words.ts";
import { listed, type Words, words } from "../text/words.ts";

/** Without a period, and without a source, which the channel may not see. */
export function factWords(fact: Fact): Words {
  switch (fact.kind) {
    case "exposed":
      return words`⚠️ ${portsWords(fact.ports)} ${fact.ports.length === 1 ? "is" : "are"} exposed despite JIT`;
    case "off":
      return words`⚠️ The VM was ${fact.off} when this was requested: nobody can connect until it's started`;
    case "first":
      return words`First time on this VM in ${days(fact.days)}`;
    case "denied":
      return words`${fact.denied} of their last ${counted(fact.earlier, "request")} for this VM ${fact.denied === 1 ? "was" : "were"} denied`;
    case "elsewhere":
      return words`From a source they haven't used for this VM before`;
    case "longer":
      return words`Longer than usual: at most ${formatDuration(fact.longestMs)} before`;
    case "inside":
      return insiders(fact);
    case "rules-changed":
      return words`The policy file changed ${{ atMs: fact.atMs }}`;
    case "night":
      return words`Requested at ${onClock(fact.minutes)} their time`;
    case "also-open":
      return words`They have active access through ${counted(fact.count, "other request")}`;
    case "usual":
      return words`Usual: ${ordinal(fact.nth)} time ${fact.span === "month" ? "this month" : `in ${days(fact.span.days)}`}`;
  }
}

/** By numbers: nobody is named to a whole channel, or called, by being in there. */
function insiders({ count, some }: Extract<Fact, { kind: "inside" }>): Words {
  const lastMs = Math.max(...some.map(({ untilMs }) => untilMs));
  return words`${counted(count, "other person has", "others have")} access now, until ${{ atMs: lastMs }}`;
}

const days = (count: number): string => counted(count, "day");

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** `3:12 AM`, as Slack writes times. */
function onClock(minutes: number): string {
  const hour = Math.floor(minutes / 60);
  const half = hour < 12 ? "AM" : "PM";
  return `${hour % 12 === 0 ? 12 : hour % 12}:${String(minutes % 60).padStart(2, "0")} ${half}`;
}

function ordinal(nth: number): string {
  const isTeen = nth % 100 >= 11 && nth % 100 <= 13;
  const ending = isTeen ? "th" : (["th", "st", "nd", "rd"][nth % 10] ?? "th");
  return `${nth}${ending}`;
}

/** What a fact rests on, for those who may see the whole request. */
export function proofWords(ask: Ask, fact: Fact): Words {
  const { requester } = ask;
  switch (fact.kind) {
    case "exposed":
      return words`As the VM's network rules were last read: ${{ code: `/jit vms ${ask.vm.name}` }} names the rule.`;
    case "off":
      return words`Azure said so then.`;
    case "first":
      return words`The audit log has no request by ${{ user: requester }} for this VM in the ${days(fact.days)} before.`;
    case "denied":
      return words`${counted(fact.earlier, "request")} by ${{ user: requester }} for this VM in ${days(fact.days)}, ${fact.denied} denied. ${entries(fact)}`;
    case "elsewhere":
      return words`Now ${{ code: ask.source }}; before ${listed(fact.before.map((source) => ({ code: source })))}. ${entries(fact)}`;
    case "longer":
      return words`Now ${formatDuration(ask.durationMs)}; before at most ${formatDuration(fact.longestMs)}. ${entries(fact)}`;
    case "inside":
      return sentence([
        ...fact.some.map(
          (one) => words`${{ user: one.requester }} until ${{ atMs: one.untilMs }} (${one.id})`,
        ),
        ...moreThan(fact),
      ]);
    case "rules-changed":
      return entries(fact);
    case "night":
      return words`Their time zone in Slack is ${{ code: fact.zone }}.`;
    case "also-open":
      return sentence([...fact.some.map((id) => ({ code: id })), ...moreThan(fact)]);
    case "usual":
      return words`Requests by ${{ user: requester }} for this VM. ${entries(fact)}`;
  }
}

const sentence = (all: Parameters<typeof listed>[0]): Words => words`${listed(all)}.`;

const moreThan = ({
  count,
  some,
}: {
  readonly count: number;
  readonly some: readonly unknown[];
}) => (count > some.length ? [`${count - some.length} more`] : []);

const entries = ({ entries: all }: { readonly entries: readonly number[] }): Words =>
  words`Audit ${all.length === 1 ? "entry" : "entries"} ${all.join(", ")}.`;
