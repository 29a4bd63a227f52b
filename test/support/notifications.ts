// What a person is notified of, as Slack does it: a message posted to them, a mention where they are, and a reply in a
// thread that they follow. An edit notifies nobody.

import type { Content, Message } from "../../src/sandbox/slack/slack-workspace.ts";
import type { SimulatedSlack } from "../../src/sandbox/slack/start.ts";

/** The texts of all that `user` was notified of, as they were posted, in order. */
export function notificationsOf(slack: SimulatedSlack, user: string): readonly string[] {
  const found: { ts: string; text: string }[] = [];
  const note = (message: Message): void => {
    const text = slack.plainText(asPosted(message));
    found.push({ ts: message.ts, text: `${message.channel}: ${text}` });
  };
  for (const [id, messages] of slack.world.messages) {
    const channel = slack.world.channels.get(id);
    if (channel?.members.includes(user) !== true) continue;
    for (const message of messages) {
      const isDirect = channel.kind === "im";
      const isCalled = isDirect || mentions(slack, user, message);
      if (isCalled && message.user !== user) note(message);
      let follows = isCalled;
      for (const reply of message.replies) {
        follows ||= reply.user === user || mentions(slack, user, reply);
        if (follows && reply.user !== user) note(reply);
      }
    }
  }
  return found.sort((a, b) => Number(a.ts) - Number(b.ts)).map(({ text }) => text);
}

const asPosted = (message: Message): Content => message.earlier[0] ?? message;

/** By name, or by a group that they are in. */
function mentions(slack: SimulatedSlack, user: string, message: Message): boolean {
  const groups = [...slack.world.groups.values()].filter((one) => one.users.includes(user));
  const tokens = new Set([`<@${user}>`, ...groups.map(({ id }) => `<!subteam^${id}>`)]);
  return slack.broadcasts(asPosted(message)).some(({ token }) => tokens.has(token));
}
