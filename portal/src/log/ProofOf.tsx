import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { secondOf } from '../figures/instant';
import { Facts } from '../ui/Facts';
import { Loading } from '../ui/Loading';
import { Refusal } from '../ui/Refusal';
import { toHex } from './bytes';
import { Findings } from './Findings';
import { proveLeaf } from './questions';
import { leafOf } from './tree';

interface ProofOfProps {
  /** The text whose hash is the leaf. */
  text: string;
  /** The leaf hash that the books tell of it. */
  told: string;
  /** What must stand in the text, so that it is that of the thing which is shown. */
  names: string;
}

async function prove(text: string) {
  const leaf = await leafOf(text);
  return { leaf: toHex(leaf), ...(await proveLeaf(leaf)) };
}

/** That a text is in the public log: hashed, followed up to the root and compared with the signature in this browser. */
export function ProofOf({ text, told, names }: ProofOfProps) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ['log', 'leaf', text], queryFn: () => prove(text), retry: false });
  if (query.isLoadingError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const { leaf, position, checkpoint, note, path, isIn, isSigned } = query.data;
  const isText = leaf === told && text.includes(`\n${names}\n`);
  return (
    <div className="stack">
      <Findings
        findings={[
          { step: t('log.steps.text'), found: isText ? 'holds' : 'fails' },
          { step: t('log.steps.path', { position, size: checkpoint.size }), found: isIn },
          { step: t('log.steps.signature', { origin: checkpoint.origin }), found: isSigned },
        ]}
      />
      <Facts
        facts={[
          [t('audit.position'), <span className="figures">{position}</span>],
          [t('audit.treeSize'), <span className="figures">{checkpoint.size}</span>],
          [t('audit.pathLength'), t('audit.hashes', { count: path.length })],
          checkpoint.recordedAt !== undefined && [
            t('log.signedAt'),
            <span className="figures">{secondOf(checkpoint.recordedAt)}</span>,
          ],
          [t('audit.leafHash'), <span className="code">{leaf}</span>],
        ]}
      />
      <details>
        <summary>{t('audit.canonical')}</summary>
        <pre className="code">{text}</pre>
      </details>
      <details>
        <summary>{t('log.path')}</summary>
        <pre className="code">{path.join('\n')}</pre>
      </details>
      <details>
        <summary>{t('audit.checkpoint')}</summary>
        <pre className="code">{note}</pre>
      </details>
    </div>
  );
}
