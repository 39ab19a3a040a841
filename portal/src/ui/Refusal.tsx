import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { ApiProblem, type Violation, violationsOf } from '../api/problem';

/** Every broken rule in plain words, with its code and its legal basis. */
export function Violations({ title, violations }: { title: string; violations: readonly Violation[] }) {
  const { t } = useTranslation();
  return (
    <div className="notice" role="alert">
      <h3>{title}</h3>
      <ul>
        {violations.map((one, place) => (
          <li key={`${one.code}-${one.field}-${place}`}>
            {one.message}
            <small>
              <span className="code">{one.code}</span>
              {one.legal_basis ? ` · ${t('problem.basis')}${one.legal_basis}` : ''}
            </small>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What went wrong: a refusal with its rules, or a server that cannot be reached. */
export function Refusal({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  if (error === null || error === undefined) return null;
  const violations = violationsOf(error);
  if (violations.length > 0)
    return <Violations title={t('problem.refused', { count: violations.length })} violations={violations} />;
  const isOurs = error instanceof ApiProblem;
  return (
    <div className="notice" role="alert">
      <h3>{isOurs ? error.problem.title : t('problem.unreachable')}</h3>
      <p>{isOurs ? error.problem.detail : t('problem.tryAgain')}</p>
      {isOurs && (
        <small className="code">
          {error.problem.code} · {error.problem.trace_id}
        </small>
      )}
      {retry !== undefined && (
        <Button size="small" onClick={retry}>
          {t('act.retry')}
        </Button>
      )}
    </div>
  );
}
