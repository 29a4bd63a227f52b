// The answers that a request is made of, each checked by itself: for commands and forms alike.

import { parseSource } from "../network/source.ts";
import { MINUTE_MS, parseDuration } from "../text/duration.ts";
import { hiddenCharacter } from "../text/hidden-characters.ts";
import { type Refusal, type RefusalCode, refuse } from "../text/refusal.ts";
import { typed } from "../text/typed.ts";
import { listed } from "../text/words.ts";
import { parseVmRef, type VmRef } from "./vm-ref.ts";
import type { Word } from "./word-reader.ts";

const REASON_CHARACTERS_MAX = 1000;

/** Access for less than this is over before anybody has connected. */
const DURATION_MIN_MS = MINUTE_MS;

/** Room for any name that a person would give a network. */
const SOURCE_CHARACTERS_MAX = 100;

/** Answers the VM that the text points at, or a refusal. */
export function askedVm(text: string): VmRef | Refusal {
  if (text.includes(",")) {
    return refuse("ambiguous")`${typed(text)} looks like several VMs: name one at a time.`;
  }
  const long = { code: "resource-group/name" };
  return (
    parseVmRef(text) ??
    refuse(
      "no-such-vm",
    )`${typed(text)} isn't the name of a VM: write a name, ${long} or a resource ID.`
  );
}

/** Answers the VM of `vm:vm-01`, or a refusal; `undefined` for every other word. */
export const labelledVm = ({ text }: Word): VmRef | Refusal | undefined =>
  /^vm:/i.test(text) ? askedVm(text.slice(3)) : undefined;

/** Answers milliseconds, at least a minute, or a refusal. */
export function askedDuration(text: string): number | Refusal {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) {
    if (durationMs >= DURATION_MIN_MS) return durationMs;
    return refuse("bad-duration")`${typed(text)} is too short: the minimum is ${{ code: "1m" }}.`;
  }
  if (/^\d{1,9}$/.test(text.trim())) {
    const hours = { code: `${text.trim()}h` };
    const minutes = { code: `${text.trim()}m` };
    return refuse(
      "bad-duration",
    )`${typed(text)} has no unit: write ${hours} for hours or ${minutes} for minutes.`;
  }
  const examples = listed([{ code: "90m" }, { code: "2h" }, { code: "1h30m" }], "or");
  return refuse(
    "bad-duration",
  )`${typed(text)} isn't a duration I understand: write for example ${examples}.`;
}

/**
 * Answers the source as typed, or a refusal where it can be none: an IPv6 address, or an IPv4
 * address with a fault. Everything else may be a network's name, which is for the rules to find.
 */
export function askedSource(text: string): string | Refusal {
  const source = parseSource(text);
  if (source !== undefined && "ipv6" in source) {
    const example = { code: "203.0.113.7" };
    return refuse(
      "bad-source",
    )`${typed(text)} is an IPv6 source, and JIT rules take only IPv4: write for example ${example}.`;
  }
  const name = text.trim();
  const invisible = invisibleIn(name, "bad-source");
  if (invisible !== undefined) return invisible;
  const wrong = source === undefined && /^[\d./]*$/.test(name);
  if (wrong || name.length > SOURCE_CHARACTERS_MAX) {
    const examples = listed([{ code: "203.0.113.7" }, { code: "203.0.113.0/24" }], "or");
    return refuse(
      "bad-source",
    )`${typed(text)} isn't an IPv4 address or network: write for example ${examples}.`;
  }
  return name;
}

/**
 * Answers the reason verbatim, without the spaces around it, `undefined` where nothing is
 * left, or a refusal: reasons are never cut, because an approver must see what was asked.
 */
export function askedReason(text: string): string | undefined | Refusal {
  const reason = text.trim();
  const length = [...reason].length;
  if (length > REASON_CHARACTERS_MAX) {
    const most = grouped(REASON_CHARACTERS_MAX);
    return refuse(
      "bad-reason",
    )`That text has ${grouped(length)} characters: shorten it to ${most}.`;
  }
  return invisibleIn(reason, "bad-reason") ?? (reason === "" ? undefined : reason);
}

/** Refuses what nobody could read as it stands. */
export function invisibleIn(text: string, code: RefusalCode): Refusal | undefined {
  const hidden = hiddenCharacter(text);
  return hidden === undefined
    ? undefined
    : refuse(code)`That has an invisible character in it (${{ code: hidden }}): type it by hand.`;
}

const grouped = (count: number): string => count.toLocaleString("en-US");
