import { Select, type SelectProps } from 'antd';
import { useTranslation } from 'react-i18next';
import { useSiteName } from '../parties/names';
import { useRightWords } from './useRightWords';

/** What a site has of one right class to dispose of, in the class's unit. */
export interface Stock {
  readonly site: string;
  readonly rightClass: string;
  readonly free: string;
  readonly unit: string;
}

/** What is chosen, as one value of a form: a site and a right class. */
export const stockOf = ({ site, rightClass }: Pick<Stock, 'site' | 'rightClass'>) => `${site} ${rightClass}`;

interface Props extends Omit<SelectProps<string>, 'options' | 'showSearch'> {
  stocks: readonly Stock[];
}

/** Choosing what is disposed of; the site is named where there are several. */
export function StockSelect({ stocks, ...field }: Props) {
  const { t } = useTranslation();
  const rightWords = useRightWords();
  const siteName = useSiteName();
  const hasManySites = new Set(stocks.map((one) => one.site)).size > 1;
  return (
    <Select
      {...field}
      showSearch={{ optionFilterProp: 'label' }}
      options={stocks.map((one) => ({
        value: stockOf(one),
        label: `${hasManySites ? `${siteName(one.site)} · ` : ''}${rightWords(one.rightClass)} — ${t('market.freeNow', {
          quantity: one.free,
          unit: one.unit,
        })}`,
      }))}
    />
  );
}
