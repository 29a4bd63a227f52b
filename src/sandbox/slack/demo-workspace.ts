// The workspace of the demo and most tests: one person for each way to be let in or kept out.

import { channel, group, person, type Workspace, workspace } from "./workspace-builder.ts";

/** A fresh copy of the default workspace. */
export function demoWorkspace(): Workspace {
  return workspace({
    team: { id: "T0HOME", name: "Contoso", domain: "contoso" },
    people: [
      person("U0ERIN", "erin", "Erin Doyle", { tz: "Europe/Dublin" }),
      person("U0SAM", "sam", "Sam Okafor", { tz: "America/New_York" }),
      person("U0LEAD", "lea", "Lea Moreau", { tz: "Europe/Paris" }),
      person("U0OMAR", "omar", "Omar Haddad"),
      person("U0ADMIN", "ada", "Ada Novak", { isAdmin: true }),
      person("U0AUDIT", "aud", "Audrey Lindqvist", { tz: "Europe/Stockholm" }),
      person("U0SINGLE", "sid", "Sid Guest", { isUltraRestricted: true }),
      person("U0MULTI", "mia", "Mia Guest", { isRestricted: true }),
      person("U0STRANGER", "pat", "Pat Partner", { isStranger: true, teamId: "T0PARTNER" }),
      person("U0GONE", "gus", "Gus Gone", { deleted: true }),
      person("U0OTHERBOT", "otherbot", "Other Bot", { isBot: true, isAppUser: true }),
    ],
    groups: [group("S0ONCALL", "oncall", ["U0LEAD", "U0OMAR"], "On call")],
    channels: [
      channel("C0PROD", "prod-access"),
      channel("C0DEV", "dev-access", {
        members: ["U0ERIN", "U0SAM", "U0LEAD", "U0OMAR", "U0ADMIN", "U0AUDIT", "U0MULTI"],
      }),
      channel("C0NOTICES", "notices"),
      channel("C0GENERAL", "general"),
      channel("C0SHARED", "shared-with-partner", {
        isExtShared: true,
        members: ["U0ERIN", "U0LEAD", "U0ADMIN", "U0STRANGER"],
      }),
      channel("C0GUESTS", "guests", { members: ["U0ERIN", "U0SINGLE", "U0MULTI"] }),
      channel("C0OLD", "old-access", { isArchived: true }),
      channel("C0SECRET", "secret", {
        kind: "private",
        bot: false,
        members: ["U0LEAD", "U0ADMIN"],
      }),
    ],
  });
}
