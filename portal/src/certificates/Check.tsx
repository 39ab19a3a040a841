import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { ApiProblem } from '../api/problem';
import { minuteOf } from '../figures/instant';
import { Facts } from '../ui/Facts';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { State } from '../ui/State';
import { sha256 } from './hash';

/** A certificate of rights, or an extract of the lien register, which speaks of its instant for ever. */
type Checked = Schemas['CertificateCheck'] | Schemas['ExtractCheck'];

/** Extracts have numbers of their own series. */
const findByNumber = (number: string): Promise<Checked> =>
  number.startsWith('EX-')
    ? call(api.GET('/api/v1/public/extracts/{number}', { params: { path: { number } } }))
    : call(api.GET('/api/v1/public/certificates/{number}', { params: { path: { number } } }));

/** Either may have been printed as a file. */
async function findByFile(hash: string): Promise<Checked> {
  const query = { params: { query: { sha256: hash } } };
  try {
    return await call(api.GET('/api/v1/public/certificates', query));
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.problem.status !== 404) throw error;
    return call(api.GET('/api/v1/public/extracts', query));
  }
}

/** What the register says of a certificate. */
function Found({ found }: { found: Checked }) {
  const { t } = useTranslation();
  const isGood = !('state' in found) || found.state === 'current';
  return (
    <div className={isGood ? 'notice fine' : 'notice calm'} role="status">
      <h3>{isGood ? t('certificate.isGood') : t('certificate.isNotCurrent')}</h3>
      <Facts
        facts={[
          [t('certificate.number'), <span className="code">{found.number}</span>],
          'state' in found
            ? ([t('field.state'), <State state={found.state} />] as const)
            : ([t('extract.asOf'), <span className="figures">{minuteOf(found.as_of)}</span>] as const),
          [t('certificate.issuedOn'), found.issued_on],
          [t('certificate.registry'), found.registry],
          [t('certificate.contentHash'), <span className="code">{found.content_hash}</span>],
          Boolean(found.file_hash) &&
            ([t('certificate.fileHash'), <span className="code">{found.file_hash}</span>] as const),
        ]}
      />
    </div>
  );
}

/** The two ways to check, and what is found. */
export default function Check() {
  const { t } = useTranslation();
  const [parameters] = useSearchParams();
  const printed = parameters.get('number') ?? '';
  const check = useMutation({
    mutationFn: async (asked: { number: string } | { file: File }) =>
      'number' in asked ? findByNumber(asked.number) : findByFile(await sha256(asked.file)),
  });
  const { mutate } = check;
  // The square code on the paper leads here with the number.
  useEffect(() => {
    if (printed !== '') mutate({ number: printed });
  }, [printed, mutate]);
  const isUnknown = check.error instanceof ApiProblem && check.error.problem.status === 404;
  return (
    <div className="stack">
      <div className="two">
        <Panel title={t('certificate.byNumber')}>
          <Form
            layout="vertical"
            requiredMark={false}
            initialValues={{ number: printed }}
            onFinish={(given: { number: string }) => mutate({ number: given.number.trim() })}
          >
            <Form.Item
              name="number"
              label={t('certificate.number')}
              extra={t('certificate.numberHint')}
              rules={[{ required: true, message: t('field.needed') }]}
            >
              <Input size="large" className="code" autoComplete="off" />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={check.isPending}>
              {t('certificate.act')}
            </Button>
          </Form>
        </Panel>
        <Panel title={t('certificate.byFile')}>
          <label className="upload">
            {t('certificate.choose')}
            <br />
            <small>{t('certificate.staysHere')}</small>
            <input
              type="file"
              accept="application/pdf"
              onChange={(event) => {
                const file = event.target.files?.[0];
                if (file) mutate({ file });
              }}
            />
          </label>
        </Panel>
      </div>
      <div aria-live="polite">
        {check.data && <Found found={check.data} />}
        {isUnknown ? (
          <div className="notice" role="alert">
            <h3>{t('certificate.unknown')}</h3>
            <p>{t('certificate.unknownLead')}</p>
          </div>
        ) : (
          <Refusal error={check.error} />
        )}
      </div>
    </div>
  );
}
