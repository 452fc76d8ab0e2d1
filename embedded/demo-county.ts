import { readFileSync } from 'node:fs';
import type { CampaignDraft } from '../domain/campaign.ts';
import type { Agency } from '../domain/roster.ts';
import { home } from '../home.ts';

/** How the robot of an agency behaves towards a task. */
export type Behaviour = 'prompt' | 'byReply' | 'late' | 'never' | 'asksExtension' | 'delegates' | 'bounces';

export interface DemoAgency extends Agency {
  readonly behaviour: Behaviour;
}

export interface DemoSupervisor {
  readonly name: string;
  /** Null for the supervising office and its township judicial offices (司法所). */
  readonly agency: string | null;
  readonly unit: string;
  /** Days as `YYYY-MM-DD`; every number begins with YANSHI, so none can be taken for a real certificate. */
  readonly certificate: { readonly no: string; readonly issued: string; readonly expires: string };
}

export interface CampaignTemplate extends CampaignDraft {
  readonly id: string;
}

/** The towns and departments are Huantai's; every person, number and address in it is invented. */
export interface DemoCounty {
  readonly county: { readonly id: string; readonly name: string; readonly shortName: string };
  readonly office: { readonly name: string; readonly person: string; readonly phone: string };
  readonly agencies: readonly DemoAgency[];
  readonly supervisors: readonly DemoSupervisor[];
  readonly templates: readonly CampaignTemplate[];
}

/** The demo county as it is seeded: 9 towns and subdistricts and 32 departments. */
export function demoCounty(): DemoCounty {
  const file = new URL('data/demo-county.json', home);
  return JSON.parse(readFileSync(file, 'utf8')) as DemoCounty;
}

/** The addresses that the embedded mailbox refuses: the primary contacts of agencies that bounce. */
export function bouncingAddresses({ agencies }: DemoCounty): readonly string[] {
  return agencies
    .filter((agency) => agency.behaviour === 'bounces')
    .flatMap((agency) => agency.contacts.filter((one) => one.role === 'primary').map((one) => one.email));
}

/** What is stored of an agency: without what only its robot knows. */
export function asAgency({ behaviour: _robot, ...agency }: DemoAgency): Agency {
  return agency;
}
