'use strict';
// The page of `ganrm report`: prompts with their candidates, best first. Only the prompts near the
// window have content, only candidates near it have media, so that a thousand prompts stay fluid.

const data = readData();
const list = document.getElementById('prompts');
const tools = document.getElementById('tools');
const help = document.getElementById('help');
/** More candidates than this are shown on demand. */
const mostCandidates = 12;

/** A prompt of the page: its data, its item in the list, and what it plays. */
class Prompt {
  constructor(entry, index) {
    this.entry = entry;
    this.index = index;
    const good = entry.candidates.filter((candidate) => candidate.rank);
    const failed = entry.candidates.length - good.length;
    const spreads = good.map((candidate) => candidate.spread ?? 0);
    this.margin = good.length > 1 ? good[0].logit - good.at(-1).logit : NaN;
    this.best = good.length ? good[0].logit : NaN;
    this.worst = good.length ? good.at(-1).logit : NaN;
    this.spread = good.length ? Math.max(...spreads) : NaN;
    this.isIncomparable = good.length < 2;
    this.hasFailures = failed > 0;
    this.words = `${entry.prompt ?? ''}\n${entry.group}`.toLowerCase();
    this.clips = [];
    this.showsAll = false;
    this.item = document.createElement('li');
    this.item.prompt = this;
    this.item.tabIndex = -1;
    this.item.classList.add('prompt');
  }

  fill() {
    if (this.item.firstChild) return;
    const { entry } = this;
    const head = make('div', 'head');
    const title = make('h2', '', entry.prompt ?? entry.group);
    title.dir = 'auto';
    const facts = [`${this.index + 1}`];
    if (entry.prompt !== undefined && entry.group !== entry.prompt) facts.push(entry.group);
    if (!Number.isNaN(this.margin)) facts.push(`margin ${number(this.margin)}`);
    this.button = make('button', 'play', 'Play');
    this.button.type = 'button';
    this.button.addEventListener('click', () => this.ensemble.toggle());
    head.append(title, make('p', 'facts', facts.join(' · ')), this.button);
    this.item.append(head);
    if (entry.problem) this.item.append(make('p', 'problem', entry.problem));
    this.item.append(this.candidates());
    this.item.style.minHeight = '';
    this.item.addEventListener('pointerenter', this);
    this.item.addEventListener('pointerleave', this);
  }

  /** The row of candidates: all, or the first ones and the last. */
  candidates() {
    const row = make('div', 'candidates');
    const all = this.entry.candidates;
    const isCut = all.length > mostCandidates && !this.showsAll;
    const shown = isCut ? [...all.slice(0, mostCandidates - 1), all.at(-1)] : all;
    shown.forEach((candidate, place) => {
      if (isCut && place === shown.length - 1) {
        const more = make('button', 'more', `${all.length - shown.length} more`);
        more.type = 'button';
        more.addEventListener('click', () => {
          this.showsAll = true;
          this.empty();
          this.fill();
          focusOn(this);
        });
        row.append(more);
      }
      row.append(this.candidate(candidate));
    });
    this.ensemble = new Ensemble(this.clips, () => {
      this.button.textContent = this.ensemble.isPlaying ? 'Pause' : 'Play';
    });
    this.button.hidden = this.ensemble.clips.length === 0;
    for (const clip of this.clips) nearby.observe(clip.box);
    return row;
  }

  candidate(candidate) {
    const figure = make('figure', candidate.rank === 1 ? 'candidate first' : 'candidate');
    const name = candidate.input.split('/').at(-1);
    const place = candidate.rank
      ? `rank ${candidate.rank}` : candidate.excluded ? 'excluded' : 'failed';
    const clip = new Clip(data.media[candidate.media], candidate.cell, `${place}: ${name}`);
    clip.box.clip = clip;
    clip.box.addEventListener('click', () => this.ensemble.toggle());
    this.clips.push(clip);
    const caption = make('figcaption');
    const first = make('div', 'score');
    if (candidate.rank) {
      first.append(make('span', 'rank', `${candidate.rank}`), make('b', '', candidate.score.toFixed(3)));
      const bar = make('span', 'bar');
      const part = make('span');
      part.style.width = `${100 * candidate.score}%`;
      bar.append(part);
      first.append(bar);
      const facts = [`logit ${number(candidate.logit)}`];
      if (candidate.spread !== undefined) facts.push(`± ${number(candidate.spread)}`);
      if (candidate.margin !== undefined) facts.push(`margin ${number(candidate.margin)}`);
      caption.append(first, make('div', '', facts.join(' · ')));
    } else if (candidate.excluded) {
      caption.append(
        make('div', 'problem', `excluded: ${candidate.excluded}`),
        make('div', '', `score ${candidate.score.toFixed(3)} · logit ${number(candidate.logit)}`));
    } else {
      caption.append(make('div', 'problem', candidate.error));
    }
    // A browser opens no page from data.
    const source = data.media[candidate.media].src ?? 'data:';
    const isFile = !source.startsWith('data:');
    const link = make(isFile ? 'a' : 'span', 'name', name);
    if (isFile) {
      link.href = source;
      link.target = '_blank';
      link.rel = 'noopener';
    }
    link.dir = 'auto';
    link.title = candidate.input;
    caption.append(link);
    figure.append(clip.box, caption);
    return figure;
  }

  empty() {
    if (!this.item.firstChild) return;
    this.item.style.minHeight = `${this.item.offsetHeight}px`;
    this.ensemble.pause();
    for (const clip of this.clips) {
      nearby.unobserve(clip.box);
      clip.detach();
    }
    this.clips = [];
    this.item.replaceChildren();
  }

