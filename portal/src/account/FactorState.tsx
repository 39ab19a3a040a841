import { useTranslation } from 'react-i18next';
import { State } from '../ui/State';

/** Whether somebody's second factor is enrolled. */
export function FactorState({ isActive }: { isActive: boolean }) {
  const { t } = useTranslation();
  return <State state={isActive ? 'active' : 'waiting'} word={isActive ? t('factor.active') : t('factor.absent')} />;
}
