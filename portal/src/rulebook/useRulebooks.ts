import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { at, whole } from '../api/list';
import { useOrganisations } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';

/** The rulebook in force today. */
export const useCurrentRulebook = () =>
  useQuery({
    queryKey: ['rulebook', 'current'],
    queryFn: () => call(api.GET('/api/v1/rulebooks/current')),
  });

/** Every version, past ones and those that will apply later. */
export const useRulebooks = () =>
  useQuery({
    queryKey: ['rulebooks'],
    queryFn: () =>
      whole((cursor) => call(api.GET('/api/v1/rulebooks', { params: { query: { limit: 200, ...at(cursor) } } }))),
  });

/** Whether whoever is signed in may adopt versions: people of the bureau that the rulebook belongs to. */
export function useMayAdopt(): boolean {
  const session = useSession();
  const jurisdiction = useCurrentRulebook().data?.jurisdiction;
  const own = useOrganisations().data?.find((one) => one.id === session?.me.organisation);
  const isBureau = hasRole(session, 'bureau_officer', 'bureau_head');
  return isBureau && own !== undefined && own.area === jurisdiction;
}

/** The name of a rule in words. */
export function useRuleName(): (name: string) => string {
  const { t } = useTranslation();
  return (name) => t(`rule.${name}`, { defaultValue: name });
}

/** The value of a rule in words. */
export function useRuleValue(): (value: string | null | undefined) => string {
  const { t } = useTranslation();
  return (value) =>
    value === null || value === undefined || value === ''
      ? t('rulebook.off')
      : t(`rulebook.values.${value}`, { defaultValue: value });
}
