import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';

/** Every role with what it may do: they only change with the program. */
export const useRoles = () =>
  useQuery({
    queryKey: ['roles'],
    queryFn: () => call(api.GET('/api/v1/roles')),
    select: (found) => found.items,
    staleTime: Infinity,
  });

/** The roles that people and programs of such an organisation may have. */
export function useRolesOf(kind: string): Schemas['Role'][] {
  return useRoles().data?.filter((one) => one.organisation_kinds.includes(kind)) ?? [];
}

/** The name of a role or a permission in the language of the portal. */
export function useNameOf(): (named: { name_zh: string; name_en: string }) => string {
  const { i18n } = useTranslation();
  return (named) => (i18n.language === 'zh' ? named.name_zh : named.name_en);
}
