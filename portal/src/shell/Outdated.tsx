import { type QueryCache, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useCallback, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

/** Whether something on the screen is of before, because it could not be asked for again. */
const isOutdated = (cache: QueryCache): boolean =>
  cache.findAll({ type: 'active' }).some(({ state }) => state.status === 'error' && state.data !== undefined);

/** What is shown stays when it cannot be asked for again, with whatever is being filled in; this tells that it may have changed since. */
export function Outdated() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const cache = client.getQueryCache();
  const isTold = useSyncExternalStore(
    useCallback((listener) => cache.subscribe(listener), [cache]),
    () => isOutdated(cache),
  );
  if (!isTold) return null;
  return (
    <div className="acting" role="status">
      <span>{t('problem.outdated')}</span>
      <Button size="small" onClick={() => void client.invalidateQueries()}>
        {t('act.retry')}
      </Button>
    </div>
  );
}
