import { useTranslation } from 'react-i18next';

/** What the register takes as evidence. */
const TAKEN = '.pdf,.png,.jpg,.jpeg,.xlsx,.csv,.txt';

/** The field of a form for files that prove something: one or several. */
export function EvidenceInput({
  id,
  value,
  onChange,
}: {
  id?: string;
  value?: File[];
  onChange?: (files: File[]) => void;
}) {
  const { t } = useTranslation();
  const names = (value ?? []).map((file) => file.name);
  return (
    <label className="upload" htmlFor={id}>
      {names.length === 0 ? t('reduction.choose') : names.join(t('shell.comma'))}
      <br />
      <small>{t('reduction.kinds')}</small>
      <input
        id={id}
        type="file"
        multiple
        accept={TAKEN}
        onChange={(event) => onChange?.([...(event.target.files ?? [])])}
      />
    </label>
  );
}
