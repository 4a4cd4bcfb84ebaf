'use strict';
// Pictures and videos of a page: each in a box that shows it or a part of it, and several in step.

/** A picture or a video in a box (`box`). It holds no media until it is attached. */
class Clip {
  /**
   * @param media `{kind: 'video' | 'image', src, width, height}`, or `{missing}` with the reason
   * @param cell `[x, y, width, height]`, the part that is shown, in pixels; the whole if there is none
   * @param label what a reader of the screen says it is
   */
  constructor(media, cell, label) {
    this.media = media;
    this.isAttached = false;
    this.box = document.createElement('div');
    this.box.className = 'frame';
    if (media.missing) {
      this.fail('nothing to show', media.missing);
      return;
    }
    const [x, y, width, height] = cell ?? [0, 0, media.width, media.height];
    this.box.style.aspectRatio = `${width} / ${height}`;
    const isVideo = media.kind === 'video';
    const element = document.createElement(isVideo ? 'video' : 'img');
    element.setAttribute(isVideo ? 'aria-label' : 'alt', label);
    if (isVideo) {
      element.muted = true;
      element.playsInline = true;
      element.preload = 'auto';
      element.disablePictureInPicture = true;
      this.video = element;
    }
    // The whole is laid out so that the part fills the box; lengths are shares of the box.
    element.style.width = `${100 * media.width / width}%`;
    element.style.height = `${100 * media.height / height}%`;
    element.style.left = `${-100 * x / width}%`;
    element.style.top = `${-100 * y / height}%`;
    element.addEventListener('error', () => {
      if (this.isAttached) this.fail('this browser cannot play it', media.src.slice(0, 200));
    });
    this.element = element;
    this.box.append(element);
  }

  /** Says so in the box. */
  fail(words, reason) {
    this.detach();
    this.hasFailed = true;
    this.video = undefined;
    this.box.classList.add('missing');
    this.box.textContent = words;
    this.box.title = reason;
    this.box.dispatchEvent(new CustomEvent('fail'));
  }

  /** Begins to load. Browsers play some dozens of videos at a time and no more. */
  attach() {
    if (this.isAttached || this.hasFailed) return;
    this.isAttached = true;
    this.element.src = this.media.src;
  }

  /** Frees what was loaded. */
  detach() {
    if (!this.isAttached) return;
    this.isAttached = false;
    this.element.removeAttribute('src');
    if (this.video) this.video.load();
  }
}

/** Videos that play in step, over and over; the longest sets the pace, shorter ones wait at their end. */
class Ensemble {
  /** @param onChange called when it begins or ceases to play */
  constructor(clips, onChange = () => {}) {
    this.clips = clips.filter((clip) => clip.video);
    this.onChange = onChange;
    this.isPlaying = false;
    for (const { video } of this.clips) {
      video.addEventListener('canplay', () => this.start());
      video.addEventListener('timeupdate', () => this.align(video));
      video.addEventListener('ended', () => {
        // A still that calls itself a video would do nothing but begin again.
        if (video === this.leader && video.duration > 0.1) this.rewind();
      });
    }
  }

  get videos() {
    return this.clips.filter((clip) => clip.isAttached && clip.video).map((clip) => clip.video);
  }

  get leader() {
    return this.videos.reduce(
      (first, video) => (first && first.duration >= (video.duration || 0) ? first : video), undefined);
  }

  play() {
    this.isPlaying = true;
    this.onChange();
    this.start();
  }

  pause() {
    if (!this.isPlaying) return;
    this.isPlaying = false;
    for (const video of this.videos) video.pause();
    this.onChange();
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  /** From the first frame. */
  rewind() {
    for (const video of this.videos) video.currentTime = 0;
    this.start();
  }

  /** Plays as soon as all are ready. */
  start() {
    const videos = this.videos;
    if (!this.isPlaying || videos.some((video) => video.readyState < 3)) return;
    const leader = this.leader;
    if (leader) this.align(leader);
    for (const video of videos) {
      // Those in the middle of a seek come back with `canplay`.
      if (video.paused && !video.ended && !video.seeking) video.play().catch(() => {});
    }
  }

  /** Brings those that are out of step to where the leader is. */
  align(leader) {
    if (leader !== this.leader) return;
    const time = leader.currentTime;
    for (const video of this.videos) {
      const target = Math.min(time, video.duration);
      if (video !== leader && !video.seeking && Math.abs(video.currentTime - target) > 0.15) {
        video.currentTime = target;
      }
    }
  }
}

/** The page's data, which stands in it as text. */
function readData() {
  return JSON.parse(document.getElementById('data').textContent);
}

/** Makes an element with a class and a text. */
function make(tag, className = '', text = '') {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

/** Whether a key is meant for the control that has the focus. */
function isTyping(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  return event.target.closest?.('input, select, textarea, dialog[open]') != null;
}

const prefersStillness = matchMedia('(prefers-reduced-motion: reduce)').matches;
