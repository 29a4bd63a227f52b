// The views methods: modals and home tabs.

import { faultsOfView } from "../blocks/layout-rules.ts";
import { asText, type Json } from "../json.ts";
import type { OpenView, SlackWorkspace } from "../slack-workspace.ts";
import {
  allViews,
  findView,
  openStack,
  openView,
  publishHome,
  replaceView,
  wireView,
} from "../view-stack.ts";
import {
  ApiFault,
  type Args,
  type Handler,
  invalidArguments,
  objectArgument,
  optional,
  required,
  type Surroundings,
} from "./call.ts";

const VIEW_MAX_BYTES = 250_000;
const STACK_MAX = 3;

export const viewsOpen: Handler = (world, args, around) => {
  const view = readView(world, args, "modal");
  const { user } = takeTrigger(args, around);
  return { view: wireView(world, openView(world, user, view, "root")) };
};

export const viewsPush: Handler = (world, args, around) => {
  const view = readView(world, args, "modal");
  const { user, viewId } = takeTrigger(args, around);
  const stack = openStack(world, user);
  if (viewId === undefined || !stack.some((one) => one.id === viewId)) {
    throw new ApiFault("not_found");
  }
  if (stack.length >= STACK_MAX) throw new ApiFault("push_limit_reached");
  return { view: wireView(world, openView(world, user, view, "top")) };
};

export const viewsUpdate: Handler = (world, args) => {
  const viewId = optional(args, "view_id");
  const externalId = optional(args, "external_id");
  if (viewId === undefined && externalId === undefined) {
    throw invalidArguments(["missing required field: view_id [json-pointer:/view_id]"]);
  }
  const opened = findView(world, { viewId, externalId });
  const kind = opened?.view.type === "home" ? "home" : "modal";
  const view = readView(world, args, kind, opened);
  if (!opened) throw new ApiFault("not_found");
  refuseStale(args, opened);
  replaceView(world, opened, view);
  return { view: wireView(world, opened) };
};

export const viewsPublish: Handler = (world, args) => {
  const user = required(args, "user_id");
  if (!world.users.has(user)) {
    throw invalidArguments(["user not found [json-pointer:/user_id]"]);
  }
  const before = world.homes.get(user);
  const view = readView(world, args, "home", before);
  if (before) refuseStale(args, before);
  return { view: wireView(world, publishHome(world, user, view)) };
};

function refuseStale(args: Args, opened: OpenView): void {
  const hash = optional(args, "hash");
  if (hash !== undefined && hash !== opened.hash) throw new ApiFault("hash_conflict");
}

function takeTrigger(args: Args, around: Surroundings): { user: string; viewId?: string } {
  const outcome = around.takeTrigger(required(args, "trigger_id"));
  if (outcome === "unknown") throw new ApiFault("invalid_trigger_id");
  if (outcome === "expired") throw new ApiFault("expired_trigger_id");
  if (outcome === "used") throw new ApiFault("exchanged_trigger_id");
  return outcome;
}

function readView(world: SlackWorkspace, args: Args, kind: "modal" | "home", own?: OpenView): Json {
  const view = objectArgument(args, "view");
  refuseView(world, view, kind, own);
  return view;
}

/** Throws what Slack answers to a view that it doesn't take. */
export function refuseView(
  world: SlackWorkspace,
  view: Json,
  kind: "modal" | "home",
  own?: OpenView | undefined,
): void {
  if (Buffer.byteLength(JSON.stringify(view)) > VIEW_MAX_BYTES) {
    throw new ApiFault("view_too_large");
  }
  const faults = faultsOfView(view, kind);
  if (faults.length > 0) throw invalidArguments(faults);
  const externalId = asText(view.external_id);
  if (!externalId) return;
  const taken = allViews(world).some((one) => one !== own && one.view.external_id === externalId);
  if (taken) throw new ApiFault("duplicate_external_id");
}
