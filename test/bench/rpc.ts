// Questions and answers between the benchmark and the processes that it forks.

import type { ChildProcess } from "node:child_process";

type Question = { readonly id: number; readonly ask: string; readonly with: unknown };
type Reply = { readonly id: number; readonly value?: unknown; readonly failed?: string };

/** In the child: answers the questions of the process that forked it; ends when that is gone. */
export function answer(asked: Readonly<Record<string, (input: never) => unknown>>): void {
  process.on("disconnect", () => process.exit(0));
  process.on("message", async (message) => {
    const { id, ask, with: input } = message as Question;
    const reply = await Promise.resolve()
      .then(() => asked[ask]?.(input as never))
      .then((value): Reply => ({ id, value }))
      .catch((thrown: unknown): Reply => ({ id, failed: String(thrown) }));
    process.send?.(reply);
  });
}

let asked = 0;

/** In the parent: resolves with the child's answer, as its type is known to whoever asks. */
export function ask<Answer>(child: ChildProcess, question: string, input?: unknown) {
  asked += 1;
  const id = asked;
  // As many as there are questions that wait for their answers.
  child.setMaxListeners(0);
  return new Promise<Answer>((resolve, reject) => {
    const done = () => {
      child.off("message", onMessage);
      child.off("exit", onExit);
    };
    const onMessage = (message: unknown) => {
      const reply = message as Reply;
      if (reply.id !== id) return;
      done();
      if (reply.failed === undefined) resolve(reply.value as Answer);
      else reject(new Error(`${question}: ${reply.failed}`));
    };
    const onExit = () => {
      done();
      reject(new Error(`The process ended before it answered ${question}.`));
    };
    child.on("message", onMessage);
    child.once("exit", onExit);
    child.send({ id, ask: question, with: input } satisfies Question);
  });
}
