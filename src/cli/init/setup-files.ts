// The files that `jit init` writes, as texts: the settings, the policy file, the Slack manifest and the Azure role.

import type { Answers } from "./answers.ts";

/** As they lie beside the code. */
export type Templates = { readonly manifest: string; readonly role: string };

export type SetupFile = {
  readonly name: string;
  readonly text: string;
  readonly isSecret: boolean;
  /** What it is for, and what to do with it. */
  readonly use: string;
};

export function setupFiles(
  answers: Answers,
  templates: Templates,
  auditKey: string,
): readonly SetupFile[] {
  return [
    {
      name: "slack-manifest.yml",
      text: slackManifest(templates.manifest, answers.url),
      isSecret: false,
      use: "create the Slack app from it, at https://api.slack.com/apps",
    },
    {
      name: "azure-role.json",
      text: azureRole(templates.role, answers.scopes),
      isSecret: false,
      use: "az role definition create --role-definition @azure-role.json",
    },
    {
      name: "jit.yaml",
      text: policyFile(answers),
      isSecret: false,
      use: "who may open what, and who approves",
    },
    {
      name: ".env",
      text: environmentFile(answers, auditKey),
      isSecret: true,
      use: "the settings; Slack's tokens go here, and it stays out of the repository",
    },
  ];
}

const ADDRESS = "https://jit.example.com";
const LEFT_OUT = "# Socket Mode: leave this line out";
const SWITCH = "socket_mode_enabled: false";

/** The manifest of the repository, for Socket Mode or for an address; its comments about the other go. */
function slackManifest(manifest: string, url: string | undefined): string {
  const body = manifest.slice(manifest.indexOf("display_information:"));
  const lines = body.split("\n").flatMap((line) => {
    if (line.includes(LEFT_OUT)) {
      const kept = line
        .slice(0, line.indexOf(LEFT_OUT))
        .trimEnd()
        .replace(ADDRESS, url ?? "");
      return url === undefined ? [] : [kept];
    }
    if (!line.includes(SWITCH)) return [line];
    return [`  socket_mode_enabled: ${url === undefined}`];
  });
  const way = url === undefined ? "in Socket Mode" : `at ${url}`;
  return `# The Slack app, for a bot ${way}. At https://api.slack.com/apps: "Create New App", "From a manifest".\n\n${lines.join("\n")}`;
}

function azureRole(role: string, scopes: readonly string[]): string {
  if (scopes.length === 0) return role;
  const parsed: unknown = JSON.parse(role);
  return `${JSON.stringify(Object.assign({}, parsed, { AssignableScopes: scopes }), null, 2)}\n`;
}

function policyFile({ admin, approvers, channel, from, scopes }: Answers): string {
  const idsBelow = (prefix: string) =>
    scopes.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
  const groups = approvers.filter((id) => id.startsWith("S"));
  const users = approvers.filter((id) => !id.startsWith("S"));
  return `# Who may open which ports of which VMs, for how long, from where, and who approves.
# \`jit check jit.yaml\` checks a change; the running bot picks it up by itself.

azure:
  subscriptions: ${list(idsBelow("/subscriptions/"))}
  managementGroups: ${list(idsBelow("/providers/Microsoft.Management/managementGroups/"))}

channels: { notices: ${channel} }
admins: { users: [${admin}] }

networks:
  office: ${from}

limits: { pendingPerPerson: 20 }   # as many as one request can have VMs

rules:                       # the first rule that matches decides; if none does, the request is refused
  - name: every VM
    requesters: anyone       # any full member of the workspace
    approvers: { users: ${list(users)}, groups: ${list(groups)} }
    channel: ${channel}
    maxDuration: 3h
    networks: [office]       # the first is the default
`;
}

/** In quotes: an id of digits alone would be a number. */
const list = (ids: readonly string[]): string => `[${ids.map((id) => `"${id}"`).join(", ")}]`;

function environmentFile({ url, redis }: Answers, auditKey: string): string {
  const slack =
    url === undefined
      ? `# Basic Information, App-Level Tokens, with the scope connections:write: xapp-…
SLACK_APP_TOKEN=`
      : `# Basic Information, App Credentials, Signing Secret
SLACK_SIGNING_SECRET=
PUBLIC_URL=${url}`;
  return `# The bot's settings; docs/configuration.md has all of them. Secret: it belongs in no repository.

# OAuth & Permissions, after "Install to Workspace": xoxb-…
SLACK_BOT_TOKEN=
${slack}

REDIS_URL=${redis}
# Seals the audit log. Keep a copy elsewhere: without it, nobody can verify the log.
AUDIT_KEY=${auditKey}

# Only where the bot has no managed identity:
# AZURE_TENANT_ID=
# AZURE_CLIENT_ID=
# AZURE_CLIENT_SECRET=
`;
}
