// Dead letters, as the store lists them: what no worker takes up until somebody brings it back.

/** What was set aside, and why. */
export type Aside = {
  /** A request's id; or `n:<channel> <when>`: notices, which go on by themselves with the next ones. */
  readonly member: string;
  readonly atMs: number;
  readonly why: string;
  readonly noticeCount: number;
};

export type AsideList = { readonly count: number; readonly some: readonly Aside[] };

/** `gone`: there was nothing left of it to work on. */
export type Requeued = "requeued" | "gone" | "not-parked" | "repeated";
