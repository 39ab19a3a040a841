import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { Act } from '../ui/Act';

/** Has a registered pledge extracted from the register; the file is among the extracts. */
export function IssueExtract({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return (
    <Act
      label={t('extract.issue')}
      run={(_, key) => call(api.POST('/api/v1/extracts', { ...keyed(key), body: { pledge: pledge.id } }))}
      done={(extract) => void message.success(t('extract.issued', { number: extract.number }))}
    >
      {t('extract.issueLead')} <span className="code">{pledge.number}</span>
    </Act>
  );
}
