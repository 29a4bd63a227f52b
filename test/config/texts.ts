// Policy files that the tests begin with.

/** The least that is valid. Its last line belongs to its only rule, so that keys can be added. */
export const MINIMAL = `channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
rules:
  - name: all
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    networks: [my-ip]
`;

/** Every key, as the design writes it down. */
export const DESIGNED = `
azure:
  cloud: public                      # public | usgov | china; default public
  subscriptions: []                  # none given: every one that the identity can read
  managementGroups: []
channels: { notices: C0NOTICES }     # required: endings, warnings and alarms that have no channel of their own
notices: all                         # all (default): every end, too, by plain names so that nobody is pinged; exceptions: only what no card has told
admins: { users: [U0ADMIN], groups: [] }      # required, not empty
auditors: { users: [], groups: [] }
networks:                            # sources that people can name; IPv4 CIDR, or a list from which one is chosen
  vpn: 203.0.113.0/24
endEarly: initiate                   # initiate | nsg-rule | off
limits: { openPerPerson: 10, pendingPerPerson: 10, vmsPerRequest: 20, asksPerMinute: 10 }
breaker: { opensPerMinute: 60 }      # more than that: frozen, and the admins are told; default none
bundles:                             # VMs that are asked for together
  shop: { vms: [], resourceGroups: [rg-shop], tags: {} }
onCall:                              # who is on call, by name; tokens come from the environment
  payments: { pagerduty: { schedules: [PABC123] } }
  platform: { incidentIo: { schedules: [01HABC] } }
  database: { calendar: "https://calendar.example.com/oncall.ics" }   # iCalendar: Opsgenie, Grafana, Google, …; or a file
people: { byEmail: true, map: {} }   # how somebody on call is found in Slack: verified address, or address → Slack id
myIp: { trustedProxies: [], header: x-forwarded-for, rememberFor: 12h }
privacy: { hideOnCard: [] }          # source, reason
audit:
  keepFor: 400d                      # at least 30d
  stream: []                         # - { syslog: "tls://siem:6514", format: rfc5424 }   (tcp:// too; format cef too); each entry carries its number, seq
                                     # - https: https://siem/ingest      (JSON lines, signed with AUDIT_STREAM_KEY)
                                     # - azureMonitor: { endpoint: …, ruleId: …, stream: … }
watch: { every: 1m }                 # openings and changes behind the bot's back; off: not watched
rules:                               # the first rule that matches decides; no match: refused
  - name: production                 # required, unique
    match:                           # every key given must match; values may be globs, any case; key left out = everything; an empty list is a fault
      tags: { env: prod }
      resourceGroups: ["rg-prod-*"]
      ports: [22, 3389]              # also: subscriptions, vms
      hours: []                      # - { days: mon-fri, from: "08:00", to: "18:00", zone: Europe/Zurich }
    requesters: anyone               # required: anyone (any full member of the workspace) | { users: [], groups: [] }
    approvers: { users: [U0LEAD], groups: [S0ONCALL], onCall: [] }   # required and not empty unless approvals is 0
    autoApprove: { users: [], groups: [], onCall: [] }   # whoever of these asks needs no approval; default nobody
    start: approval                  # approval (default) | requester: the clock starts when they press Open
    keepFor: 8h                      # how long an approval that waits is good
    delegation: false                # may approvers name somebody for while they are away
    channel: C0PROD                  # required unless approvals is 0: where the card goes
    approvals: 1                     # distinct people; 0: automatic; default 1
    defaultDuration: 1h              # default 1h
    maxDuration: 4h                  # default 3h; the VM's own policy bounds it further
    networks: [vpn, my-ip]           # required: allowed sources, the first is the default; names, CIDRs, my-ip, any
    reason: required                 # required | optional; default required
    expireAfter: 1h                  # undecided by then: expired (not denied); default 4h; lapseAfter, the old name, is read with a warning
    remindAfter: 15m                 # default none
    escalate: { after: 30m, to: { users: [], groups: [] } }
    warnBefore: 10m                  # default 10m; never more than a third of the grant
    extend: { max: 1, approvals: 1 } # default: none
    breakGlass: { users: [], groups: [] }   # default: nobody. May open at once; everybody is told; a review must be closed
`;
