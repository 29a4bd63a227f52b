// A call to Azure, Slack or Redis that ended, as metrics and traces tell of it.

/**
 * `refused`: the service said no; `limited`: it asked for less; `failed`: its own fault; `unanswered`: no
 * answer came.
 */
export type CallOutcome = "ok" | "refused" | "limited" | "failed" | "unanswered";

export type Call = {
  readonly service: "azure" | "slack" | "redis";
  /** One of few: what was called, as the bot names it. */
  readonly operation: string;
  readonly outcome: CallOutcome;
  readonly ms: number;
};
