export default {
  extract: {
    title: 'Extracts and searches',
    lead: 'Extracts of registered pledges and of what lies on rights, each with its proof: anybody verifies it offline.',
    all: 'Extracts issued',
    number: 'Number',
    kind: 'Kind',
    kinds: {
      pledge: 'Extract of a pledge',
      search: 'Search of encumbrances',
    },
    holder: 'Whose rights',
    about: 'About',
    ofPledge: 'See the pledge',
    found: 'Found',
    nothing: 'No pledge and no court freeze',
    encumbrances: 'Encumbrances: {{count}}',
    registered: 'Registered',
    asOf: 'As of',
    none: 'No extracts yet',
    noneLead: 'A registered pledge can be extracted; a bank searches encumbrances under the consent of the enterprise.',
    search: 'Search encumbrances',
    searchLead:
      'Before you lend: pledges and freezes on these rights, in the order in which they came. That there are none is certified, too. The enterprise sees each search.',
    searchNow: 'Search and certify',
    issue: 'Issue an extract',
    issueLead:
      'Extracts the pledge as it stands in the register, with every act on it and the proof of the log. Number: ',
    issued: 'Issued: {{number}}',
    amounts: {
      quantity: 'Held in all',
      available: 'Free',
      committed: 'Held for trades',
      pledged: 'Pledged',
      frozen: 'Frozen by a court',
    },
    lies: {
      pledge: 'Pledge',
      freeze: 'Court freeze',
      waiting_pledge: 'Junior pledge, waiting',
      waiting_freeze: 'Waiting freeze',
    },
  },
};
