import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { useAreaName, useOrganisationName, useSiteName } from '../parties/names';
import { useRightWords } from '../ui/useRightWords';

type Fact = Schemas['Fact'];

/** Whom or what a fact is about, by name. */
export function useWhom(): (fact: Fact) => { name: string; of?: string } {
  const organisationName = useOrganisationName();
  const siteName = useSiteName();
  const areaName = useAreaName();
  return (fact) => {
    if (fact.site !== null)
      return {
        name: siteName(fact.site),
        ...(fact.organisation !== null && { of: organisationName(fact.organisation) }),
      };
    return fact.organisation === null ? { name: areaName(fact.area) } : { name: organisationName(fact.organisation) };
  };
}

/** What a fact says, in one line. */
export function useTold(): (content: Schemas['FactContent']) => string {
  const { t } = useTranslation();
  const rightWords = useRightWords();
  return ({ level, period, happened_on, pollutant, right_class, quantity, settles }) =>
    [
      level && t(`facts.levels.${level}`, { defaultValue: level }),
      period,
      pollutant && t(`pollutant.${pollutant}`, { defaultValue: pollutant }),
      happened_on,
      right_class && rightWords(right_class),
      quantity,
      settles && t('facts.ofOwed'),
    ]
      .filter(Boolean)
      .join(' · ');
}
