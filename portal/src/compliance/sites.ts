import type { Schemas } from '../api/client';
import { useSites, useSitesOf } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';

/** Pollutants that have accounts. */
export const pollutants = ['COD', 'NH3N', 'SO2', 'NOX', 'TP', 'TN'] as const;

/** The sites that whoever is signed in speaks for: their own, or those of the area. */
export function useOwnSites(): Schemas['Site'][] {
  const session = useSession();
  const own = useSitesOf(session?.me.organisation);
  const all = useSites().data ?? [];
  return hasRole(session, 'bureau_officer', 'bureau_head') ? all : own;
}
