'use strict';
// The page of `ganrm study make`: shows one pair at a time and takes an answer by button or key. Answers
// are kept in localStorage until the rater saves them as a file. Only `data.key` tells which side
// is which; it is encoded so that raters do not see it by accident.

const data = readData();
const storageName = `ganrm-study-${data.id}`;
const element = (id) => document.getElementById(id);
const answers = [];
let clips = [];
let ensemble;
let pairShownAt;

/** The content of the saved file; answers are in the order of the pairs. */
function results() {
  return { study: data.id, title: data.title, rater: element('rater').value.trim(), answers, key: data.key };
}

function keep() {
  try {
    localStorage.setItem(storageName, JSON.stringify({ rater: results().rater, answers }));
    element('unkept').hidden = true;
  } catch {
    element('unkept').hidden = false;
  }
}

function restore() {
  try {
    const kept = JSON.parse(localStorage.getItem(storageName));
    if (!kept) return;
    element('rater').value = kept.rater;
    answers.push(...kept.answers);
  } catch {
    element('unkept').hidden = false;
  }
}

/** Shows the next pair to answer, or the end. */
function show() {
  const answeredCount = answers.length;
  const isOver = answeredCount === data.items.length;
  ensemble?.pause();
  for (const clip of clips) clip.detach();
  element('pair').hidden = isOver;
  element('over').hidden = !isOver;
  element('undo').disabled = answeredCount === 0;
  element('progress').value = answeredCount;
  element('position').textContent = `${isOver ? answeredCount : answeredCount + 1} of ${data.items.length}`;
  if (isOver) {
    element('over-title').focus();
    return;
  }
  const item = data.items[answeredCount];
  element('prompt').textContent = item.prompt;
  clips = ['left', 'right'].map((side) => {
    const name = side === 'left' ? 'A' : 'B';
    const clip = new Clip(data.media[item[side].media], item[side].cell, name);
    clip.box.addEventListener('click', () => ensemble.toggle());
    clip.box.addEventListener('fail', () => { element('hint').textContent = 'If a side cannot be seen, skip.'; });
    element(side).replaceChildren(clip.box);
    return clip;
  });
  element('hint').textContent = '';
  ensemble = new Ensemble(clips, () => {
    element('play').textContent = ensemble.isPlaying ? 'Pause' : 'Play';
  });
  element('play').hidden = ensemble.clips.length === 0;
  for (const clip of clips) clip.attach();
  if (!prefersStillness) ensemble.play();
  // Preload the next pair into the browser's cache.
  const next = data.items[answeredCount + 1];
  for (const side of next ? ['left', 'right'] : []) preload(data.media[next[side].media]);
  pairShownAt = performance.now();
}

const preloader = document.createElement('video');
preloader.preload = 'auto';

function preload(media) {
  if (media.src.startsWith('data:')) return;
  const loader = media.kind === 'video' ? preloader.cloneNode() : new Image();
  loader.src = media.src;
}

function answer(choice) {
  if (answers.length === data.items.length) return;
  const seconds = Math.round((performance.now() - pairShownAt) / 100) / 10;
  answers.push({ item: answers.length, answer: choice, seconds });
  keep();
  show();
}

function undo() {
  if (answers.length === 0) return;
  answers.pop();
  keep();
  show();
}

function save() {
  const text = JSON.stringify(results(), undefined, 1);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const rater = results().rater.replace(/[^\p{L}\p{N}]+/gu, '-') || 'results';
  link.download = `${rater}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const actions = {
  'choose-left': () => answer('left'),
  'choose-equal': () => answer('equal'),
  'choose-right': () => answer('right'),
  skip: () => answer('skip'),
  undo,
  play: () => ensemble.toggle(),
  again: () => ensemble.rewind(),
  save,
  'save-over': save,
};
for (const [id, action] of Object.entries(actions)) element(id).addEventListener('click', action);
element('rater').addEventListener('input', keep);

const keys = {
  ArrowLeft: 'choose-left', ArrowDown: 'choose-equal', '=': 'choose-equal', ArrowRight: 'choose-right',
  s: 'skip', u: 'undo', Backspace: 'undo', ' ': 'play', r: 'again',
};

document.addEventListener('keydown', (event) => {
  const id = keys[event.key];
  // A held key repeats, but counts as one answer.
  if (!id || isTyping(event) || event.repeat) return;
  if (event.key === ' ' && event.target.closest('button')) return;
  event.preventDefault();
  actions[id]();
});

element('progress').max = data.items.length;
restore();
show();
