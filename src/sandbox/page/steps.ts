// The guided tour in words: what each step does, and what one then sees. Nothing here knows how it is played.

type Step = {
  /** As short as a heading. */
  title: string;
  /** One sentence: what one will see. */
  says: string;
  /** What the screen tells then, to the letter. */
  promises: RegExp;
};

const LIFE = {
  ask: {
    title: "Erin requests access",
    says: "Only Erin sees the answer: what she requested, and in which channel it's decided. The approvers get a card.",
    promises: /Requested JIT-.*Waiting for approval under rule .* in #/s,
  },
  approve: {
    title: "Lea approves",
    says: "The card says Open once Azure shows the port open, and until when.",
    promises: /Open until/,
  },
  wayIn: {
    title: "The way in",
    says: "The bot tells the requester how to connect, beside Extend and End now.",
    promises: /mstsc|ssh </,
  },
  end: {
    title: "The end",
    says: "Ended early, three minutes later by the demo's clock: said only once Azure shows it closed.",
    promises: /Ended early by/,
  },
} satisfies Record<string, Step>;

const MORE = {
  own: {
    title: "Approving your own request",
    says: "Refused, for the requester's eyes only. The card stays Pending.",
    promises: /yourself, so somebody else has to approve/,
  },
  several: {
    title: "Four machines, one request",
    says: "One card and one decision for a bundle of the policy file, and a line for each machine.",
    promises: /Open · .*4 VMs/,
  },
  tomorrow: {
    title: "Tomorrow at 9:00",
    says: "Approved today, it's Ready, and opens by itself then. Everything is checked again first.",
    promises: /Ready · /,
  },
  ready: {
    title: "When you're ready",
    says: "Approved, it waits until its requester presses Open. The hour starts then.",
    promises: /press Open/,
  },
  again: {
    title: "The same again",
    says: "/jit again repeats an earlier request, checked against today's rules.",
    promises: /Waiting for approval/,
  },
  breakGlass: {
    title: "Breaking the glass",
    says: "Opened at once, without approval. Everybody is notified, and somebody must review it.",
    promises: /Needs a review by/,
  },
  freeze: {
    title: "The brake",
    says: "An admin froze access, so what's approved waits. Lift the freeze, and it opens.",
    promises: /access is frozen by/,
  },
  endAll: {
    title: "Ending everybody's access",
    says: "First a preview of what would end. Nothing happens until Ada presses Apply.",
    promises: /Preview: nothing has ended yet/,
  },
} satisfies Record<string, Step>;

const FAULTS = {
  azureRefuses: {
    title: "Azure refuses",
    says: "What it means stands first, Azure's own words below. Put it right, and press Retry.",
    promises: /AuthorizationFailed/,
  },
  azureSlow: {
    title: "Azure is slow",
    says: "The card says Opening for as long as it takes, and Open only when Azure shows it.",
    promises: /Opening the port…|Open until/,
  },
  azureThrottles: {
    title: "Azure throttles",
    says: "What can't be checked isn't approved: Lea is told to try again in a moment.",
    promises: /Azure asks the bot to wait/,
  },
  graphThrottles: {
    title: "The quota is used up",
    says: "After eight seconds, the doctor says that it knows the VMs only from the last read.",
    promises: /are known from the last read/,
  },
  azureNeverOpens: {
    title: "Azure never opens",
    says: "Accepted isn't open: the card says what the bot waits for, until the end.",
    promises: /waiting for the port to open/,
  },
  slackAway: {
    title: "Slack is down",
    says: "The bot can't check who clicked, so nothing changes, and Lea is told so.",
    promises: /Slack doesn't answer/,
  },
  botDown: {
    title: "The bot is down",
    says: "Slack itself says that the command failed. Put it right, and type it again.",
    promises: /dispatch_failed/,
  },
  kill: {
    title: "The bot dies halfway",
    says: "Killed while Azure was opening the port: the next bot carries on, and says Open.",
    promises: /Open until/,
  },
  portalOpen: {
    title: "Opened in the portal",
    says: "Past the bot, but not unseen: the notice says who did it, with Close and Adopt.",
    promises: /Opened in Azure, not by this bot/,
  },
  portalClose: {
    title: "Closed in the portal",
    says: "Somebody else closed it a minute later: the card says so, and that it wasn't the bot.",
    promises: /Closed early outside this bot/,
  },
  right: {
    title: "A right is missing",
    says: "The doctor names the subscription and the right that the bot's identity lacks.",
    promises: /jitNetworkAccessPolicies\/initiate\/action/,
  },
  plan: {
    title: "Without Defender's Plan 2",
    says: "The doctor names the subscription whose plan doesn't include just-in-time access.",
    promises: /has Plan 1, and JIT needs Plan 2/,
  },
} satisfies Record<string, Step>;

export const STEPS = { ...LIFE, ...MORE, ...FAULTS };
export type StepId = keyof typeof STEPS;
export type FaultId = keyof typeof FAULTS;

const idsOf = (steps: object) => Object.keys(steps) as StepId[];

/** In the order in which the tour goes. */
export const STEP_IDS = idsOf(STEPS) as [StepId, ...StepId[]];

export const PARTS: readonly { title: string; ids: readonly StepId[] }[] = [
  { title: "A request from beginning to end", ids: idsOf(LIFE) },
  { title: "What else it does", ids: idsOf(MORE) },
  { title: "What can go wrong", ids: idsOf(FAULTS) },
];
