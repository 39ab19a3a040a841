import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';

// Few visits begin a long work.
const Bar = lazy(() => import('antd').then(({ Progress: Drawn }) => ({ default: Drawn })));

/** How far a long work has come. */
export function Progress({ operation }: { operation: Schemas['Operation'] }) {
  const { t } = useTranslation();
  const { state, done, total } = operation;
  const percent = state === 'finished' ? 100 : total ? Math.floor((done / total) * 100) : 0;
  const status = state === 'failed' ? 'exception' : state === 'finished' ? 'success' : 'active';
  return (
    <div>
      <Suspense>
        <Bar percent={percent} status={status} aria-label={t(`state.${state}`)} />
      </Suspense>
      <p className="muted figures" aria-live="polite">
        {t(`state.${state}`)} · {total ? t('operation.doneOf', { done, total }) : t('operation.done', { done })}
      </p>
    </div>
  );
}
