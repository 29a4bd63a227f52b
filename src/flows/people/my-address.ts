// What is known of the address that somebody connects from, and the private links by which they show it.

import { formatCommand } from "../../domain/command/command.ts";
import { renamed } from "../../domain/command/several-vms.ts";
import type { RequestCommand } from "../../domain/command/verbs/request-verb.ts";
import type { VmRef } from "../../domain/command/vm-ref.ts";
import { MY_IP, type MyAddress } from "../../domain/rules/requested-source.ts";
import { formatDuration, MINUTE_MS } from "../../domain/text/duration.ts";
import type { UserId } from "../../domain/text/ids.ts";
import { type Words, words } from "../../domain/text/words.ts";
import { isFault } from "../../ports/fault.ts";
import type { Sender } from "../../ports/inbound.ts";
import type { Beside } from "../../ports/storage/people/proofs.ts";
import type { Deps, Page } from "../deps.ts";

type Needs = Pick<Deps, "random" | "policy" | "page">;

/** Long enough to open it on another machine, short enough that a lost one is soon worth nothing. */
const LINK_LIFE_MS = 10 * MINUTE_MS;
/** 256 bits: nobody guesses one. */
const SECRET_BYTES = 32;

/** `lastsMs`: it has to be remembered for that much longer. */
export async function myAddressOf(
  { page, policy }: Pick<Deps, "page" | "policy">,
  user: UserId,
  lastsMs = 0,
): Promise<MyAddress> {
  if (page === undefined) return { address: undefined, provable: false };
  const withinMs = policy().myIp.rememberForMs - lastsMs;
  const address = withinMs > 0 ? await page.proofs.addressOf(user, withinMs) : undefined;
  return { address, provable: true };
}

type Linked = {
  readonly sender: Pick<Sender, "user" | "channel">;
  readonly ask: RequestCommand | undefined;
  readonly beside?: Beside;
};

/** A link for this person alone; without `ask` it only has the address looked at again. */
async function linkFor(
  { random }: Needs,
  { publicUrl, proofs }: Page,
  { sender, ask, beside }: Linked,
): Promise<string> {
  const secret = Buffer.from(random.bytes(SECRET_BYTES)).toString("base64url");
  const { user, channel } = sender;
  const text = ask === undefined ? undefined : carried(ask);
  const about = ask && { ...beside, opensAtMs: ask.at?.exactMs };
  await proofs.keepDraft(secret, { user, channel, ask: text, beside: about }, LINK_LIFE_MS);
  return `${publicUrl}/my-ip/${secret}`;
}

/** A link by which they only show where they are now. */
export const proofLink = (deps: Needs, page: Page, user: UserId): Promise<string> =>
  linkFor(deps, page, { sender: { user, channel: undefined }, ask: undefined });

/** What the form chose by its id must not be looked for by its name. */
function carried({ vm, several, ...ask }: RequestCommand): string {
  const exact = (ref: VmRef) => ref.id ?? ref.typed;
  return formatCommand({
    ...ask,
    vm: vm && { ...vm, typed: exact(vm) },
    ...(several && { several: renamed(several, exact) }),
    source: MY_IP,
  });
}

/** Nothing is kept but the link; what is asked for goes on when it is pressed. */
export async function askedToProve(
  deps: Needs,
  page: Page,
  about: { sender: Sender; ask: RequestCommand; beside: Beside },
): Promise<readonly Words[]> {
  const link = await linkFor(deps, page, about);
  const lifetime = formatDuration(LINK_LIFE_MS);
  return [
    words`Nothing is requested yet: I need the address you connect from. Open ${{ link, says: "this page" }} on that machine and press its button; the request then continues by itself.`,
    words`Single use, expires in ${lifetime}, only for you. To copy it: ${{ code: link }}`,
  ];
}

/** Said beside a request from an address that was seen before; the request is kept by then. */
export async function renewal(
  deps: Needs,
  page: Page,
  { sender, address }: { sender: Sender; address: string },
): Promise<readonly Words[]> {
  const link = await linkFor(deps, page, { sender, ask: undefined }).catch((thrown: unknown) => {
    if (!isFault(thrown)) throw thrown;
    return undefined;
  });
  if (link === undefined) return [];
  const again = words`Your last known IP is ${{ code: address }}. Somewhere else now? Cancel this, ${{ link, says: "update your IP" }}, and request it again.`;
  return [again];
}
