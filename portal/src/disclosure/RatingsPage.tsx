import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';

// What the page is stands at once; table and choice, which weigh the most, come after it.
const Ratings = lazy(() => import('./Ratings'));

/** How enterprises and parks were rated by whoever is in charge of their environment. */
export default function RatingsPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('rating.title')} lead={t('rating.lead')} />
      <Suspense fallback={<Loading />}>
        <Ratings />
      </Suspense>
    </>
  );
}
