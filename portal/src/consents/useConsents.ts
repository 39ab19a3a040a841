import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, whole } from '../api/list';
import { useOrganisationName } from '../parties/names';
import { useRightWords } from '../ui/useRightWords';

/** Every consent in force that has been given to whoever looks, the last one first. */
export const useConsentsInForce = () =>
  useQuery({
    queryKey: ['consents', 'whole'],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/consents', { params: { query: { limit: 200, order: 'newest', ...at(cursor) } } })),
      ),
    select: (all) => all.filter((one) => one.state === 'in_force'),
  });

/** A consent as one line of text: whose, to which classes, and until when. */
export function useConsentWords(): (consent: Schemas['Consent']) => string {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const rightWords = useRightWords();
  return ({ organisation, right_classes, valid_until }) =>
    `${organisationName(organisation)} · ${right_classes.map(rightWords).join(t('shell.comma'))} · ${t('consent.until')} ${valid_until}`;
}
