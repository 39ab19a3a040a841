import { Tabs } from 'antd';
import { useTranslation } from 'react-i18next';
import { PageHead } from '../ui/PageHead';
import { TaskList } from './TaskList';

/** The inbox: what one may decide, what one has proposed, and what was decided. */
export default function TasksPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('tasks.title')} lead={t('tasks.lead')} />
      <Tabs
        destroyOnHidden
        items={[
          { key: 'waiting', label: t('tasks.toDecide'), children: <TaskList title={t('tasks.toDecide')} /> },
          { key: 'own', label: t('tasks.own'), children: <TaskList title={t('tasks.own')} as="proposer" /> },
          {
            key: 'decided',
            label: t('tasks.decided'),
            children: <TaskList title={t('tasks.decided')} state="decided" />,
          },
        ]}
      />
    </>
  );
}
