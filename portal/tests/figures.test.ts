import { describe, expect, it } from 'vitest';
import { readRightClass } from '../src/figures/rightClass';
import { moneyOf, positionsOf, totalOf } from '../src/home/position';
import { dischargedBy, missingUntil, months } from '../src/compliance/days';
import { appliesOn, changesOf, draftOf } from '../src/rulebook/changes';
import { maturities, percent, summary } from '../src/pledges/figures';
import { room } from '../src/quota/headroom';
import type { Schemas } from '../src/api/client';

const balance = (purpose: string, amount: string, more: Partial<Schemas['Balance']> = {}): Schemas['Balance'] => ({
  account: purpose,
  asset: 'COD-MULTI-PAID-LUSHUI-20210101-20251231',
  asset_kind: 'right',
  balance: amount,
  owner: 'site',
  owner_kind: 'site',
  owner_name: '湖北力威电工',
  purpose,
  subject: null,
  unit: 't',
  ...more,
});

describe('a position', () => {
  const all = [
    balance('available', '10.000'),
    balance('committed', '1.500'),
    balance('committed', '0.500'),
    balance('pledged', '3.000'),
    balance('retired', '9.000'),
    balance('available', '7.000', { asset: 'CNY', asset_kind: 'money', owner_kind: 'organisation' }),
    balance('committed', '2.00', { asset: 'CNY', asset_kind: 'money', owner_kind: 'organisation' }),
  ];

  it('adds up what is held by what binds it, and leaves out what is given up', () => {
    const [one, ...others] = positionsOf(all);
    expect(others).toEqual([]);
    expect(one).toMatchObject({ available: '10.000', committed: '2.000', pledged: '3.000', held: '15.000' });
    expect(totalOf(positionsOf(all), 'held', 't')).toBe('15.000');
    expect(totalOf(positionsOf(all), 'held', 'kg')).toBe('0');
  });

  it('comes before smaller ones, and of two as large always the same before the other', () => {
    const right = (asset: string, amount: string) => balance('available', amount, { asset });
    const found = [right('NH3N-B', '2.000'), right('COD-A', '2.000'), right('SO2-C', '3.000')];
    const expected = ['SO2-C', 'COD-A', 'NH3N-B'];
    expect(positionsOf(found).map((one) => one.rightClass)).toEqual(expected);
    expect(positionsOf(found.reverse()).map((one) => one.rightClass)).toEqual(expected);
  });

  it('tells free money from held', () => {
    expect(moneyOf(all)).toEqual({ free: '7.000', held: '2.00' });
  });
});

describe('a pledge book', () => {
  it('shows a share as a percentage to the last place', () => {
    expect(percent('0.6826')).toBe('68.26 %');
    expect(percent('1.0500')).toBe('105.00 %');
    expect(percent('0.0050')).toBe('0.50 %');
    expect(percent('0')).toBe('0.00 %');
  });

  const pledge = (state: string, debt_to: string, calls: object[] = []) =>
    ({ state, debt_to, secured: '100.00', assessed_value: '200.00', margin_calls: calls }) as unknown as Parameters<
      typeof summary
    >[0][number];

  it('counts what is in force alone, and what is in trouble of it', () => {
    const book = summary(
      [
        pledge('registered', '2022-12-31'),
        pledge('registered', '2023-12-31', [{ ended_at: '2022-11-01T09:00:00+08:00' }, { ended_at: null }]),
        pledge('defaulted', '2022-11-30'),
        pledge('applied', '2022-12-02'),
        pledge('released', '2022-12-02'),
      ],
      '2022-12-01',
    );
    expect(book).toEqual({
      inForce: 3,
      secured: '300.00',
      assessed: '600.00',
      waiting: 1,
      dueSoon: 2,
      called: 1,
      defaulted: 1,
    });
  });

  it('tells what falls due when, each pledge once and the last day of a span within it', () => {
    const ladder = maturities(
      [
        pledge('defaulted', '2022-11-30'),
        pledge('registered', '2022-12-01'),
        pledge('registered', '2022-12-31'),
        pledge('registered', '2023-01-01'),
        pledge('released', '2023-01-01'),
        pledge('registered', '2099-01-01'),
      ],
      '2022-12-01',
    );
    expect(ladder.map((one) => [one.span, one.count, one.secured])).toEqual([
      ['overdue', 1, '100.00'],
      ['month', 2, '200.00'],
      ['quarter', 1, '100.00'],
      ['later', 1, '100.00'],
    ]);
  });
});

