// What the floor program posts: about as long as what the bot posts, so that both send the same bytes.

import type { types } from "@slack/bolt";

type KnownBlock = types.KnownBlock;

export const ADDRESS = "azureuser@198.18.0.4";

export const says = (text: string): KnownBlock[] => [
  { type: "section", text: { type: "mrkdwn", text, verbatim: true } },
];

export const button = (...[name, value]: [string, string]): KnownBlock => ({
  type: "actions",
  elements: [oneButton(name, value)],
});

const oneButton = (name: string, value: string) =>
  ({
    type: "button",
    action_id: `jit.${name}`,
    text: { type: "plain_text", text: name, emoji: true },
    value,
    accessibility_label: `${name}: request ${value}`,
  }) as const;

export function facts(
  life: { id: string; user: string; vm: string; reason: string; minutes: number },
  state: string,
  buttons: readonly string[],
): KnownBlock[] {
  const { id, user, vm, reason, minutes } = life;
  const time = "<!date^1795346101^{date_short_pretty} at {time}|2026-11-22 11:15 UTC>";
  return [
    { type: "header", text: { type: "plain_text", text: state, emoji: true } },
    ...says(
      `*Requested by:* <@${user}>\n*VM:* \`${vm}\` in resource group \`rg-bench\`\n*Port:* \`22\` (SSH)\n` +
        `*From:* \`vpn\` (\`203.0.113.0/24\`)\n*Duration:* ${minutes}m, until ${time}\n` +
        `\`${id}\` · rule \`${vm}\` · requested ${time}`,
    ),
    ...says(`*Reason:*\n> ${reason}`),
    ...says(`Needs 1 approval.\nApprovers: <@U0LEAD>.\nLapses ${time} if nobody decides.`),
    ...(buttons.length === 0
      ? []
      : [{ type: "actions", elements: buttons.map((name) => oneButton(name, id)) } as const]),
  ];
}

/** As long as the bot's answer to `/jit help`. */
export const HELP = "Just-in-time access to Azure VMs: `/jit request vm-01 22 2h`\n".repeat(14);
