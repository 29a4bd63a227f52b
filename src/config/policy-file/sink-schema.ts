// Who gets a copy of the audit: one key of `audit.stream` as it is written, and what is wrong with its address.

import { z } from "zod";
import type { AuditSink } from "../../domain/rules/policy.ts";
import { shown } from "../config-fault.ts";
import { isLoopback } from "../loopback.ts";

/** Each is sent every entry by one replica. */
export const SINKS_MAX = 10;
export const SINK_EXAMPLE = { syslog: "tls://siem.example.com:6514", format: "rfc5424" };

/** RFC 5425, section 4.1; for plain TCP there is none that all agree on. */
const SYSLOG_TLS_PORT = "6514";

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])$/;

type Url = { readonly host: string; readonly port: string; readonly url: URL };

type Shape = {
  readonly protocols: readonly string[];
  readonly example: string;
  /** Whether there may be more than host and port. */
  readonly hasPath: boolean;
  /** Why no other protocol will do. */
  readonly why?: string;
  /** The hosts that there are; left out: any. */
  readonly hosts?: RegExp;
};

function readUrl(text: string, shape: Shape): Url | { readonly fault: string } {
  const { protocols, example, hasPath, why, hosts } = shape;
  const like = `write it like ${example}`;
  const url = URL.parse(text);
  if (url === null || !protocols.includes(url.protocol) || !HOST.test(url.hostname)) {
    const kinds = protocols.map((one) => `${one}//`).join(" or ");
    const reason = why === undefined ? "" : ` (${why})`;
    // Of an address with a path, nothing is shown: it may be secret.
    const it = hasPath ? "This" : shown(text);
    return { fault: `${it} isn't an address that begins with ${kinds}: ${like}${reason}.` };
  }
  if (url.username !== "" || url.password !== "" || text.includes("@")) {
    // Not shown: it is a secret in the wrong place.
    return { fault: `This address has a user name or password in it: ${like}.` };
  }
  if (/[?#]/.test(text)) return { fault: `This address has a part after ? or #: ${like}.` };
  if (!hasPath && !/^\/?$/.test(url.pathname)) {
    return { fault: `${shown(text)} has a path: ${like}.` };
  }
  if (hosts !== undefined && !hosts.test(url.hostname) && !isLoopback(url)) {
    return { fault: `${shown(text)} isn't Azure's: the bot's token goes there, so ${like}.` };
  }
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: url.port, url };
}

const SYSLOG: Shape = {
  protocols: ["tls:", "tcp:"],
  example: "tls://siem.example.com:6514",
  hasPath: false,
  why: "over UDP entries would get lost",
};

const Syslog = z
  .string()
  .meta({
    description: "A syslog receiver: tls:// (RFC 5425) or tcp:// (RFC 6587), with its port.",
    examples: [SYSLOG.example, "tcp://127.0.0.1:601"],
    pattern: "^(?:[tT][lL][sS]|[tT][cC][pP])://[^/?#@\\s]+/?$",
  })
  .transform((text, context) => {
    const read = readUrl(text, SYSLOG);
    if ("fault" in read) {
      context.addIssue(read.fault);
      return z.NEVER;
    }
    const isTls = read.url.protocol === "tls:";
    const port = Number(read.port || (isTls ? SYSLOG_TLS_PORT : ""));
    if (port === 0) {
      context.addIssue(`${shown(text)} has no port: write it like tcp://127.0.0.1:601.`);
      return z.NEVER;
    }
    return { host: read.host, port, isTls };
  });

const ANY_URL = "^[hH][tT][tT][pP][sS]://[^?#@\\s]+$";
/** Of data collection endpoints and rules, in the clouds; and this machine, for a simulator. */
const INGESTION = /\.ingest\.monitor\.azure\.(?:com|us|cn)$/;
const AZURE_URL =
  "^[hH][tT][tT][pP][sS]://(?:[A-Za-z0-9.-]+\\.ingest\\.monitor\\.azure\\.(?:com|us|cn)|localhost|127\\.0\\.0\\.1|\\[::1\\])(?::\\d{1,5})?/?$";

const httpsUrl = (description: string, shape: Omit<Shape, "protocols">) =>
  z
    .string()
    .meta({
      description,
      examples: [shape.example],
      pattern: shape.hosts === undefined ? ANY_URL : AZURE_URL,
    })
    .transform((text, context) => {
      const read = readUrl(text, { ...shape, protocols: ["https:"] });
      if (!("fault" in read)) return read.url.href.replace(/\/+$/, "");
      context.addIssue(read.fault);
      return z.NEVER;
    });

const AzureMonitor = z
  .strictObject({
    endpoint: httpsUrl("The logs ingestion endpoint of a data collection endpoint or rule.", {
      example: "https://jit-a1b2.westeurope-1.ingest.monitor.azure.com",
      hasPath: false,
      hosts: INGESTION,
    }),
    ruleId: z
      .string()
      .meta({
        description: "The data collection rule's immutable ID.",
        examples: ["dcr-00000000000000000000000000000000"],
        pattern: "^dcr-[A-Za-z0-9-]{1,80}$",
      })
      .refine((text) => /^dcr-[A-Za-z0-9-]{1,80}$/.test(text), {
        error: ({ input }) =>
          `${shown(input)} isn't a data collection rule's immutable ID: copy it from the rule's JSON view, such as dcr-00000000000000000000000000000000.`,
      }),
    stream: z
      .string()
      .meta({
        description: "The stream that the rule declares.",
        examples: ["Custom-JitAudit_CL"],
        pattern: "^[A-Za-z0-9_-]{1,100}$",
      })
      .refine((text) => /^[A-Za-z0-9_-]{1,100}$/.test(text), {
        error: ({ input }) =>
          `${shown(input)} isn't a stream's name: write the one that the rule declares, such as Custom-JitAudit_CL.`,
      }),
  })
  .meta({
    description: "A table of Azure Monitor, by its Logs Ingestion API and the bot's identity.",
  });

const KINDS = ["syslog", "https", "azureMonitor"] as const;

export const Sink = z
  .strictObject({
    syslog: Syslog.optional(),
    format: z
      .enum(["rfc5424", "cef"])
      .describe("What a syslog message holds: JSON, or CEF; left out: rfc5424.")
      .optional(),
    https: httpsUrl("Gets JSON lines by POST, signed with AUDIT_STREAM_KEY.", {
      example: "https://siem.example.com/ingest",
      hasPath: true,
      why: "entries aren't sent in the clear",
    }).optional(),
    azureMonitor: AzureMonitor.optional(),
  })
  .meta({
    examples: [SINK_EXAMPLE],
    oneOf: [
      { required: ["syslog"] },
      ...KINDS.slice(1).map((kind) => ({ required: [kind], not: { required: ["format"] } })),
    ],
  })
  .transform((file, context): AuditSink => {
    const { syslog, format, https, azureMonitor } = file;
    const fault = mixed(file);
    if (fault !== undefined) context.addIssue(fault);
    else if (syslog !== undefined)
      return { kind: "syslog", ...syslog, format: format ?? "rfc5424" };
    else if (https !== undefined) return { kind: "https", url: https };
    else if (azureMonitor !== undefined) return { kind: "azure-monitor", ...azureMonitor };
    return z.NEVER;
  });

function mixed(file: Readonly<Record<string, unknown>>): string | undefined {
  const given = KINDS.filter((kind) => file[kind] !== undefined);
  if (given.length === 0) {
    return "This says nowhere to send entries: give syslog, https or azureMonitor.";
  }
  if (given.length > 1) {
    return `This has ${given.join(" and ")}: write each as an entry of its own in the list.`;
  }
  if (file.format !== undefined && file.syslog === undefined) {
    return "format goes with syslog only: remove it here.";
  }
  return undefined;
}
