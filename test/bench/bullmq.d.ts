// What the benchmark uses of BullMQ, so that types can be checked where it is not installed.

declare module "bullmq" {
  type Options = { readonly connection: import("ioredis").Redis };
  type Job = {
    readonly name: string;
    readonly data: object;
    readonly opts: { readonly delay: number };
  };
  type Kept = { readonly count: number };
  type WorkerOptions = Options & {
    readonly concurrency: number;
    readonly removeOnComplete: Kept;
    readonly removeOnFail: Kept;
  };

  export class Queue {
    constructor(name: string, options: Options);
    add(name: string, data: object, options: Job["opts"]): Promise<unknown>;
    addBulk(jobs: readonly Job[]): Promise<unknown>;
  }

  export class Worker<Data = unknown> {
    constructor(
      name: string,
      work: (job: { readonly data: Data }) => Promise<void>,
      options: WorkerOptions,
    );
    close(): Promise<void>;
  }
}
