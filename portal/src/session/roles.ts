import type { Session } from './session';

/** The desks of the portal: each has pages of its own. */
export type Desk = 'enterprise' | 'bank' | 'bureau' | 'auditor' | 'exchange' | 'reserve' | 'administration' | 'office';

const desks: Record<string, Desk> = {
  enterprise_trader: 'enterprise',
  enterprise_approver: 'enterprise',
  reserve_trader: 'reserve',
  reserve_approver: 'reserve',
  pledgee_officer: 'bank',
  pledgee_approver: 'bank',
  bureau_officer: 'bureau',
  bureau_head: 'bureau',
  legal_reviewer: 'bureau',
  auditor: 'auditor',
  exchange_officer: 'exchange',
  exchange_approver: 'exchange',
};

/** The roles that people and programs of an organisation may have, by what it is. Each has its administrator. */
const rolesOfKind: Record<string, string[]> = {
  operator: ['operator'],
  enterprise: ['enterprise_trader', 'enterprise_approver'],
  bank: ['pledgee_officer', 'pledgee_approver'],
  guarantor: ['pledgee_officer', 'pledgee_approver'],
  bureau: ['bureau_officer', 'bureau_head', 'legal_reviewer', 'auditor'],
  exchange: ['exchange_officer', 'exchange_approver'],
  reserve: ['reserve_trader', 'reserve_approver'],
  settlement_bank: ['settlement_officer', 'settlement_head'],
  auditor: ['auditor'],
};

/** The roles to choose from for somebody of such an organisation. */
export const rolesFor = (kind: string): string[] => [...(rolesOfKind[kind] ?? []), 'organisation_admin'];

/** The desk that somebody sits at; whoever keeps the users alone has one of their own. */
export function deskOf(session: Session): Desk {
  const found = session.me.roles.map((role) => desks[role]).find((desk) => desk !== undefined);
  return found ?? (session.me.roles.includes('organisation_admin') ? 'administration' : 'office');
}

/** Whether somebody has a role; what they may do is said by the API in the end. */
export const hasRole = (session: Session | undefined, ...roles: string[]): boolean =>
  session?.me.roles.some((role) => roles.includes(role)) ?? false;
