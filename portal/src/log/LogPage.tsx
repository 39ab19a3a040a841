import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';

// What the page is stands at once; what is asked and reckoned comes after it.
const LogParts = lazy(() => import('./LogParts'));

/** The transparency log as everybody may see and check it. */
export default function LogPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('log.title')} lead={t('log.lead')} />
      <Suspense fallback={<Loading />}>
        <LogParts />
      </Suspense>
    </>
  );
}
