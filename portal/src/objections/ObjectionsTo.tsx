import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { useToday } from '../session/installation';
import { ObjectionList } from './ObjectionList';
import RaiseObjection from './RaiseObjection';
import { useWaitingObjections } from './useWaitingObjections';

interface ObjectionsToProps extends Pick<Schemas['RaiseObjection'], 'subject' | 'subject_kind'> {
  /** The last day on which anybody may object. */
  until: string;
}

/** What has been objected to something that is or was laid open, and that it waits meanwhile. */
export default function ObjectionsTo({ subject, subject_kind, until }: ObjectionsToProps) {
  const { t } = useTranslation();
  const today = useToday();
  const waiting = useWaitingObjections(subject);
  return (
    <>
      {waiting > 0 && (
        <div className="notice" role="status">
          <h3>{t('objection.waits', { count: waiting })}</h3>
          <p>{t(`objection.waitsLead.${subject_kind}`)}</p>
        </div>
      )}
      <ObjectionList
        subject={subject}
        actions={
          <>
            <span className="muted">{t('objection.until', { until })}</span>
            {today !== undefined && today <= until && <RaiseObjection subject={subject} subject_kind={subject_kind} />}
          </>
        }
      />
    </>
  );
}
