// All that is kept for one workspace, a port for each thing. Flows name the ones they use.

import type { Announcements } from "./announcements.ts";
import type { AuditNotes } from "./audit.ts";
import type { EndAlls } from "./brake/end-alls.ts";
import type { Freezes } from "./brake/freezes.ts";
import type { CallKeys } from "./call-keys.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Leases } from "./leases.ts";
import type { Notices } from "./notices.ts";
import type { Absences } from "./people/absences.ts";
import type { HomeReaders } from "./people/home-readers.ts";
import type { PeopleChanges } from "./people/people-changes.ts";
import type { PolicyReports } from "./policies/policy-reports.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { Requests } from "./requests.ts";
import type { Primary, StoreClock } from "./store-server.ts";
import type { WorkQueue } from "./work-queue.ts";

export type Storage = {
  readonly requests: Requests;
  readonly workQueue: WorkQueue;
  readonly leases: Leases;
  readonly deadLetters: DeadLetters;
  readonly notices: Notices;
  readonly deliveries: Deliveries;
  readonly rateLimits: RateLimits;
  readonly auditNotes: AuditNotes;
  readonly announcements: Announcements;
  readonly policyReports: PolicyReports;
  readonly peopleChanges: PeopleChanges;
  readonly homeReaders: HomeReaders;
  readonly absences: Absences;
  readonly freezes: Freezes;
  readonly endAlls: EndAlls;
  readonly callKeys: CallKeys;
  readonly storeClock: StoreClock;
  readonly primary: Primary;
};
