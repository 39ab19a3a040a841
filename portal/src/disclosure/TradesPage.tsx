import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';

// What the page is stands at once; table and filter, which weigh the most, come after it.
const Results = lazy(() => import('./Results'));

/** The results of the market, as they are published. */
export default function TradesPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('disclosure.trades')} lead={t('disclosure.tradesLead')} />
      <Suspense fallback={<Loading />}>
        <Results />
      </Suspense>
    </>
  );
}
