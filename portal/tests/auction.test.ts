import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Schemas } from '../src/api/client';
import { ApiProblem, retold, type Violation } from '../src/api/problem';
import { aboutRule, ownRules, rulesOf } from '../src/auctions/ownRules';
import { depositFor, registrationOf } from '../src/auctions/registration';
import { freshKeyPair, freshSalt } from '../src/auctions/seal';

type Registration = Schemas['AuctionRegistration'];

const refusal = (field: string, message: string): Violation => ({
  field,
  message,
  code: 'AUC_RULE_IS_SET',
  legal_basis: null,
});

describe('the rules that a session sets for itself', () => {
  it('are those that were filled in and that its format knows', () => {
    expect(ownRules('ascending', { bid_step: ' 50.00 ', min_bidders: '', soft_close_seconds: '10' })).toEqual([
      { name: 'bid_step', value: '50.00' },
      { name: 'soft_close_seconds', value: '10' },
    ]);
    expect(ownRules('sealed', { soft_close_seconds: '10' })).toEqual([]);
    expect(rulesOf('sealed')).not.toContain('final_wait_seconds');
  });

  it('are refused at their own field and by the name that people know', () => {
    const ruleName = (name: string) => `«${name}»`;
    const told = aboutRule(refusal('own_rules', 'the rulebook sets deposit_rate: a session may not'), ruleName);
    expect([told.field, told.message]).toEqual([
      'own_rules.deposit_rate',
      'the rulebook sets «deposit_rate»: a session may not',
    ]);
    const both = aboutRule(refusal('own_rules', 'final_wait_seconds waits: set final_bidding_seconds, too'), ruleName);
    expect([both.field, both.message]).toEqual([
      'own_rules.final_wait_seconds',
      '«final_wait_seconds» waits: set «final_bidding_seconds», too',
    ]);
    const other = refusal('opens_at', 'bid_step');
    expect(aboutRule(other, ruleName)).toBe(other);
  });
});

describe('a refusal that is told in other words', () => {
  it('stays the same refusal, and anything else stays what it is', async () => {
    const problem = {
      type: '',
      title: '',
      status: 422,
      detail: 'told',
      code: 'AUC_RULE_IS_SET',
      trace_id: '1',
      instance: '',
    };
    const refused = new ApiProblem({ ...problem, violations: [refusal('lots[2].quantity', 'short')] });
    const told = retold(Promise.reject(refused), (one) => ({ ...one, message: `2: ${one.message}` }));
    await expect(told).rejects.toMatchObject({ problem: { detail: 'told', violations: [{ message: '2: short' }] } });
    expect(refused.problem.violations[0]?.message).toBe('short');
    await expect(retold(Promise.reject(new TypeError('lost')), (one) => one)).rejects.toThrow(TypeError);
    expect(await retold(Promise.resolve(7), (one) => one)).toBe(7);
  });
});

describe('what seals a bid', () => {
  it('is 64 digits that nobody has seen before', () => {
    const [one, other] = [freshSalt(), freshSalt()];
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(one).not.toBe(other);
  });

  it('is a key whose halves belong together', async () => {
    const { publicHalf, privateHalf } = await freshKeyPair();
    const wrapped = Buffer.from(`302e020100300506032b656e04220420${privateHalf}`, 'hex');
    const secret = createPrivateKey({ key: wrapped, format: 'der', type: 'pkcs8' });
    const { x } = createPublicKey(secret).export({ format: 'jwk' });
    expect(Buffer.from(x ?? '', 'base64url').toString('hex')).toBe(publicHalf);
  });
});

describe('the registration that counts', () => {
  it('is the last that was not taken back', () => {
    const one = (number: number, state: Registration['state'], organisation = 'mill') => {
      const terms = { quantity: '1.000', minimum: '1.000', unit: 't', deposit: '0.00', registered_at: '', version: 1 };
      const of = { id: '', auction: '', lot: 'lot', site: '', project: '', reason: null };
      return { ...of, ...terms, number, state, organisation };
    };
    const all = [one(1, 'refused'), one(2, 'registered', 'works'), one(3, 'qualified'), one(4, 'withdrawn')];
    expect(registrationOf(all, 'lot', 'mill')?.number).toBe(3);
    expect(registrationOf(all, 'other', 'mill')).toBeUndefined();
    expect(registrationOf(all, 'lot', undefined)).toBeUndefined();
  });
});

describe('the deposit that registering holds', () => {
  const lot = { base_price: '8790.00' };

  it('is the share that the session says, half up to the fen', () => {
    const rules = [{ name: 'deposit_rate', value: '0.30' }] as Schemas['Auction']['rules'];
    expect(depositFor({ rules }, lot, '0.500')).toBe('1318.50');
    expect(depositFor({ rules }, lot, '0.000057')).toBe('0.15');
  });

  it('is all of base price times quantity where no rule says so', () => {
    expect(depositFor({ rules: [] }, lot, '0.500')).toBe('4395.00');
    const off = [{ name: 'deposit_rate', value: null }] as Schemas['Auction']['rules'];
    expect(depositFor({ rules: off }, lot, '0.500')).toBe('4395.00');
  });
});
