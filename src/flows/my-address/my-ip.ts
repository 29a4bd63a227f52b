// The page behind a `from my-ip` link: it sees somebody's address, and carries on with what they asked for.

import { formatCommand, parseTyped } from "../../domain/command/command.ts";
import { renamed } from "../../domain/command/several-vms.ts";
import type { RequestCommand } from "../../domain/command/verbs/request-verb.ts";
import type { VmRef } from "../../domain/command/vm-ref.ts";
import { type ClientAddress, noAddressToUse } from "../../domain/network/client-address.ts";
import { nameIn } from "../../domain/rules/ask.ts";
import { MY_IP } from "../../domain/rules/requested-source.ts";
import type { UserId } from "../../domain/text/ids.ts";
import { isRefusal } from "../../domain/text/refusal.ts";
import { type Words, words } from "../../domain/text/words.ts";
import { isFault } from "../../ports/fault.ts";
import type { AddressPage, AddressView, Sender } from "../../ports/inbound.ts";
import type { Draft, FoundDraft } from "../../ports/storage/people/proofs.ts";
import { recordRefusal } from "../answering/answering.ts";
import { faultWords } from "../answering/fault-words.ts";
import { noticing } from "../answering/one-act.ts";
import type { Deps } from "../deps.ts";
import { SHOWING_AGE_MS } from "../people/people.ts";
import { askedWords, hadWords, severalWords } from "../requests/asking/asked-words.ts";
import { submit } from "../requests/asking/submit.ts";
import { asksForSeveral, submitSeveral } from "../requests/asking/submit-several.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "freezes"
  | "requests"
  | "deliveries"
  | "rateLimits"
  | "auditNotes"
  | "storeClock"
  | "azure"
  | "chat"
  | "onCall"
  | "clock"
  | "random"
  | "log"
  | "policy"
  | "page"
  | "limits"
  | "onCommitted"
>;

/** Of 32 bytes, as they stand in the link. */
const SECRET = /^[\w-]{43}$/;

/** It knows only the person the link is for: anyone else who opens it requests in that person's name. */
export function addressPage(deps: Needs): AddressPage {
  const found = async (
    secret: string,
    how: "readDraft" | "takeDraft",
  ): Promise<FoundDraft | undefined> =>
    SECRET.test(secret) ? deps.page?.proofs[how](secret) : undefined;

  return {
    async look(secret, address) {
      const link = await found(secret, "readDraft");
      if (link === undefined) return { page: "unknown" };
      if (link.state !== "waiting") return { page: link.state };
      const refusal = noAddressToUse(address);
      if (refusal !== undefined) return { page: "refused", say: refusal };
      const { user, ask } = link.draft;
      return { page: "waiting", name: await nameOf(deps, user), ask: ask && inShort(ask) };
    },
    async press(secret, address) {
      const refusal = noAddressToUse(address);
      if (refusal !== undefined) return { page: "refused", say: refusal };
      const link = await found(secret, "takeDraft");
      if (link === undefined) return { page: "unknown" };
      if (link.state !== "waiting") return { page: link.state };
      return carriedOn(deps, { secret, address, draft: link.draft });
    },
  };
}

type Pressed = {
  readonly secret: string;
  readonly address: ClientAddress;
  readonly draft: Draft;
};

async function carriedOn(deps: Needs, { secret, address, draft }: Pressed): Promise<AddressView> {
  const { user } = draft;
  const { noticed, hasCommitted } = noticing(deps);
  let isAddressKept = false;
  try {
    const { rememberForMs } = deps.policy().myIp;
    if (!("ipv4" in address)) throw new Error("an address that can't be used was pressed");
    await deps.page?.proofs.keepAddress(user, address.ipv4, rememberForMs);
    isAddressKept = true;
    deps.log.info({ user }, "somebody's address was seen");
    return { page: "done", lines: await asked(noticed, secret, draft) };
  } catch (thrown) {
    // Nothing came of it; or it did, and the same delivery has no second effect.
    const isValid = await deps.page?.proofs.giveBackDraft(secret).then(
      () => true,
      () => false,
    );
    if (!isFault(thrown)) throw thrown;
    deps.log.warn({ user, source: thrown.source, code: thrown.code }, "an ask couldn't go on");
    const say = faultWords(thrown, { hasCommitted: isAddressKept || hasCommitted() });
    return { page: "again", say, isValid: isValid === true };
  }
}

/** What comes of it: told on the page, and a refusal in Slack, too: the page may be on another machine. */
async function asked(deps: Needs, secret: string, draft: Draft): Promise<readonly Words[]> {
  const { user, channel, ask, beside = {} } = draft;
  const { isAllOrNone = false, notTwice = false, opensAtMs: exactMs } = beside;
  if (ask === undefined) return [RENEWED];
  const sender: Sender = { user, channel, outsider: false, delivery: `my-ip:${secret}` };
  const read = parseTyped(ask);
  const isTimed = !isRefusal(read) && isAsk(read) && read.at !== undefined;
  const command = isTimed ? { ...read, at: { ...read.at, exactMs } } : read;
  const submitted =
    isRefusal(command) || !isAsk(command)
      ? command
      : asksForSeveral(command)
        ? await submitSeveral(deps, sender, command, { isAllOrNone, notTwice })
        : await submit(deps, sender, command, { isSeen: true, notTwice });
  if (submitted === "repeated") return [REPEATED];
  if ("batches" in submitted) return severalWords(submitted);
  if ("request" in submitted) return askedWords(submitted);
  if ("had" in submitted) return [hadWords(submitted.had)];
  if (!isRefusal(submitted)) throw new Error("a link carried something that isn't a request");
  await recordRefusal(deps, sender, { about: ask.slice(0, 100) }, submitted);
  await deps.chat.tell(user, submitted.say).catch((thrown: unknown) => {
    deps.log.warn({ user, err: thrown }, "a refusal couldn't be told in Slack");
  });
  return [submitted.say];
}

/** What is asked for, without the reason: the holder of the link might not be the person it is for. */
function inShort(ask: string): string {
  const command = parseTyped(ask);
  if (isRefusal(command) || !isAsk(command)) return "";
  const { vm, several, ...rest } = command;
  return formatCommand({
    ...rest,
    vm: vm && { typed: vm.name, name: vm.name },
    ...(several && { several: renamed(several, shortName) }),
    reason: undefined,
  });
}

const shortName = ({ name, resourceGroup }: VmRef, all: readonly VmRef[]): string =>
  nameIn(
    name,
    resourceGroup,
    all.map((one) => one.name),
  );

const isAsk = (command: { readonly verb: string }): command is RequestCommand =>
  command.verb === "request" || command.verb === "breakglass";

const RENEWED: Words = words`The bot knows your address now. Continue in Slack: use ${{ code: `from ${MY_IP}` }}.`;
const REPEATED: Words = words`This was already requested: ${{ code: "/jit list" }} in Slack shows it.`;

/** So that anyone who opens somebody else's link sees whose request it is. */
async function nameOf(deps: Needs, user: UserId): Promise<string> {
  const person = await deps.chat.person(user, SHOWING_AGE_MS).catch(() => undefined);
  return person?.name ?? user;
}
