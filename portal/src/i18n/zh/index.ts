import compliance from './compliance';
import enterprise from './enterprise';
import extracts from './extracts';
import market from './market';
import offices from './offices';
import organisation from './organisation';
import pledges from './pledges';
import published from './public';
import reductions from './reductions';
import session from './session';
import shell from './shell';
import supervision from './supervision';
import words from './words';

/** Everything that the portal says, in Chinese. */
export default {
  ...compliance,
  ...enterprise,
  ...extracts,
  ...market,
  ...offices,
  ...organisation,
  ...pledges,
  ...published,
  ...reductions,
  ...session,
  ...shell,
  ...supervision,
  ...words,
};
