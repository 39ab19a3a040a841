import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useYear } from '../statistics/useYear';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';

// What the page is stands at once; table and choices, which weigh the most, come after it.
const RefusalsByRule = lazy(() => import('./RefusalsByRule'));

/** How often each rule has refused somebody, for everybody. */
export default function PublicRefusalsPage() {
  const { t } = useTranslation();
  const years = useYear();
  const [part, choosePart] = useState<string>();
  return (
    <>
      <PageHead title={t('refusal.title')} lead={t('refusal.lead')} />
      <Suspense fallback={<Loading />}>
        <RefusalsByRule years={years} part={part} choosePart={choosePart} />
      </Suspense>
    </>
  );
}
