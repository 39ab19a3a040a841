import { useTranslation } from 'react-i18next';

/** What a state of a grant is called. */
export function useGrantState(): (state: string) => string {
  const { t } = useTranslation();
  return (state) => (state === 'proposed' ? t('grant.waits') : t(`state.${state}`));
}