  handleEvent(event) {
    if (tools.elements.play.value !== 'hover' || event.pointerType !== 'mouse') return;
    if (event.type === 'pointerenter') this.ensemble.play();
    else this.ensemble.pause();
  }
}

function number(value) {
  return value.toFixed(2).replace('-', '\u2212');
}

const prompts = data.prompts.map((entry, index) => new Prompt(entry, index));
let shown = prompts;
let current;

// Fills prompts within a window's height of the window, and empties the others.
const close = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) {
      target.prompt.fill();
      inside.observe(target);
    } else {
      inside.unobserve(target);
      target.prompt.empty();
    }
  }
}, { rootMargin: '100% 0px' });

// Loads what is about to be seen.
const nearby = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) target.clip.attach();
    else target.clip.detach();
  }
}, { rootMargin: '300px' });

// Plays what is in the middle of the window.
const inside = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const { ensemble } = target.prompt;
    if (!ensemble) continue;
    if (!isIntersecting) ensemble.pause();
    else if (tools.elements.play.value === 'visible') ensemble.play();
  }
}, { rootMargin: '-30% 0px' });

const orders = {
  prompt: (a, b) => a.index - b.index,
  widest: descending('margin'),
  narrowest: ascending('margin'),
  best: descending('best'),
  worst: ascending('worst'),
  spread: descending('spread'),
};

/** Prompts without the figure come last; equal ones stay in prompt order. */
function ascending(key) {
  return (a, b) => {
    const gap = Number.isNaN(a[key]) - Number.isNaN(b[key]);
    return gap || (a[key] - b[key]) || a.index - b.index;
  };
}

function descending(key) {
  return (a, b) => {
    const gap = Number.isNaN(a[key]) - Number.isNaN(b[key]);
    return gap || (b[key] - a[key]) || a.index - b.index;
  };
}

function matches(prompt, wanted) {
  if (wanted.kind === 'failed' && !prompt.hasFailures) return false;
  if (wanted.kind === 'incomparable' && !prompt.isIncomparable) return false;
  if (!wanted.words.every((word) => prompt.words.includes(word))) return false;
  if (!Number.isNaN(wanted.low) && !(prompt.margin >= wanted.low)) return false;
  return Number.isNaN(wanted.high) || prompt.margin <= wanted.high;
}

/** Lists the prompts that the tools ask for, in the order that they ask for. */
function update() {
  const { search, low, high, kind, order } = tools.elements;
  const wanted = {
    words: search.value.toLowerCase().split(/\s+/u).filter(Boolean),
    low: low.valueAsNumber,
    high: high.valueAsNumber,
    kind: kind.value,
  };
  shown = prompts.filter((prompt) => matches(prompt, wanted)).sort(orders[order.value]);
  for (const prompt of prompts) {
    close.unobserve(prompt.item);
    inside.unobserve(prompt.item);
    prompt.empty();
  }
  list.replaceChildren(...shown.map((prompt) => prompt.item));
  // What the first one needs is a good guess for those that nobody has seen.
  shown[0]?.fill();
  list.style.setProperty('--typical', `${shown[0]?.item.offsetHeight ?? 0}px`);
  for (const prompt of shown) close.observe(prompt.item);
  current = undefined;
  const all = `${prompts.length} prompt${prompts.length === 1 ? '' : 's'}`;
  document.getElementById('count').textContent = shown.length === prompts.length
    ? all : `${shown.length} of ${all}`;
}

/** Brings a prompt to the top of the window, for the keyboard too. */
function focusOn(prompt) {
  current = prompt;
  prompt.fill();
  prompt.item.scrollIntoView({ block: 'start' });
  prompt.item.focus({ preventScroll: true });
}

/** The prompt that the keyboard is at: the focused one if it is in sight, else the first in sight. */
function place() {
  const top = tools.getBoundingClientRect().bottom;
  const isSeen = (prompt) => {
    const { top: upper, bottom: lower } = prompt.item.getBoundingClientRect();
    return lower > top + 40 && upper < innerHeight;
  };
  if (current && isSeen(current)) return shown.indexOf(current);
  return shown.findIndex(isSeen);
}

function step(by) {
  const here = place();
  const isFresh = here < 0 || shown[here] !== current;
  const next = here < 0 ? 0 : isFresh && by > 0 ? here : here + by;
  if (shown[next]) focusOn(shown[next]);
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && event.target === tools.elements.search) event.target.blur();
  if (isTyping(event)) return;
  const isControl = event.target.closest('button, a, summary') != null;
  switch (event.key) {
    case 'j': case 'ArrowRight': step(1); break;
    case 'k': case 'ArrowLeft': step(-1); break;
    case ' ':
      if (isControl) return;
      shown[place()]?.ensemble?.toggle();
      break;
    case '/': tools.elements.search.focus(); break;
    case '?': help.showModal(); break;
    default: return;
  }
  event.preventDefault();
});

tools.addEventListener('submit', (event) => event.preventDefault());
tools.addEventListener('input', (event) => {
  if (event.target.name !== 'play') update();
});
tools.addEventListener('reset', () => setTimeout(update));
tools.elements.play.addEventListener('change', () => {
  const mode = tools.elements.play.value;
  for (const prompt of shown) prompt.ensemble?.pause();
  for (const prompt of shown) inside.unobserve(prompt.item);
  if (mode === 'visible') {
    for (const prompt of shown) if (prompt.item.firstChild) inside.observe(prompt.item);
  }
});
document.getElementById('show-help').addEventListener('click', () => help.showModal());

if (prefersStillness) tools.elements.play.value = 'hand';
update();
