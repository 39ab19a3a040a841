import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { violationsOf } from '../api/problem';
import { readRightClass } from '../figures/rightClass';

/** The way on for a seller who is told that no such reduction is registered. */
export function ToRegister({ error, holding = '' }: { error: unknown; holding?: string | undefined }) {
  const { t } = useTranslation();
  if (!violationsOf(error).some((one) => one.code === 'TRD_REDUCTION_NOT_REGISTERED')) return null;
  const [site = '', right = ''] = holding.split(' ');
  const pollutant = readRightClass(right)?.pollutant ?? '';
  return <Link to={`/reductions?site=${site}&pollutant=${pollutant}`}>{t('reduction.apply')}</Link>;
}
