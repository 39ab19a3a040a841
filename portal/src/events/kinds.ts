import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';

/** The kinds of events with their names: they only change with the program. */
const useKinds = () =>
  useQuery({
    queryKey: ['event-kinds'],
    queryFn: () => call(api.GET('/api/v1/event-kinds')),
    select: (found) => found.items,
    staleTime: Infinity,
  });

/** What a kind of events is called; its word while that is not known. */
export function useKindName(): (kind: string) => string {
  const { i18n } = useTranslation();
  const kinds = useKinds().data;
  return (kind) => {
    const found = kinds?.find((one) => one.kind === kind);
    return (i18n.language === 'zh' ? found?.name_zh : found?.name_en) ?? kind;
  };
}

/** Every kind to choose from. */
export function useKindChoice(): { value: string; label: string }[] {
  const name = useKindName();
  return useKinds().data?.map(({ kind }) => ({ value: kind, label: `${name(kind)} · ${kind}` })) ?? [];
}
