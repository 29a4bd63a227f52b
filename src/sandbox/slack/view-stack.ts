// The modals and home tabs that are open, and what is in their inputs.

import { completeBlocks, elementsOf } from "./blocks/walk.ts";
import { initialValue } from "./inputs.ts";
import { asText, type Json, objectsIn } from "./json.ts";
import type { InputValues, OpenView, SlackWorkspace } from "./slack-workspace.ts";

export function openStack(world: SlackWorkspace, user: string): OpenView[] {
  return world.stacks.get(user) ?? [];
}

export function allViews(world: SlackWorkspace): OpenView[] {
  return [...[...world.stacks.values()].flat(), ...world.homes.values()];
}

export function findView(
  world: SlackWorkspace,
  wanted: { viewId?: string | undefined; externalId?: string | undefined },
): OpenView | undefined {
  return allViews(world).find(
    (one) =>
      (wanted.viewId !== undefined && one.id === wanted.viewId) ||
      (wanted.externalId !== undefined && one.view.external_id === wanted.externalId),
  );
}

/** Opens a modal as the only one (`root`), or on top of those that are open. */
export function openView(
  world: SlackWorkspace,
  user: string,
  view: Json,
  where: "root" | "top",
): OpenView {
  const below = where === "root" ? [] : openStack(world, user);
  const opened = createView(world, user, view, below.at(-1));
  world.stacks.set(user, [...below, opened]);
  tell(world, opened);
  return opened;
}

export function publishHome(world: SlackWorkspace, user: string, view: Json): OpenView {
  const home = world.homes.get(user);
  if (home) {
    replaceView(world, home, view);
    return home;
  }
  const created = createView(world, user, view, undefined);
  world.homes.set(user, created);
  tell(world, created);
  return created;
}

function createView(
  world: SlackWorkspace,
  user: string,
  view: Json,
  below: OpenView | undefined,
): OpenView {
  const id = world.nextId("V");
  const created: OpenView = {
    id,
    user,
    view: {},
    hash: "",
    values: {},
    rootId: below?.rootId ?? id,
    ...(below ? { previousId: below.id } : {}),
    errors: {},
    suggested: new Map(),
  };
  fill(world, created, view);
  return created;
}

/** Puts another view in its place; what was typed stays where block and action ids are the same. */
export function replaceView(world: SlackWorkspace, opened: OpenView, view: Json): void {
  fill(world, opened, view);
  opened.errors = {};
  tell(world, opened);
}

function fill(world: SlackWorkspace, opened: OpenView, view: Json): void {
  const blocks = completeBlocks(view.blocks, world.nextId);
  const before = opened.values;
  opened.view = { ...view, blocks };
  opened.values = initialValues(blocks);
  for (const [blockId, actions] of Object.entries(opened.values)) {
    for (const [actionId, value] of Object.entries(actions)) {
      const kept = before[blockId]?.[actionId];
      if (kept && kept.type === value.type) actions[actionId] = kept;
    }
  }
  opened.hash = `${world.nextTs()}.${opened.id}`;
}

/** What stands in the inputs before anybody has touched them. */
export function initialValues(blocks: Json[]): InputValues {
  const values: InputValues = {};
  for (const { blockId, actionId, element } of elementsOf(blocks)) {
    const value = initialValue(element);
    if (value === undefined) continue;
    values[blockId] = { ...values[blockId], [actionId]: value };
  }
  return values;
}

/** Closes a modal and those on top of it; those beneath come to light again. */
export function closeDownTo(world: SlackWorkspace, opened: OpenView): void {
  const stack = openStack(world, opened.user);
  const left = stack.slice(0, stack.indexOf(opened));
  if (left.length > 0) world.stacks.set(opened.user, left);
  else world.stacks.delete(opened.user);
  tell(world, opened);
}

export function closeAll(world: SlackWorkspace, user: string): void {
  world.stacks.delete(user);
  world.changes.tell({ kind: "view", user });
}

export function tell(world: SlackWorkspace, opened: OpenView): void {
  const kind = opened.view.type === "home" ? "home" : "view";
  world.changes.tell({ kind, user: opened.user });
}

/** The view as Slack's API and payloads write it. */
export function wireView(world: SlackWorkspace, opened: OpenView): Json {
  const { view } = opened;
  return {
    id: opened.id,
    team_id: world.team.id,
    type: view.type,
    blocks: objectsIn(view.blocks),
    private_metadata: asText(view.private_metadata) ?? "",
    callback_id: asText(view.callback_id) ?? "",
    state: { values: opened.values },
    hash: opened.hash,
    title: view.title ?? { type: "plain_text", text: "View Title", emoji: true },
    clear_on_close: view.clear_on_close ?? false,
    notify_on_close: view.notify_on_close ?? false,
    close: view.close ?? null,
    submit: view.submit ?? null,
    previous_view_id: opened.previousId ?? null,
    root_view_id: opened.rootId,
    app_id: world.bot.appId,
    external_id: asText(view.external_id) ?? "",
    app_installed_team_id: world.team.id,
    bot_id: world.bot.botId,
  };
}
