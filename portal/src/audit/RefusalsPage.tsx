import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { withWords } from '../i18n/areas';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';

// It says what visitors read of refusals, too.
const RefusalParts = lazy(withWords('ratings', () => import('./RefusalParts')));

/** Refusals by rule: how often each has refused, and who asked for what. */
export default function RefusalsPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('place.refusals')} lead={t('audit.refusalsLead')} />
      <Suspense fallback={<Loading />}>
        <RefusalParts />
      </Suspense>
    </>
  );
}