describe('the next version of a rulebook', () => {
  const rules = [
    { name: 'ltv_cap', value: null, legal_basis: null },
    { name: 'decision_days', value: '20', legal_basis: '第四十二条' },
  ];

  it('has what was written otherwise than it stands, and an empty value is off and not zero', () => {
    const drafts = new Map([
      ['ltv_cap', { value: ' 0.70 ', basis: '' }],
      ['decision_days', { value: '', basis: '第四十二条' }],
    ]);
    expect(changesOf(rules, drafts)).toEqual([
      { name: 'ltv_cap', value: '0.70', legal_basis: null },
      { name: 'decision_days', value: null, legal_basis: '第四十二条' },
    ]);
    expect(changesOf(rules, new Map(rules.map((rule) => [rule.name, draftOf(rule)])))).toEqual([]);
  });

  it('stands on the version that applies on its first day', () => {
    const version = (number: number, effective_from: string) =>
      ({ version: number, effective_from }) as Parameters<typeof appliesOn>[0][number];
    const versions = [version(1, '2016-12-01'), version(2, '2023-01-01'), version(3, '2023-01-01')];
    expect(appliesOn(versions, '2022-12-31')?.version).toBe(1);
    expect(appliesOn(versions, '2023-01-01')?.version).toBe(3);
    expect(appliesOn(versions, '2000-01-01')).toBeUndefined();
  });
});

describe('the days of a year', () => {
  const day = (date: string, source: string | null, values: object = {}) =>
    ({ day: date, source, ...values }) as Parameters<typeof dischargedBy>[0][number];
  const days = [
    day('2022-01-30', 'report', { report: '0.100' }),
    day('2022-01-31', 'bureau', { report: '0.100', bureau: '0.250' }),
    day('2022-02-01', null),
    day('2022-02-02', 'monitor', { monitor: '0.0005' }),
    day('2022-03-01', null),
  ];

  it('count by the source that is believed, and by no other', () => {
    expect(dischargedBy(days)).toBe('0.3505');
    expect(dischargedBy([day('2022-01-01', null)])).toBeUndefined();
  });

  it('make months, of which one that nobody speaks of is empty and not zero', () => {
    expect(months(days)).toEqual([
      { month: '2022-01', discharged: '0.350' },
      { month: '2022-02', discharged: '0.0005' },
      { month: '2022-03', discharged: undefined },
    ]);
  });

  it('are missing up to today alone', () => {
    expect(missingUntil(days, '2022-02-28')).toBe(1);
    expect(missingUntil(days, '2022-12-31')).toBe(2);
  });
});

describe('headroom', () => {
  it('is narrow below a tenth of the cap and none at nothing', () => {
    expect(room('100.000', '1000.000')).toBe('ample');
    expect(room('99.999', '1000.000')).toBe('narrow');
    expect(room('0.000', '1000.000')).toBe('none');
    expect(room('-1.000', '1000.000')).toBe('none');
  });
});

describe('the code of a right class', () => {
  it('is read into its parts', () => {
    expect(readRightClass('SO2-Y2022-FREE-421200-20220101-20221231')).toEqual({
      pollutant: 'SO2',
      product: 'Y2022',
      origin: 'FREE',
      zone: '421200',
      from: '2022-01-01',
      to: '2022-12-31',
    });
    for (const other of ['CNY', 'CAPACITY-421222-COD', '']) expect(readRightClass(other)).toBeUndefined();
  });
});
