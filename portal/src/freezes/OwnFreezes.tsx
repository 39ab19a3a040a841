import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call } from '../api/client';
import { useList } from '../api/list';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { Rows } from '../ui/Rows';
import { useFreezeColumns } from './columns';

/** How many stand on the page of holdings; the page of freezes has them all. */
const SHOWN = 5;

/** The newest freezes of what one holds, with the way to all of them; nothing where no court has ordered any. */
export default function OwnFreezes() {
  const { t } = useTranslation();
  const columns = useFreezeColumns();
  const list = useList(['freezes', 'own'], () =>
    call(api.GET('/api/v1/freezes', { params: { query: { limit: SHOWN, order: 'newest' } } })),
  );
  if (list.items.length === 0 && list.error === null) return null;
  return (
    <Panel flush title={t('freeze.title')} actions={<Link to="/freezes">{t('act.all')}</Link>}>
      <Rows
        label={t('freeze.title')}
        columns={columns}
        rows={list.items}
        rowKey={(one) => one.id}
        error={list.error}
        retry={list.retry}
        empty={<Nothing title={t('freeze.none')} />}
      />
    </Panel>
  );
}
