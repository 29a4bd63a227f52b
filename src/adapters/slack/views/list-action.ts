// The buttons that belong to no request: turning a page, asking for access, changing JIT policies.

/** Two, because Slack takes each action id once in a row of buttons. */
export const LIST_MORE_ACTION = "jit.list.more";
export const LIST_BACK_ACTION = "jit.list.back";
export const ASK_ACTION = "jit.ask";
export const APPLY_ACTION = "jit.apply";
export const DROP_ACTION = "jit.drop";
export const REQUEUE_ACTION = "jit.requeue.aside";
export const AUDIT_CSV_ACTION = "jit.audit.csv";
export const AUDIT_JSONL_ACTION = "jit.audit.jsonl";

const PAGE_MAX = 1_000;

/** What `<page> <what the list was asked for with>` says; `undefined` for what we can't have made. */
export function decodePage(
  value: string,
): { readonly page: number; readonly asked: string } | undefined {
  const [, page, asked] = /^(\d{1,4}) (\S.{0,500})$/.exec(value) ?? [];
  if (page === undefined || asked === undefined || Number(page) > PAGE_MAX) return undefined;
  return { page: Number(page), asked };
}
