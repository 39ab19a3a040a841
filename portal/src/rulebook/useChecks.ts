import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';

/** Every check there is, and whether the rulebook in force today switches it on. Only whoever is signed in may ask. */
export const useChecks = (enabled = true) =>
  useQuery({
    queryKey: ['checks'],
    queryFn: () => call(api.GET('/api/v1/checks')),
    select: (found) => found.items,
    staleTime: 300_000,
    enabled,
  });

/** What a check refuses, in the language of the moment; figures that only a refusal itself has are left open. */
export function useCheckText(): (check: Schemas['Check']) => string {
  const { i18n } = useTranslation();
  return (check) => (i18n.language === 'zh' ? check.zh : check.en).replace(/\{[^}]*\}/g, '…');
}

/** The family of a check: what stands before the first underscore of its code. */
export const familyOf = (code: string): string => code.split('_')[0] ?? code;
