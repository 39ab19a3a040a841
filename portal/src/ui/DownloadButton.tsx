import { DownloadOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../api/problem';
import { download } from './download';

interface DownloadButtonProps {
  path: string;
  name: string;
  label: string;
  size?: 'small' | 'middle';
}

/** A document of the API, as a file. */
export function DownloadButton({ path, name, label, size = 'middle' }: DownloadButtonProps) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const loading = useMutation({
    mutationFn: () => download(path, name),
    onError: (error) =>
      void message.error(error instanceof ApiProblem ? error.problem.detail : t('problem.unreachable')),
  });
  return (
    <Button size={size} icon={<DownloadOutlined />} loading={loading.isPending} onClick={() => loading.mutate()}>
      {label}
    </Button>
  );
}
