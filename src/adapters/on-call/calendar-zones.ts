// The time zones of a calendar: those that everybody knows by name, told by the runtime; others by the file itself.

import ICAL from "ical.js";
import { atWall, isZone } from "../../domain/text/moments.ts";

/** A calendar of one team names one or two. */
const ZONES_MAX = 50;

/** Every zone that the text names and the runtime knows can be reckoned with afterwards, defined in it or not. */
export function learnZones(text: string): void {
  const named = text.matchAll(/TZID="?([A-Za-z0-9_+/-]{1,64})"?[;:]/g);
  for (const zone of new Set([...named].slice(0, 10_000).map(([, zone = ""]) => zone))) {
    if (ICAL.TimezoneService.has(zone) || !isZone(zone)) continue;
    if (ICAL.TimezoneService.count > ZONES_MAX) ICAL.TimezoneService.reset();
    ICAL.TimezoneService.register(new KnownZone(zone), zone);
  }
}

const DAYS_KEPT_MAX = 20_000;

/** A zone that the runtime knows. The calendar's arithmetic asks for it again and again: days are remembered. */
class KnownZone extends ICAL.Timezone {
  readonly #zone: string;
  readonly #offsets = new Map<number, number>();

  constructor(zone: string) {
    super({ tzid: zone });
    this.#zone = zone;
  }

  override utcOffset(time: ICAL.Time): number {
    const { year, month, day, hour, minute } = time;
    const at = Date.UTC(year, month - 1, day, hour, minute);
    const known = this.#offsets.get(at);
    if (known !== undefined) return known;
    const offset = (at - atWall({ year, month, day, hour, minute }, this.#zone)) / 1_000;
    if (this.#offsets.size >= DAYS_KEPT_MAX) this.#offsets.clear();
    this.#offsets.set(at, offset);
    return offset;
  }
}

/** When that is; `undefined`: its zone isn't known, or it has none. `usual`: the zone of times without one. */
export function instantOf(
  time: ICAL.Time,
  tzid: string | undefined,
  usual: string | undefined,
): number | undefined {
  const { year, month, day, hour, minute, second } = time;
  if (![year, month, day, hour, minute, second].every(Number.isInteger)) return undefined;
  if (time.zone === ICAL.Timezone.utcTimezone) return time.toUnixTime() * 1_000;
  const named = time.isDate ? usual : (tzid ?? usual);
  if (named === undefined) return undefined;
  const wall = { year, month, day, hour, minute };
  if (isZone(named)) return atWall(wall, named) + second * 1_000;
  // A name of the file's own, such as Windows has them, and its definition beside it.
  const isDefined = time.zone !== ICAL.Timezone.localTimezone && time.zone.component !== null;
  return isDefined ? time.toUnixTime() * 1_000 : undefined;
}
