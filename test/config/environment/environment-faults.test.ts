// Every fault of the environment, as the person who starts the bot reads it.
// Of src/config/environment/environment.ts.

import { describe, expect, test } from "vitest";
import { readEnvironment } from "../../../src/config/environment/environment.ts";

const HTTP = {
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_SIGNING_SECRET: "5ec2e7",
  REDIS_URL: "redis://localhost",
};

function faultsOf(env: Record<string, string | undefined>): readonly string[] {
  const read = readEnvironment({ ...HTTP, ...env });
  return "faults" in read ? read.faults : [];
}

const REDIS_EXAMPLE = "set it like redis://localhost:6379 or rediss://:password@host:6380";
const BOT_TOKEN =
  "set it to the bot token (xoxb-…) under OAuth & Permissions in the app's settings";
const APP_TOKEN =
  "set it to the app-level token (xapp-…) under Basic Information in the app's settings";
const SIGNING_SECRET = "set it to the signing secret under Basic Information in the app's settings";

describe("a fault", () => {
  test.each<[Record<string, string | undefined>, ...string[]]>([
    [
      { SLACK_BOT_TOKEN: undefined, SLACK_SIGNING_SECRET: "", REDIS_URL: undefined },
      `SLACK_BOT_TOKEN isn't set: ${BOT_TOKEN}.`,
      `SLACK_SIGNING_SECRET isn't set: ${SIGNING_SECRET}, or set SLACK_APP_TOKEN for Socket Mode.`,
      `REDIS_URL isn't set: ${REDIS_EXAMPLE}.`,
    ],
    [{ SLACK_BOT_TOKEN: "xapp-1" }, `SLACK_BOT_TOKEN holds an app token: ${BOT_TOKEN}.`],
    [{ SLACK_BOT_TOKEN: "xoxp-1" }, `SLACK_BOT_TOKEN holds a user token: ${BOT_TOKEN}.`],
    [{ SLACK_BOT_TOKEN: "xoxe.xoxp-1" }, `SLACK_BOT_TOKEN holds a user token: ${BOT_TOKEN}.`],
    [
      { REDIS_WAIT_REPLICAS: "some" },
      "REDIS_WAIT_REPLICAS isn't a number of replicas: set it to 0 to 5, or leave it out.",
    ],
    [{ SLACK_BOT_TOKEN: "  " }, "SLACK_BOT_TOKEN is blank: set it, or leave it out."],
    [
      { SLACK_BOT_TOKEN: "xoxb-1\n" },
      "SLACK_BOT_TOKEN has spaces, line breaks or other characters that no secret has: copy it again.",
    ],
    [{ SLACK_BOT_TOKEN: '"xoxb-1"' }, "SLACK_BOT_TOKEN has quotes around it: set it without them."],
    [
      { SLACK_SIGNING_SECRET: "xoxb-1" },
      `SLACK_SIGNING_SECRET holds a bot token: ${SIGNING_SECRET}.`,
    ],
    // And not as well that the signing secret is missing: Socket Mode was meant.
    [
      { SLACK_APP_TOKEN: "xoxb-1", SLACK_SIGNING_SECRET: undefined },
      `SLACK_APP_TOKEN holds a bot token: ${APP_TOKEN}.`,
    ],
    [{ SLACK_APP_TOKEN: " " }, "SLACK_APP_TOKEN is blank: set it, or leave it out."],
    [
      { SLACK_API_URL: "slack.com" },
      "SLACK_API_URL isn't a URL that begins with https:// or http://: set it like " +
        "https://slack-gov.com/api/.",
    ],
    ...(
      [
        ["SLACK_API_URL", "https://slack-gov.com/api/"],
        ["PAGERDUTY_API_URL", "https://api.eu.pagerduty.com"],
        ["INCIDENTIO_API_URL", "https://api.incident.io"],
      ] as const
    ).map(([name, example]): [Record<string, string>, string] => [
      { [name]: "http://localhost.example.com/api/" },
      `${name} begins with http://, which would send a secret in the clear: set it like ${example}.`,
    ]),
    [
      { SLACK_API_URL: "https://u:p@slack.com/api/" },
      "SLACK_API_URL has a user name or password in it: set it without, like " +
        "https://slack-gov.com/api/.",
    ],
    [
      { REDIS_URL: "localhost:6379" },
      `REDIS_URL doesn't begin with redis:// or rediss://: ${REDIS_EXAMPLE}.`,
    ],
    [
      { REDIS_URL: "redis://:pa/ss@h" },
      `REDIS_URL isn't the address of a Redis: ${REDIS_EXAMPLE}, with characters such as / ? # @ , ` +
        "in the password percent-encoded.",
    ],
    [
      { REDIS_URL: "redis://h?db=1" },
      `REDIS_URL isn't the address of a Redis: ${REDIS_EXAMPLE}, with characters such as / ? # @ , ` +
        "in the password percent-encoded.",
    ],
    [
      { REDIS_URL: "redis://:50%@h" },
      "REDIS_URL has a user name or password that isn't percent-encoded: write % as %25.",
    ],
    [
      { REDIS_URL: "redis://h/main" },
      "REDIS_URL has a path that isn't the number of a database: end it with /0 or nothing.",
    ],
    [
      { REDIS_URL: "redis://a,redis://b" },
      "REDIS_URL names several servers: set REDIS_MODE to cluster or sentinel, or name one.",
    ],
    [
      { REDIS_URL: "redis://:a@a,redis://:b@b", REDIS_MODE: "cluster" },
      "REDIS_URL names servers that differ in more than host and port: give all of them the same " +
        "scheme, user name, password and database.",
    ],
    [
      { REDIS_URL: "redis://a,rediss://b", REDIS_MODE: "cluster" },
      "REDIS_URL names servers that differ in more than host and port: give all of them the same " +
        "scheme, user name, password and database.",
    ],
    [
      { REDIS_URL: "redis://a/1", REDIS_MODE: "cluster" },
      "REDIS_URL names a database, of which a cluster has only 0: leave it out.",
    ],
    [{ REDIS_MODE: "ring" }, "REDIS_MODE isn't known: set it to one of single, cluster, sentinel."],
    [
      { REDIS_MODE: "sentinel" },
      "REDIS_SENTINEL_NAME isn't set: set it to the name that the sentinels watch, such as mymaster.",
    ],
    [
      { REDIS_SENTINEL_NAME: "mymaster" },
      "REDIS_SENTINEL_NAME is set without REDIS_MODE=sentinel: set both or neither.",
    ],
    [
      { REDIS_AUTH: "aad" },
      "REDIS_AUTH isn't known: set it to entra, or leave it out for a password.",
    ],
    [
      { REDIS_AUTH: "entra", REDIS_URL: "redis://:p@h" },
      "REDIS_AUTH is entra, whose tokens need TLS: let REDIS_URL begin with rediss://.",
      "REDIS_URL has a password, which REDIS_AUTH=entra replaces: set one of the two.",
    ],
    [
      { AZURE_RESOURCE_MANAGER_URL: "http://localhost:4443" },
      "AZURE_RESOURCE_MANAGER_URL isn't a URL that begins with https://: set it like " +
        "https://management.azure.com (Azure's client sends its token over https only).",
    ],
    [
      { PUBLIC_URL: "jit.example.com" },
      "PUBLIC_URL isn't a URL that begins with https:// or http://: set it like " +
        "https://jit.example.com.",
    ],
    [
      { PUBLIC_URL: "https://jit.example.com/?a=1" },
      "PUBLIC_URL has a part after ? or #: set it without, like https://jit.example.com.",
    ],
    [
      { PORT: "http" },
      "PORT isn't a port: set it to a number from 0 to 65535, or leave it out for 3000.",
    ],
    [
      { METRICS_PORT: "65536" },
      "METRICS_PORT isn't a port: set it to a number from 0 to 65535, or leave it out for 9464.",
    ],
    [
      { PORT: "9464" },
      "METRICS_PORT is the same as PORT: set it to another port, or to 0 for none.",
    ],
    [
      { METRICS_HOST: "localhost" },
      "METRICS_HOST isn't an IP address: set it to one of this machine's, such as 127.0.0.1, or " +
        "leave it out for all.",
    ],
    [
      { LOG_LEVEL: "verbose" },
      "LOG_LEVEL isn't a level: set it to one of trace, debug, info, warn, error, fatal, silent.",
    ],
  ])("of %j is told in a sentence", (env, ...faults) => {
    expect(faultsOf(env)).toEqual(faults);
  });
});
