import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useRouteError } from 'react-router';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';

/** An address that leads nowhere. */
export default function NotFound() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('shell.notFound')} />
      <Panel>
        <Nothing title={t('shell.notFoundLead')}>
          <Link to="/">{t('shell.toStart')}</Link>
        </Nothing>
      </Panel>
    </>
  );
}

/** A page that has failed: a new version of the program, or a fault of ours. */
export function Failed() {
  const { t } = useTranslation();
  const error = useRouteError();
  return (
    <main className="page">
      <h1>{t('shell.failed')}</h1>
      <Nothing title={t('shell.failedLead')}>
        <p className="code">{String(error)}</p>
        <Button type="primary" onClick={() => window.location.reload()}>
          {t('act.reload')}
        </Button>
      </Nothing>
    </main>
  );
}
