import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { Facts } from '../ui/Facts';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { attachedTo } from './attached';

type Paper = Schemas['CheckPaper'];

/** Reads the proof that is attached to a paper; nothing of a file that has none. */
async function read(file: File): Promise<Paper | undefined> {
  const found: unknown = await attachedTo(file)
    .then((text) => JSON.parse(text ?? '') as unknown)
    .catch(() => undefined);
  const isPaper = typeof found === 'object' && found !== null && 'certificate' in found && 'checkpoint' in found;
  return isPaper ? (found as Paper) : undefined;
}

/** What the check has found. */
function Found({ found }: { found: Schemas['PaperCheck'] }) {
  const { t } = useTranslation();
  if (!found.is_proved)
    return (
      <div className="notice" role="alert">
        <h3>{t('paper.notProved')}</h3>
        <p>{t('paper.notProvedLead')}</p>
        {found.fault !== null && <small className="code">{found.fault}</small>}
      </div>
    );
  return (
    <div className="notice fine" role="status">
      <h3>{t('paper.proved')}</h3>
      <Facts
        facts={[
          [t('certificate.number'), <span className="code">{found.number}</span>],
          found.kind !== null && ([t('field.kind'), t(`paper.kinds.${found.kind}`)] as const),
          found.recorded_at !== null &&
            ([t('paper.recordedAt'), <span className="figures">{minuteOf(found.recorded_at)}</span>] as const),
          found.tree_size !== null &&
            ([t('paper.treeSize'), <span className="figures">{found.tree_size}</span>] as const),
        ]}
      />
      <p className="gap muted">{t('paper.provedLead')}</p>
    </div>
  );
}

/** Checks a paper by the proof that is attached to it: nothing of the register is looked up but the keys of the log. */
export default function PaperCheck() {
  const { t } = useTranslation();
  const check = useMutation({
    mutationFn: async (file: File) => {
      const body = await read(file);
      return body === undefined ? undefined : call(api.POST('/api/v1/public/papers/check', { body }));
    },
  });
  const isNone = check.isSuccess && check.data === undefined;
  return (
    <Panel title={t('paper.byProof')}>
      <div className="stack">
        <p className="muted">{t('paper.lead')}</p>
        <label className="upload">
          {check.variables?.name ?? t('paper.choose')}
          <br />
          <small>{t('paper.isSent')}</small>
          <input
            type="file"
            accept="application/pdf,application/json,.pdf,.json"
            onChange={(event) => {
              const file = event.target.files?.[0];
              if (file) check.mutate(file);
              event.target.value = '';
            }}
          />
        </label>
        <div aria-live="polite">
          {check.data && <Found found={check.data} />}
          {isNone && (
            <div className="notice" role="alert">
              <h3>{t('paper.noProof')}</h3>
              <p>{t('paper.noProofLead')}</p>
            </div>
          )}
          <Refusal error={check.error} />
        </div>
      </div>
    </Panel>
  );
}
