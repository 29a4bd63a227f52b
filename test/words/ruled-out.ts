// What no string says, and what it says instead. Each of these was on a screen once, and nobody would say it.

export type RuledOut = {
  readonly pattern: RegExp;
  readonly say: string;
  /** A string that has it, so that the pattern is known to find something. */
  readonly example: string;
  /** Files whose texts other programs read, or earlier versions wrote. */
  readonly except?: RegExp;
};

export const RULED_OUT: readonly RuledOut[] = [
  { pattern: /\banew\b/i, say: "again", example: "ask anew when it has ended" },
  {
    pattern: /\b(?:who|what|which|when|where)soever\b|\bwhoever\b|\bbe it\b/i,
    say: "anyone who …",
    example: "whoever can write to Redis can forge it",
  },
  {
    pattern: /\bis no \w+ (?:that|of)\b/i,
    say: "isn't a …",
    example: "x is no duration that I know",
  },
  {
    pattern: /(?<!There )\bis no (?:list|text|word|VM|JIT|port|id|tag|period|IPv4|regular)\b/,
    say: "isn't a …",
    example: "Azure answered something that is no VM.",
  },
  { pattern: /\baccesses\b/i, say: "access", example: "Accesses were opened since." },
  {
    pattern: /\b(?:is|are) the (?:most|least)\b/i,
    say: "the maximum (minimum) is …",
    example: "10 is the most",
  },
  { pattern: /\bYou come by\b/i, say: "You're connecting over …", example: "You come by IPv6" },
  {
    pattern: /\bany ?more\b/i,
    say: "no longer",
    example: "The rule does not exist any more.",
  },
  {
    pattern: /\bmay not\b/i,
    say: "must not, can't, or might not",
    example: "You may not ask under the rule production.",
  },
  { pattern: /\bshut\b/i, say: "closed", example: "the port is shut" },
  { pattern: /\blapses?d?\b/i, say: "expires, expired", example: "Lapsed" },
  {
    pattern: /\btak(?:e|es|en|ing) back\b|\btook back\b/i,
    say: "withdraw",
    example: "Approval taken back.",
  },
  { pattern: /\bcut down\b/i, say: "shortened, narrowed", example: "cut down by Lea" },
  { pattern: /\bset aside\b/i, say: "parked", example: "Set aside" },
  {
    pattern: /\bon record\b/i,
    say: "recorded, found",
    example: "On record: 3",
    except: /^src\/domain\/request\/(?:messages\/justification|recovered)\.ts$/,
  },
  {
    pattern:
      /\bask(?:s|ed|ing)? for access\b|\bask(?:s|ed)? it\b|\basked again\b|^Ask(?:ed)?[.:]?$/i,
    say: "request",
    example: "Ask for access",
  },
  {
    pattern: /^(?:For how long|From where|Why|Why not\?)$/,
    say: "Duration, Connect from, Reason",
    example: "Why",
  },
  {
    pattern: /\bbreak the glass\b/i,
    say: "use break-glass",
    example: "does not let you break the glass",
  },
  {
    pattern: /\bunprotected all the same\b/i,
    say: "exposed despite JIT",
    example: "1 unprotected all the same",
  },
  {
    pattern: /\bTo be (?:approved|reviewed|opened|decided)\b/i,
    say: "Needs …",
    example: "To be approved by Lea",
  },
  {
    pattern: /\bto the letter\b|\ball the same\b|\bthe like\b/i,
    say: "exactly; still; similar",
    example: "and the like",
  },
  { pattern: /\bfaults?\b/, say: "error", example: "no faults" },
  {
    pattern: /\bthere is nothing to\b/i,
    say: "can't be …",
    example: "JIT-X is Open: there is nothing to cancel.",
  },
  { pattern: /\bif nobody decides\b/i, say: "Expires …", example: "Expires … if nobody decides." },
  {
    pattern: /\bnot yet seen\b|\bSeen open:/i,
    say: "waiting for the port to open",
    example: "Accepted by Azure, not yet seen open.",
  },
  {
    pattern: /\b(?:has|have) (?:approved|answered|given)\b[^.:]* already\b/i,
    say: "You've already …",
    example: "You have approved JIT-X already.",
  },
  {
    pattern: /\b(?:was|is) dropped\b|^Dropped\b/i,
    say: "cancelled, as the button says",
    example: "That was dropped without changes: run the command again.",
  },
  {
    pattern: /\ba time to come\b|\bat another time than\b|\btaken the place of\b/i,
    say: "a later time; a different time than; replaced",
    example: "That is past: name a time to come.",
  },
  {
    pattern: /\bout of sight\b|\bfindings more\b|\bchain whole\b|\bI can't place\b/i,
    say: "can't see; more findings; chain intact; I'm not sure about",
    example: "… and … findings more.",
  },
  {
    pattern:
      /\b(?:does|do|is|are|was|were|has|have|had|did|could|would|will|can)(?: not|not)\b(?! only)/i,
    say: "the contraction: doesn't, can't",
    example: "The rule does not allow it.",
    // What Slack's library says of itself.
    except: /^src\/adapters\/slack\/client\/slack-client\.ts$/,
  },
];
