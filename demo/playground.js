/** The playground: asks one question through `window.ai` and shows the answer as it streams. */

const element = (id) => document.getElementById(id);
const [form, question, ask, stop, answer, status, model] = ['form', 'question', 'ask', 'stop', 'answer', 'status', 'model'].map(
  element,
);

/** What went wrong, for the person in front of the page, by the error strings of classic `window.ai`. */
const explanations = {
  PERMISSION_DENIED: 'You did not allow this page to use your AI.',
  NOT_AUTHENTICATED: 'Your model cannot be reached. Oriel’s toolbar popup says why.',
  PAYMENT_REQUIRED: 'Your account has no credit left.',
  INVALID_REQUEST: 'The request was malformed.',
};

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (!window.ai) return show('failed', 'This browser has no window.ai. Install Oriel and reload the page.');
  const abort = new AbortController();
  stop.onclick = () => abort.abort();
  setBusy(true);
  show('waiting', '');
  status.textContent = 'Waiting for your approval or the first word …';

  let text = '';
  let deltas = 0;
  let first = 0;
  const onStreamResult = (result) => {
    if (!result) return;
    first ||= performance.now();
    deltas += 1;
    text += result.text;
    show('streaming', text);
    status.textContent = 'Answering …';
  };
  try {
    const [result] = await window.ai.generateText(
      { prompt: question.value },
      { onStreamResult, temperature: 0, maxTokens: 120, signal: abort.signal },
    );
    const seconds = (performance.now() - first) / 1000;
    show('done', result.text);
    answer.dataset.rate = deltas > 1 ? ((deltas - 1) / seconds).toFixed(1) : '';
    status.textContent = `Done: ${deltas} pieces in ${seconds.toFixed(1)} s.`;
  } catch (error) {
    const reason = typeof error === 'string' ? (explanations[error] ?? error) : error.message;
    show('failed', text || reason);
    status.textContent = text ? reason : '';
  } finally {
    setBusy(false);
    showModel();
  }
});

function show(state, text) {
  answer.dataset.state = state;
  answer.textContent = text;
}

function setBusy(isBusy) {
  ask.disabled = isBusy;
  stop.hidden = !isBusy;
}

async function showModel() {
  model.textContent = window.ai ? await window.ai.getCurrentModel() : 'no window.ai here';
}

window.ai?.addEventListener((event) => event === 'model_changed' && showModel());
element('model').textContent = window.ai ? 'yours, when you allow it' : 'no window.ai here';
