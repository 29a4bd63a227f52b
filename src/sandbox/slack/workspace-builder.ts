// What a Slack workspace consists of, and a builder that lets one be written down in a few lines.

export type Team = {
  id: string;
  name: string;
  domain: string;
  enterprise?: { id: string; name: string };
};

/** The app under test, as it is installed. */
export type Bot = { appId: string; botId: string; userId: string; name: string };

export type User = {
  id: string;
  /** The handle: what stands after the @ in a typed mention. */
  name: string;
  realName: string;
  displayName: string;
  email: string;
  /** Whether the address is known to be theirs. */
  emailConfirmed: boolean;
  tz: string;
  teamId: string;
  deleted: boolean;
  isBot: boolean;
  isAppUser: boolean;
  isAdmin: boolean;
  isOwner: boolean;
  /** A guest in several channels. */
  isRestricted: boolean;
  /** A guest in a single channel; such a person is restricted as well. */
  isUltraRestricted: boolean;
  /** From another workspace, met in a shared channel. */
  isStranger: boolean;
  /** Slack's word for why the app can't write to this person alone; empty: it can. */
  refusesDirect: string;
};

export type Group = {
  id: string;
  handle: string;
  name: string;
  users: string[];
  disabled: boolean;
};

export type Channel = {
  id: string;
  name: string;
  kind: "public" | "private" | "im";
  isArchived: boolean;
  isExtShared: boolean;
  /** User ids, the bot's among them where it is in the channel. For an im: the other person. */
  members: string[];
};

export type Workspace = {
  team: Team;
  bot: Bot;
  users: User[];
  groups: Group[];
  channels: Channel[];
};

export type PersonTraits = Partial<Omit<User, "id" | "name" | "realName">>;

/** A full member of the home workspace, unless the traits say otherwise. */
export function person(
  id: string,
  name: string,
  realName: string,
  traits: PersonTraits = {},
): User {
  return {
    id,
    name,
    realName,
    displayName: name,
    email: `${name}@contoso.example`,
    emailConfirmed: true,
    tz: "Europe/Berlin",
    // Filled in by workspace(), which knows the home team.
    teamId: "",
    deleted: false,
    isBot: false,
    isAppUser: false,
    isAdmin: false,
    isOwner: false,
    isRestricted: traits.isUltraRestricted ?? false,
    isUltraRestricted: false,
    isStranger: false,
    refusesDirect: "",
    ...traits,
  };
}

export function group(id: string, handle: string, users: string[], name = handle): Group {
  return { id, handle, name, users, disabled: false };
}

export type ChannelTraits = Partial<Pick<Channel, "kind" | "isArchived" | "isExtShared">> & {
  /** Left out: every full member of the workspace. */
  members?: string[];
  /** Whether the bot is in it; left out: yes. */
  bot?: boolean;
};

export type ChannelSpec = { id: string; name: string } & ChannelTraits;

export function channel(id: string, name: string, traits: ChannelTraits = {}): ChannelSpec {
  return { id, name, ...traits };
}

export type WorkspaceSpec = {
  team?: Partial<Team>;
  bot?: Partial<Bot>;
  people: User[];
  groups?: Group[];
  channels: ChannelSpec[];
};

/** Fills in what a few lines leave out: ids of the team and the app, the bot user, memberships. */
export function workspace(spec: WorkspaceSpec): Workspace {
  const team: Team = { id: "T0HOME", name: "Contoso", domain: "contoso", ...spec.team };
  const bot: Bot = {
    appId: "A0JITBOT",
    botId: "B0JITBOT",
    userId: "U0JITBOT",
    name: "jit",
    ...spec.bot,
  };
  const users = spec.people.map((one) => ({ ...one, teamId: one.teamId || team.id }));
  const full = users.filter(isFullMember).map((one) => one.id);
  const channels = spec.channels.map((one): Channel => {
    const people = one.members ?? full;
    return {
      id: one.id,
      name: one.name,
      kind: one.kind ?? "public",
      isArchived: one.isArchived ?? false,
      isExtShared: one.isExtShared ?? false,
      members: one.bot === false ? [...people] : [...people, bot.userId],
    };
  });
  const botUser = person(bot.userId, bot.name, bot.name, { isBot: true, teamId: team.id });
  return { team, bot, users: [...users, botUser], groups: spec.groups ?? [], channels };
}

function isFullMember(user: User): boolean {
  return !(user.deleted || user.isBot || user.isRestricted || user.isStranger);
}
