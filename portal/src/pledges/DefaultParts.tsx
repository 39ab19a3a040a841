import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { FormAct } from '../ui/FormAct';
import { Panel } from '../ui/Panel';
import { DueFields } from './DeclareDefault';
import { Disposals } from './Disposals';
import { PledgedLots, ProposePledgedLot } from './PledgedLots';
import { ProposeDisposal } from './ProposeDisposal';
import { usePart } from './roles';

type Pledge = Schemas['Pledge'];

/** The button by which a bank tells anew what is due: interest since, or less because the debtor has paid. */
function RestateDefault({ pledge, outstanding }: { pledge: Pledge; outstanding: string }) {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['DeclareDefault'], Pledge>
      label={t('default.restate')}
      lead={t('default.restateLead')}
      size="small"
      initial={{ amount_due: outstanding }}
      fields={<DueFields />}
      run={(body, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/restate-default', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body,
          }),
        )
      }
    />
  );
}

/** The notice of the default: what was due, why, and until when it may be cured. */
function Notice({ pledge, notice }: { pledge: Pledge; notice: Schemas['DefaultNotice'] }) {
  const { t } = useTranslation();
  const { isPledgee } = usePart(pledge);
  return (
    <div className="notice" role="status">
      <h3>{t('default.notice', { at: minuteOf(notice.declared_at) })}</h3>
      <p>{notice.reason}</p>
      <p>
        {t('default.amountDue')} <Amount value={notice.amount_due} unit="CNY" /> · {t('default.outstanding')}{' '}
        <Amount value={notice.outstanding} unit="CNY" /> ·{' '}
        {notice.cure_until ? t('default.cureUntil', { day: notice.cure_until }) : t('default.noTerm')}
      </p>
      {isPledgee && pledge.state === 'defaulted' && (
        <div className="actions gap">
          <Act
            label={t('default.cure')}
            size="small"
            run={(_, key) =>
              call(
                api.POST('/api/v1/pledges/{id}/cure-default', {
                  params: { path: { id: pledge.id } },
                  ...keyed(key),
                  body: {},
                }),
              )
            }
          >
            {t('default.cureLead')}
          </Act>
          <RestateDefault pledge={pledge} outstanding={notice.outstanding} />
        </div>
      )}
    </div>
  );
}

/** Default and enforcement of a pledge that is in default, or was closed by a disposal. */
export function Enforcement({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  const { isPledgee } = usePart(pledge);
  const notice = pledge.default_notice;
  return (
    <>
      {notice && <Notice pledge={pledge} notice={notice} />}
      <PledgedLots pledge={pledge} />
      <Panel
        flush
        title={t('disposal.title')}
        actions={
          isPledgee &&
          pledge.state === 'defaulted' && (
            <>
              <ProposePledgedLot pledge={pledge} />
              <ProposeDisposal pledge={pledge} />
            </>
          )
        }
      >
        <Disposals pledge={pledge.id} />
        {pledge.still_owed && (
          <div className="remark">
            {t('disposal.stillOwed')}{' '}
            <b>
              <Amount value={pledge.still_owed} unit="CNY" />
            </b>
          </div>
        )}
      </Panel>
    </>
  );
}
