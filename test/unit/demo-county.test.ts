import { describe, expect, it } from 'vitest';
import { legalBases, publishedCalendar, standingChecklists } from '../../data/reference.ts';
import { calendarFaults } from '../../domain/calendar.ts';
import { checklistFaults } from '../../domain/checklist.ts';
import { deadline } from '../../domain/deadline.ts';
import { agencyFaults, sharedAddresses } from '../../domain/roster.ts';
import { asAgency, bouncingAddresses, demoCounty } from '../../embedded/demo-county.ts';

const county = demoCounty();
const lists = standingChecklists();

describe('The demo county', () => {
  it('has 9 towns and 32 departments, each fit for the roster', () => {
    expect(county.agencies.filter((one) => one.kind === 'town')).toHaveLength(9);
    expect(county.agencies.filter((one) => one.kind === 'department')).toHaveLength(32);
    expect(new Set(county.agencies.map((one) => one.id)).size).toBe(41);
    expect(county.agencies.flatMap((one) => agencyFaults(asAgency(one)))).toEqual([]);
    expect(sharedAddresses(county.agencies).size).toBe(0);
    expect(asAgency(county.agencies[0] as never)).not.toHaveProperty('behaviour');
  });

  it('reaches nobody real: every address ends in huantai.example', () => {
    for (const agency of county.agencies) {
      for (const { email } of agency.contacts)
        expect(email.endsWith(`@${agency.id}.huantai.example`)).toBe(true);
    }
  });

  it('has one agency without a contact and one whose mail bounces to its deputy', () => {
    expect(county.agencies.filter((one) => one.contacts.length === 0).map((one) => one.name)).toEqual([
      '县气象局',
    ]);
    expect(bouncingAddresses(county)).toEqual(['jingban@maqiao.huantai.example']);
    expect(county.agencies.find((one) => one.id === 'maqiao')?.contacts[1]?.role).toBe('deputy');
  });

  it('has every behaviour that the robots know', () => {
    expect(new Set(county.agencies.map((one) => one.behaviour))).toEqual(
      new Set(['prompt', 'byReply', 'late', 'never', 'asksExtension', 'delegates', 'bounces']),
    );
  });

  it('has twelve supervisors of the office, and two of their own in most agencies', () => {
    const own = county.supervisors.filter((one) => one.agency !== null);
    expect(county.supervisors.length - own.length).toBe(12);
    const twice = county.agencies.filter((one) => own.filter((who) => who.agency === one.id).length >= 2);
    expect(twice).toHaveLength(36);
    expect(own.every((who) => county.agencies.some((one) => one.id === who.agency))).toBe(true);
    expect(new Set(county.supervisors.map((one) => one.certificate.no)).size).toBe(county.supervisors.length);
  });

  it('has a campaign for each of the four fields, with a legal basis and a checklist that exists', () => {
    expect(county.templates.map((one) => one.domain).toSorted()).toEqual([
      'environment',
      'foodDrug',
      'urbanManagement',
      'workSafety',
    ]);
    for (const one of county.templates) {
      expect(one.legalBasis).toContain('第二十一条');
      expect(lists.some((list) => list.id === one.checklist)).toBe(true);
      expect(county.agencies.filter((agency) => agency.domains.includes(one.domain)).length).toBeGreaterThan(
        10,
      );
    }
  });
});

describe('The standing data', () => {
  it('is a calendar without a fault', () => {
    expect(publishedCalendar().flatMap((year) => calendarFaults(year))).toEqual([]);
  });

  it('is checklists without a fault, each of a hundred points, in two languages', () => {
    expect(lists.flatMap((list) => checklistFaults(list))).toEqual([]);
    for (const list of lists) {
      expect(list.items.reduce((sum, item) => sum + item.points, 0)).toBe(100);
      expect(list.items.every((item) => item.textEn !== '' && item.evidenceEn !== '')).toBe(true);
    }
    expect(lists.map((list) => [list.id, list.items.length])).toEqual([
      ['CL-annual', 30],
      ['CL-three-systems', 9],
      ['CL-urban-management', 8],
      ['CL-environment', 8],
      ['CL-work-safety', 9],
      ['CL-food-drug', 8],
      ['CL-own-measures', 4],
    ]);
  });

  it('is terms that can be computed, thirty days for an opinion and a decision', () => {
    const { bases, terms } = legalBases();
    for (const { term, basis } of terms) {
      expect(deadline({ term, from: '2026-03-02', basis, calendar: publishedCalendar() }).basis).toBe(basis);
    }
    expect(terms.filter((one) => one.id === 'D8' || one.id === 'D9').map((one) => one.term)).toEqual([
      { days: 30 },
      { days: 30 },
    ]);
    expect(new Set(bases.map((one) => one.id)).size).toBe(bases.length);
  });
});
