import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { at, whole } from '../api/list';
import { DownloadButton } from '../ui/DownloadButton';
import { Refusal } from '../ui/Refusal';

/** What proves a thing, for whoever may read it. Asked for when somebody wants to see it: whose documents they are learns of it. */
export function Evidence({ subject }: { subject: string }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const found = useQuery({
    queryKey: ['documents', subject],
    queryFn: () =>
      whole((cursor) => call(api.GET('/api/v1/documents', { params: { query: { subject, ...at(cursor) } } }))),
    enabled: isOpen,
  });
  if (!isOpen || found.isPending) {
    return (
      <Button size="small" loading={isOpen} onClick={() => setOpen(true)}>
        {t('reduction.documents')}
      </Button>
    );
  }
  if (found.error) return <Refusal error={found.error} />;
  return (
    <div className="actions">
      {found.data.map((one) => (
        <DownloadButton
          key={one.id}
          size="small"
          label={one.name}
          path={`/api/v1/documents/${one.id}/content`}
          name={one.name}
        />
      ))}
    </div>
  );
}
