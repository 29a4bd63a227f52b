// What durations, address ranges and texts look like, as patterns of the JSON Schema: editors know no more of them.
//
// JSON Schema has no flags, so each letter stands in both cases. What a pattern can't say (a longest duration, say)
// is left to `jit check`.

import { MINUTE_MS, SECOND_MS } from "../../domain/text/duration.ts";

export const anyCase = (word: string): string =>
  word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

const AMOUNT = "\\d{1,9}(?:\\.\\d{1,6})?";
const SOME = "(?=\\d*[1-9]|0+\\.\\d*[1-9])";

/** From long to short: what people write, what ISO 8601 has, and how many seconds it is. */
const UNITS = [
  { spoken: "w|weeks?", iso: "W", seconds: 604_800 },
  { spoken: "d|days?", iso: "D", seconds: 86_400 },
  { spoken: "h|hrs?|hours?", iso: "H", seconds: 3_600 },
  { spoken: "m|mins?|minutes?", iso: "M", seconds: 60 },
  { spoken: "s|secs?|seconds?", iso: "S", seconds: 1 },
] as const;

/** `2h`, `1h 30m`, `PT2H`; not zero, and where a minute is the least, more than some seconds alone. */
export function durationPattern(atLeastMs: number): string {
  const spoken = UNITS.map(({ spoken }) => `(?:${AMOUNT}\\s*${anyCase(`(?:${spoken})`)}\\s*)?`);
  const [weeks, days, ...clock] = UNITS.map(
    ({ iso }) => `(?:${AMOUNT}${anyCase(iso.toLowerCase())})?`,
  );
  const iso = `${anyCase("p")}${weeks}${days}(?:${anyCase("t")}(?=\\d)${clock.join("")})?`;
  return `^\\s*(?=${least(atLeastMs)})(?:(?=\\d)${spoken.join("")}|${iso})\\s*$`;
}

/** Somewhere an amount that is enough by itself. */
function least(atLeastMs: number): string {
  const isMinute = atLeastMs >= MINUTE_MS;
  const seconds = atLeastMs > SECOND_MS && isMinute ? "(?:[6-9]\\d|[1-9]\\d{2,})" : "[1-9]\\d*";
  const amounts = UNITS.map((unit) => {
    const letter = anyCase(unit.iso.toLowerCase());
    if (unit.seconds > 60) return `${SOME}${AMOUNT}\\s*${letter}`;
    const whole = unit.seconds === 60 && !isMinute ? `${SOME}${AMOUNT}` : undefined;
    return `${whole ?? `0*${unit.seconds === 60 ? "[1-9]\\d*" : seconds}(?:\\.\\d+)?`}\\s*${letter}`;
  });
  return `(?:.*?(?<![\\d.]))(?:${amounts.join("|")})`;
}

const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

/** The numbers of an octet of which only the first `bits` may be set. */
function multiples(bits: number): string {
  const step = 2 ** (8 - bits);
  const numbers = Array.from({ length: 256 / step }, (_, index) => String(index * step));
  return `(?:${numbers.join("|")})`;
}

/** An IPv4 address or CIDR without host bits, narrower than every address. */
const CIDR = cidr();

function cidr(): string {
  const lengths = Array.from({ length: 32 }, (_, index) => index + 1);
  const byOctet = Map.groupBy(lengths, (prefix) => Math.floor((prefix - 1) / 8));
  const forms = [...byOctet].flatMap(([octet, prefixes]) =>
    prefixes.map((prefix) => {
      const bits = prefix - octet * 8;
      const last = bits === 8 ? OCTET : bits > 4 ? aligned(bits) : multiples(bits);
      const before = `${OCTET}\\.`.repeat(octet);
      return `${before}${last}${"\\.0".repeat(3 - octet)}/${prefix}`;
    }),
  );
  return `(?:${OCTET}(?:\\.${OCTET}){3}|${forms.join("|")})`;
}

/** Multiples of 8, 4 and 2 by their last digits. */
function aligned(bits: number): string {
  const isOctet = `(?=${OCTET}(?:\\.|/))`;
  if (bits === 7) return `${isOctet}\\d*[02468]`;
  if (bits === 6) return `${isOctet}(?:\\d*[02468][048]|\\d*[13579][26]|[048])`;
  return multiples(bits);
}

export const CIDR_PATTERN = `^\\s*${CIDR}\\s*$`;

/** `any`, `my-ip`, a CIDR, or what can be the name of a network. */
export const RULE_NETWORK_PATTERN = `^(?:${anyCase("any")}|\\s*${anyCase("my")}-?${anyCase("ip")}\\s*|\\s*${CIDR}\\s*|[A-Za-z][A-Za-z0-9._-]{0,62})$`;

/** An address or range of either family, and not every one. */
export const PROXY_PATTERN = `^(?!.*/0+$)(?:${OCTET}(?:\\.${OCTET}){3}(?:/(?:3[0-2]|[12]?\\d))?|(?=[^:]*:[^:]*:)[0-9A-Fa-f:.]{2,45}(?:/(?:12[0-8]|1[01]\\d|[1-9]?\\d))?)$`;

/** Control characters, and of those that nobody sees all but the few of which emoji are made. */
const UNSEEN =
  "\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f" +
  "\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb";

/** Something, without spaces around it, line breaks and what nobody sees. */
export const TEXT_PATTERN = `^(?!\\s)[^${UNSEEN}]*[^\\s${UNSEEN}]$`;
