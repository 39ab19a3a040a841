import { Form, type FormInstance, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { EvidenceInput } from '../documents/EvidenceInput';
import { AreaSelect } from '../joining/AreaSelect';
import { useIsInCharge } from '../organisations/charge';
import { useOrganisations, useSites } from '../parties/names';
import { uploadAll } from '../quota/upload';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { ContentFields, useTellingOf } from './ContentFields';
import { factKinds, subjectOf } from './kinds';

type Fact = Schemas['Fact'];
type Content = Schemas['FactContent'];
type Recorded = Omit<Schemas['RecordFact'], 'documents'> & { documents?: File[] };
type Corrected = Omit<Schemas['CorrectFact'], 'documents'> & { documents?: File[] };

/** What proves a fact: the number of its document, and the document itself. */
function Proof() {
  const { t } = useTranslation();
  return (
    <>
      <Form.Item
        name="source"
        label={t('facts.source')}
        extra={t('facts.sourceHint')}
        rules={[{ required: true, whitespace: true, message: t('field.needed') }]}
      >
        <Input autoComplete="off" maxLength={200} />
      </Form.Item>
      <Form.Item name="documents" label={t('facts.documents')}>
        <EvidenceInput />
      </Form.Item>
    </>
  );
}

/** Whom or what it is about, of those in the area of the bureau. */
function Subject({ kind }: { kind: string }) {
  const { t } = useTranslation();
  const isInCharge = useIsInCharge();
  const organisations = useOrganisations().data ?? [];
  const sites = useSites().data ?? [];
  const about = subjectOf(kind);
  const needed = [{ required: true, message: t('field.needed') }];
  if (about === 'area') {
    return (
      <Form.Item name="area" label={t('facts.park')} rules={needed}>
        <AreaSelect />
      </Form.Item>
    );
  }
  const options =
    about === 'organisation'
      ? organisations
          .filter((one) => one.kind === 'enterprise' && isInCharge(one.area))
          .map((one) => ({ value: one.id, label: `${one.name} ${one.code}` }))
      : sites
          .filter((one) => !one.is_reserve && isInCharge(one.area))
          .map((one) => ({ value: one.id, label: `${one.name} ${one.number}` }));
  return (
    <Form.Item
      name={about}
      label={t(about === 'organisation' ? 'facts.enterprise' : 'field.site')}
      rules={needed}
      // Another kind may be about something else.
      preserve={false}
    >
      <Select showSearch={{ optionFilterProp: 'label' }} options={options} />
    </Form.Item>
  );
}

function RecordFields({ form }: { form: FormInstance<Recorded> }) {
  const { t } = useTranslation();
  const { kind, site } = useTellingOf(form);
  return (
    <>
      <Form.Item name={['content', 'kind']} label={t('facts.kind')}>
        <Select options={factKinds.map((value) => ({ value, label: t(`facts.kinds.${value}`) }))} />
      </Form.Item>
      {kind !== undefined && (
        <>
          <Subject key={kind} kind={kind} />
          <ContentFields kind={kind} site={site} />
        </>
      )}
      <Proof />
    </>
  );
}

async function record({ documents, content, ...told }: Recorded, key: string): Promise<Fact> {
  const body = { ...given(told), content: given(content) as Content, documents: await uploadAll(documents) };
  return call(api.POST('/api/v1/facts', { ...keyed(key), body: body as Schemas['RecordFact'] }));
}

/** Recording what the checks go by. */
export function RecordFact() {
  const { t } = useTranslation();
  return (
    <FormAct<Recorded, Fact>
      label={t('facts.record')}
      lead={t('facts.recordLead')}
      kind="primary"
      initial={{ content: { kind: 'credit_rating' } }}
      fields={(form) => <RecordFields form={form} />}
      run={record}
    />
  );
}

const Why = () => {
  const { t } = useTranslation();
  return (
    <Form.Item
      name="reason"
      label={t('field.reason')}
      rules={[{ required: true, whitespace: true, message: t('field.needed') }]}
    >
      <Input.TextArea rows={3} maxLength={500} />
    </Form.Item>
  );
};

/** Correcting a fact that was told wrongly: what is told instead, or that it never was so. */
export function CorrectFact({ fact }: { fact: Fact }) {
  const { t } = useTranslation();
  const correct = async ({ documents, content, ...told }: Corrected, key: string): Promise<Fact> => {
    const instead = content ? { content: { ...given(content), kind: fact.kind } } : {};
    return call(
      api.POST('/api/v1/facts/{id}/correct', {
        params: { path: { id: fact.id } },
        ...keyed(key),
        body: { ...told, ...instead, documents: await uploadAll(documents) },
      }),
    );
  };
  return (
    <div className="actions">
      <FormAct<Corrected, Fact>
        label={t('facts.correct')}
        lead={t('facts.correctLead')}
        size="small"
        {...(fact.content !== null && { initial: { content: given(fact.content) as Content } })}
        fields={
          <>
            <ContentFields kind={fact.kind} site={fact.site ?? undefined} />
            <Why />
            <Proof />
          </>
        }
        run={correct}
      />
      {fact.content !== null && (
        <FormAct<Corrected, Fact>
          label={t('facts.annul')}
          lead={t('facts.annulLead')}
          isDanger
          size="small"
          fields={
            <>
              <Why />
              <Proof />
            </>
          }
          run={correct}
        />
      )}
    </div>
  );
}
