import { DownloadOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../api/problem';
import { csv, type Line } from '../figures/csv';
import { handOver } from '../ui/download';

interface ExportButtonProps {
  /** What the file is called, with the moment that it stands for. */
  name: string;
  heads: Line;
  /** Everything that stands in the file; `told` hears how much has come. */
  lines: (told: (count: number) => void) => Promise<readonly Line[]>;
}

/** What a list shows a page of, as a file of the whole; while it is read, the button tells how far that is. */
export function ExportButton({ name, heads, lines }: ExportButtonProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [count, tell] = useState(0);
  const writing = useMutation({
    mutationFn: async () => {
      tell(0);
      const file = csv(heads, await lines(tell));
      handOver(new Blob([file], { type: 'text/csv;charset=utf-8' }), name);
    },
    onError: (error) =>
      void message.error(error instanceof ApiProblem ? error.problem.detail : t('problem.unreachable')),
  });
  return (
    <Button icon={<DownloadOutlined />} loading={writing.isPending} onClick={() => writing.mutate()}>
      {t('act.csv')}
      <span role="status">{writing.isPending && count > 0 && t('audit.hasRead', { count })}</span>
    </Button>
  );
}
