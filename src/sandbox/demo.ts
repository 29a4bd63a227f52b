// `npm run demo`: the real bot against a simulated Slack, in the browser, and a simulated Azure.

import { botReady, type Demo, startDemo } from "./assembly/demo-parts.ts";
import { demoCast } from "./demo/cast.ts";
import { playTranscript } from "./demo/transcript.ts";
import { createPage } from "./page/page-server.ts";

const PORT_DEFAULT = 4_000;
const PORTS_TRIED = 20;

const say = (text: string) => process.stdout.write(`${text}\n`);

/** A test puts another program in the bot's place. */
const { DEMO_BOT_ENTRY: entry, DEMO_PORT: port } = process.env;
const botEntry = entry ? { botEntry: new URL(entry, "file:") } : {};

async function showPage(): Promise<void> {
  const page = createPage();
  const demo = await onFreePort((free) =>
    startDemo({ port: free, page: page.listener, ...botEntry }),
  );
  let isStopping = false;
  const stop = (signal: string): void => {
    if (isStopping) return;
    isStopping = true;
    say(`${signal === "SIGINT" ? "\n" : ""}Stopping the bot, the servers and Redis.`);
    page.close();
    void demo.close().then(() => process.exit(0));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  try {
    await Promise.all([demoCast().then((cast) => page.show(demo, cast)), botReady(demo)]);
  } catch (error) {
    if (isStopping) return;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    page.close();
    await demo.close();
    process.exit(1);
  }
  say(welcome(demo));
}

async function onFreePort(start: (port: number) => Promise<Demo>): Promise<Demo> {
  const wanted = Number(port ?? PORT_DEFAULT);
  for (let tried = wanted; ; tried += 1) {
    try {
      return await start(tried);
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (!isTaken || tried >= wanted + PORTS_TRIED) throw error;
    }
  }
}

const welcome = ({ slack }: Demo): string => `
  Demo running at  ${slack.origin.replace("127.0.0.1", "localhost")}

  Three things to try:
  1. As Erin, type   /jit request bundle:shop 1h for the outage of the shop
     In #prod-access approve three of them as Lea (Approve with changes), and watch the
     ports open in the Azure view beside it. As Ada, type   /jit end all
  2. As Erin, type   /jit request vm-01 3389 1h at tomorrow 9:00 for the monthly updates
     Approve it as Lea: it's Ready. Jump ahead by the hour, and it opens by itself.
  3. As Ada, type   /jit freeze for a leaked key   and request and approve something:
     it waits until   /jit unfreeze
  The guided tour, on top of the page, plays a request from beginning to end, and then
  all that can go wrong: the cards stay true.

  Press Ctrl-C to stop.
`;

const [option, ...rest] = process.argv.slice(2);
if (option === undefined) await showPage();
else if (option === "--transcript" && rest.length === 0) {
  process.exitCode = await playTranscript(say, botEntry);
} else {
  process.stderr.write("Usage: npm run demo [-- --transcript]\n");
  process.exitCode = 2;
}
