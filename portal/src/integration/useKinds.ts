import { useTranslation } from 'react-i18next';

/** Kinds of events that the portal has words for; others may be typed as the feed names them. */
export function useKinds(): { value: string; label: string }[] {
  const { i18n } = useTranslation();
  const words = i18n.getResource(i18n.language, 'translation', 'journal') as Record<string, string>;
  return Object.entries(words).map(([value, label]) => ({ value, label: `${label} · ${value}` }));
}
