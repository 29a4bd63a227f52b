// Whether a payload is for this app and this workspace. Slack's signature says who sent it, not for whom it is.

import type { Origin } from "./payloads.ts";

/** What is compared; the app's id is compared once it is known. */
export type OurWorkspace = {
  readonly teamId: string;
  readonly enterpriseId: string | undefined;
  readonly appId: string | undefined;
};

/** Whether a payload says that the person is of another workspace; in a whole organisation that says nothing. */
export const isOutsider = (team: string | undefined, home: OurWorkspace): boolean =>
  team !== undefined && team !== home.teamId && home.enterpriseId === undefined;

/**
 * Answers `undefined` for a payload of ours, or why it is none. The signing secret is one app's alone, so
 * a payload that doesn't name its app is taken; one that names another isn't. The team must be named.
 */
export function foreign(
  origin: Origin,
  home: OurWorkspace,
): "other-app" | "other-team" | undefined {
  const named = home.appId !== undefined && origin.appId !== undefined;
  if (named && origin.appId !== home.appId) return "other-app";
  if (origin.teamId === home.teamId) return undefined;
  // An installation for a whole organisation has no team of its own.
  const sameEnterprise =
    home.enterpriseId !== undefined && origin.enterpriseId === home.enterpriseId;
  return sameEnterprise ? undefined : "other-team";
}
