import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useWaitingObjections } from './useWaitingObjections';

/** That objections to a row of a list wait for their answers, leading to them; nothing where none does. */
export default function Waiting({ subject }: { subject: string }) {
  const { t } = useTranslation();
  const waiting = useWaitingObjections(subject);
  if (waiting === 0) return null;
  return (
    <Link to="/objections" className="underlined">
      {t('objection.waits', { count: waiting })}
    </Link>
  );
}
