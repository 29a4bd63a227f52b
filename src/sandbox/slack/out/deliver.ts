// Delivers what happens in Slack to the app, over HTTP or Socket Mode, and keeps a record of it.

import { randomUUID } from "node:crypto";
import { asText, textAt } from "../json.ts";
import type { SlackWorkspace } from "../slack-workspace.ts";
import { post, type SignedRequest, type Signer, signedParcel } from "./http.ts";
import type { Answer, Delivery, DeliveryOptions, Parcel, Retry } from "./parcel.ts";
import type { Sockets } from "./sockets.ts";

export type Addresses = {
  eventsUrl?: string | undefined;
  /** Where suggestions for external selects are asked for; default: the events URL. */
  optionsUrl?: string | undefined;
  socketMode: boolean;
};

export type Post = {
  world: SlackWorkspace;
  sockets: Sockets;
  signer: Signer;
  addresses: Addresses;
  ackTimeoutMs: number;
  deliveries: Delivery[];
};

/** The first sending, and those of the duplicates. */
export type Sent = { ack: Delivery; copies: Delivery[] };

/** Sends a parcel and its duplicates. Never throws: what goes wrong is in the record. */
export async function deliver(
  mail: Post,
  parcel: Parcel,
  options: DeliveryOptions = {},
  retry?: Retry,
): Promise<Sent> {
  const send = sender(mail, parcel, options, retry);
  const one = async (copy: number): Promise<Delivery> => {
    const atMs = mail.world.nowMs();
    const answer = await send();
    const over = mail.addresses.socketMode ? "socket" : "http";
    const { kind, payload } = parcel;
    const about = { kind, type: typeOf(parcel), payload } as const;
    const noted = { atMs, ...about, over, retry: retry?.num ?? 0, copy } as const;
    const delivery: Delivery = { ...noted, ...answer };
    mail.deliveries.push(delivery);
    mail.world.changes.tell({ kind: "delivery" });
    return delivery;
  };
  const first = one(0);
  if (options.duplicateWhen === "after") await first;
  const copies = Array.from({ length: options.duplicate ?? 0 }, (_, index) => one(index + 1));
  return { ack: await first, copies: await Promise.all(copies) };
}

/** Prepares the bytes once, so that a duplicate is the very same request. */
function sender(
  mail: Post,
  parcel: Parcel,
  options: DeliveryOptions,
  retry: Retry | undefined,
): () => Promise<Answer> {
  const { addresses, sockets, signer, ackTimeoutMs: timeoutMs } = mail;
  if (addresses.socketMode) {
    const envelope = { id: randomUUID(), parcel, retry, timeoutMs };
    return () => sockets.send(envelope);
  }
  const { eventsUrl, optionsUrl = eventsUrl } = addresses;
  const url = parcel.kind === "options" ? optionsUrl : eventsUrl;
  const nowhere: Answer = { failure: "dispatch_failed", tookMs: 0, noRetry: false };
  if (url === undefined) return () => Promise.resolve(nowhere);
  const request = signedParcel(signer, parcel, options, retry);
  return () => post({ url, timeoutMs }, request);
}

/** Posts any bytes to the events URL, as they are. */
export async function deliverRaw(mail: Post, request: SignedRequest): Promise<Answer> {
  const url = mail.addresses.eventsUrl;
  if (url === undefined) return { failure: "dispatch_failed", tookMs: 0, noRetry: false };
  return post({ url, timeoutMs: mail.ackTimeoutMs }, request);
}

function typeOf({ payload }: Parcel): string {
  return (
    asText(payload.command) ?? textAt(payload, "event", "type") ?? asText(payload.type) ?? "unknown"
  );
}
