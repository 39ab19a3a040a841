import { App } from 'antd';
import { useTranslation } from 'react-i18next';

/** Whether a command was not carried out: the rules ask for a second person, and it waits for one as a task. */
export const isWaiting = (result: unknown): boolean =>
  typeof result === 'object' && result !== null && 'second_person' in result && 'proposed_by' in result;

/** Tells whoever gave a command that it waits for somebody else. */
export function useTellWaiting(): (result: unknown) => void {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return (result) => {
    if (isWaiting(result)) void message.info(t('tasks.nowWaits'));
  };
}
