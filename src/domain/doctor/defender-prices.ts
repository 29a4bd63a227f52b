// What Defender for Servers costs, as far as somebody wrote it down: the bot looks no price up.

export type Price = {
  readonly plan: "P2";
  /** US dollars a server and month, before any discount. */
  readonly dollars: number;
  /** The day on which the source says that it held. */
  readonly onDay: string;
  readonly source: string;
};

/** Of the public cloud; the others have lists of their own. */
const PRICES: readonly Price[] = [
  {
    plan: "P2",
    dollars: 14.6,
    onDay: "2020-10-06",
    source: "Microsoft's price list, as an article about JIT quotes it",
  },
];

/** Where to find today's. */
export const PRICES_TODAY = "https://azure.microsoft.com/pricing/details/defender-for-cloud/";

/** The newest that is known of a plan. */
export const priceOf = (plan: Price["plan"]): Price | undefined =>
  PRICES.filter((price) => price.plan === plan)
    .sort((one, other) => one.onDay.localeCompare(other.onDay))
    .at(-1);
