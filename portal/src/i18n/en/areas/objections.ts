export default {
  objection: {
    title: 'Objections',
    lead: 'While something is laid open, anybody who takes part may object. The bureau answers each in writing, and nothing goes on before it has.',
    none: 'No objections',
    noneLead: 'Objections to grants and trades that are laid open stand here.',
    toLaidOpen: 'What is laid open',
    who: 'Who objects',
    about: 'About',
    text: 'Objection',
    raisedAt: 'Raised at',
    answerBy: 'Answer by',
    answer: 'Answer',
    answeredAt: 'Answered at',
    waiting: 'Waits for an answer',
    outcomes: {
      upheld: 'Upheld',
      dismissed: 'Dismissed',
    },
    raise: 'Object',
    raiseLead:
      'Your objection goes to the bureau in charge, and those concerned can read it. Until it is answered, a grant is not confirmed, and a trade is neither paid nor settled.',
    uphold: 'Uphold',
    upholdLead:
      'An upheld objection ends a trade at once, and all rights and money that it held go back. A grant cannot be confirmed any more: it is rejected and proposed anew.',
    dismiss: 'Dismiss',
    dismissLead: 'What it is about goes on; the buyer of a trade has the whole term to pay anew.',
    until: 'Laid open until {{until}}',
    waits: '{{count}} waiting for an answer',
    waitsLead: {
      trade: 'Until then the trade is neither paid nor settled, and the time to pay stands still.',
      allocation: 'Until then nothing is confirmed.',
      allocation_batch: 'Until then nothing is confirmed.',
    },
  },
};
