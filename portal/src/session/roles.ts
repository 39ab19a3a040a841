import type { Session } from './session';

/** The desks of the portal: each has pages of its own. */
export type Desk =
  'enterprise' | 'bank' | 'bureau' | 'review' | 'auditor' | 'exchange' | 'reserve' | 'administration' | 'office';

const desks: Record<string, Desk> = {
  enterprise_trader: 'enterprise',
  enterprise_approver: 'enterprise',
  reserve_trader: 'reserve',
  reserve_approver: 'reserve',
  pledgee_officer: 'bank',
  pledgee_approver: 'bank',
  bureau_officer: 'bureau',
  bureau_head: 'bureau',
  legal_reviewer: 'review',
  auditor: 'auditor',
  exchange_officer: 'exchange',
  exchange_approver: 'exchange',
};

/** The desk that somebody sits at; whoever only keeps users has one of their own, and the settlement bank's is the office. */
export function deskOf(session: Session): Desk {
  const found = session.me.roles.map((role) => desks[role]).find((desk) => desk !== undefined);
  return found ?? (hasRole(session, 'organisation_admin', 'operator') ? 'administration' : 'office');
}

/** Whether somebody has a role; what they may do is said by the API in the end. */
export const hasRole = (session: Session | undefined, ...roles: string[]): boolean =>
  session?.me.roles.some((role) => roles.includes(role)) ?? false;

/** Whether the organisation of whoever is signed in takes part: one that has only applied, or was refused, sees how it stands and nothing else. */
export const takesPart = (session: Session): boolean => !['applied', 'refused'].includes(session.me.organisation_state);
