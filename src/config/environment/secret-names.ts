// The variables whose values may lie in files.

/** Every variable that holds a secret, or may hold one. */
export const SECRETS = [
  "SLACK_BOT_TOKEN",
  "SLACK_APP_TOKEN",
  "SLACK_SIGNING_SECRET",
  "REDIS_URL",
  "AUDIT_KEY",
  "AUDIT_KEYS_BEFORE",
  "AUDIT_STREAM_KEY",
  "PAGERDUTY_TOKEN",
  "INCIDENTIO_TOKEN",
  "AZURE_CLIENT_SECRET",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
] as const;
