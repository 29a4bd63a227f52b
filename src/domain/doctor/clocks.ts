// Whose clock is off: the machine's own, Redis's, Azure's and Slack's are compared, and the odd one is named. Pure.

/** How far each is ahead of this machine's clock; `undefined`: it hasn't said what time it is. */
export type Skews = {
  readonly redis: number | undefined;
  readonly azure: number | undefined;
  readonly slack: number | undefined;
};

/** What no healthy pair of clocks differs by; a `Date` header alone is good to a second. */
const SKEW_ALARM_MS = 60_000;

/** Signatures are refused beyond these: see https://docs.slack.dev/authentication/verifying-requests-from-slack */
const SIGNATURE_AHEAD_MS = 60_000;
const SIGNATURE_STALE_MS = 5 * 60_000;

const NAMES = { redis: "Redis", azure: "Azure", slack: "Slack" } as const;
type Other = keyof typeof NAMES;
const OTHERS = ["redis", "azure", "slack"] as const;

/** One sentence for each clock that is off, with the fix. */
export function clockFindings(skews: Skews): readonly string[] {
  const known = OTHERS.flatMap((name) => {
    const skewMs = skews[name];
    return skewMs === undefined ? [] : [{ name, skewMs }];
  });
  const off = known.filter(({ skewMs }) => Math.abs(skewMs) > SKEW_ALARM_MS);
  if (off.length === 0) return [];
  // Where all that are known agree, it is this machine's that is off.
  const first = off[0]?.skewMs ?? 0;
  const agree = known.every(({ skewMs }) => Math.abs(skewMs - first) <= SKEW_ALARM_MS);
  if (agree && known.length > 1) {
    return [`This machine's clock is ${lag(first)} ${listOf(known)}: set it by NTP.`];
  }
  return off.map(({ name, skewMs }) => {
    const whose = name === "redis" ? "set both by NTP" : "set this machine's by NTP";
    return `This machine's clock is ${lag(skewMs)} ${NAMES[name]}'s: ${whose}.`;
  });
}

/** Whether Slack's requests are refused as stale, or as of the future, by Redis's clock. */
export function breaksSignatures({ redis = 0, slack }: Skews): boolean {
  if (slack === undefined) return false;
  const slackAheadMs = slack - redis;
  return slackAheadMs > SIGNATURE_AHEAD_MS || slackAheadMs < -SIGNATURE_STALE_MS;
}

const lag = (skewMs: number): string =>
  `${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? "behind" : "ahead of"}`;

const listOf = (known: readonly { readonly name: Other }[]): string =>
  known.map(({ name }) => `${NAMES[name]}'s`).join(known.length === 2 ? " and " : ", ");
