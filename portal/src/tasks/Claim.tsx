import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { useUsers } from '../organisation/useUsers';
import { useSession } from '../session/session';
import { Refusal } from '../ui/Refusal';
import { State } from '../ui/State';

type Task = Schemas['Task'];

/** Who works on a task. People of other organisations are known to themselves alone. */
function Holder({ id }: { id: string }) {
  const { t } = useTranslation();
  const users = useUsers();
  if (users.isPending) return <State state="claimed" word="…" />;
  const name = users.data?.find((one) => one.id === id)?.name;
  return (
    <State
      state="claimed"
      word={name === undefined ? t('officials.claimedElsewhere') : t('officials.claimedBy', { name })}
    />
  );
}

/** Taking a task up, so that nobody else works on it, and laying it down again; who has it where somebody else does. */
export default function Claim({ task }: { task: Task }) {
  const { t } = useTranslation();
  const user = useSession()?.me.user;
  const isOwn = task.claimed_by === user;
  const path = { params: { path: { id: task.id } } };
  const command = useCommand((_: boolean, key) =>
    isOwn
      ? call(api.POST('/api/v1/tasks/{id}/release', { ...path, ...keyed(key), body: {} }))
      : call(api.POST('/api/v1/tasks/{id}/claim', { ...path, ...keyed(key), body: {} })),
  );
  if (task.claimed_by !== null && !isOwn) return <Holder id={task.claimed_by} />;
  return (
    <>
      {isOwn && <State state="claimed" word={t('officials.claimedByYou')} />}
      <Button size="small" loading={command.isPending} onClick={() => command.mutate(!isOwn)}>
        {isOwn ? t('officials.release') : t('officials.claim')}
      </Button>
      <Refusal error={command.error} />
    </>
  );
}
