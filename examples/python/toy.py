"""A video generator that is small enough to be improved in minutes, in NumPy: the examples use it.

It is that of examples/rounds-toy without its footage and FFmpeg: it shows a scene, which a prompt names,
through flaws: noise, blur, jitter, flicker and lost colour. How strong each is, is the latent of a video,
drawn from a normal distribution whose means are what is trained.
"""

from __future__ import annotations

import functools
import pathlib
import sys
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Video = npt.NDArray[np.uint8]
"""`[FRAMES, HEIGHT, WIDTH, 3]`, RGB."""

FLAWS = ("noise", "blur", "jitter", "flicker", "colour")
FRAMES, HEIGHT, WIDTH, RATE = 8, 96, 128, 8
STRENGTHS = (0.0, 0.15, 0.3, 0.6)
# What is filmed is larger than what is shown, so that there is room for jitter.
MARGIN = 16


@dataclass(frozen=True)
class Generator:
    """Latents are drawn from N(mean, deviation²), each flaw by itself.

    Attributes:
        mean: `[flaws]`; 0 is without flaws, 1 is strong.
        deviation: The same for all; it is not trained, as that of the noise in a sampler is not.
    """

    mean: Floats
    deviation: float = 0.25

    @classmethod
    def untrained(cls) -> Generator:
        return cls(np.full(len(FLAWS), 0.6))

    def draw(self, count: int, random: np.random.Generator) -> Floats:
        """Latents, `[count, flaws]`."""
        return self.mean + self.deviation * random.standard_normal((count, len(FLAWS)))

    def log_probability(self, latents: Floats) -> Floats:
        """Of latents, `[count]`: the mean over the dimensions, as trainers of diffusion models have it."""
        standard = (latents - self.mean) / self.deviation
        each = -(standard**2) / 2 - np.log(self.deviation) - np.log(2 * np.pi) / 2
        return np.asarray(each.mean(axis=-1))


@functools.lru_cache(64)
def scene(prompt: str) -> Floats:
    """What a prompt names, without flaws: discs that move over a texture, `[time, y, x, 3]`, 0 to 1."""
    random = np.random.default_rng(zlib.crc32(prompt.encode()))
    height, width = HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN
    texture = _texture(random, 2 * height, 2 * width)
    pan = random.uniform(-2, 2, 2)
    discs = [
        (
            random.uniform((0, 0), (height, width)),
            random.uniform(-3, 3, 2),
            random.uniform(8, 25),
            random.uniform(0.1, 0.9, 3),
        )
        for _ in range(4)
    ]
    y, x = np.mgrid[:height, :width]
    frames: list[Floats] = []
    for time in range(FRAMES):
        top, left = (height // 2 + pan * time).round().astype(int)
        frame = texture[top : top + height, left : left + width]
        for start, speed, radius, colour in discs:
            middle = start + speed * time
            distance = np.hypot(y - middle[0], x - middle[1])[..., None]
            covered = np.clip(radius - distance, 0, 1)
            shaded = colour * np.clip(1 - distance / radius / 2, 0, 1)
            frame = frame * (1 - covered) + shaded * covered
        frames.append(frame)
    return np.stack(frames)


def _texture(random: np.random.Generator, height: int, width: int) -> Floats:
    """Noise with the spectrum of natural images, about 1/f, `[height, width, 3]`."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
    frequency[0, 0] = np.inf
    phases = np.exp(2j * np.pi * random.random((3, height, width)))
    planes = np.fft.ifft2(phases / frequency**1.2).real
    planes /= planes.std(axis=(1, 2), keepdims=True)
    # Colours of nature vary less than its brightness.
    image = (planes[0] + planes / 2).transpose(1, 2, 0)
    return np.asarray(np.clip(0.5 + 0.18 * image, 0, 1))


def render(prompt: str, latent: Floats, seed: int) -> Video:
    """The video of a latent `[flaws]`, whose negative strengths count as none."""
    noise, blur, jitter, flicker, colour = np.maximum(0, latent)
    random = np.random.default_rng(seed)
    phase = random.uniform(0, 2 * np.pi)
    time = np.arange(FRAMES)
    video = _blurred(prompt, 4 * blur) if blur > 0 else scene(prompt)
    across = np.clip(12 * jitter * np.sin(9.1 * time + phase), -MARGIN, MARGIN).round().astype(int)
    down = np.clip(12 * jitter * np.cos(7.7 * time + phase), -MARGIN, MARGIN).round().astype(int)
    video = np.stack(
        [
            frame[MARGIN + y : MARGIN + y + HEIGHT, MARGIN + x : MARGIN + x + WIDTH]
            for frame, y, x in zip(video, down, across, strict=True)
        ]
    )
    gray = video.mean(axis=-1, keepdims=True)
    video = gray + max(0, 1 - colour) * (video - gray)
    video = video + 0.3 * flicker * np.sin(2.3 * time + phase)[:, None, None, None]
    video = video + 0.1 * noise * random.standard_normal(video.shape)
    return np.asarray((255 * np.clip(video, 0, 1)).round().astype(np.uint8))


def _blurred(prompt: str, sigma: float) -> Floats:
    """The scene through a Gaussian of `sigma` pixels, which wraps around in the margin."""
    height, width = scene(prompt).shape[1:3]
    squared = np.fft.fftfreq(height)[:, None] ** 2 + np.fft.rfftfreq(width) ** 2
    response = np.exp(-2 * (np.pi * sigma) ** 2 * squared)[..., None]
    return np.asarray(np.fft.irfft2(_spectrum(prompt) * response, (height, width), axes=(1, 2)))


@functools.lru_cache(64)
def _spectrum(prompt: str) -> npt.NDArray[np.complex128]:
    return np.asarray(np.fft.rfft2(scene(prompt), axes=(1, 2)))


def group(prompt: str, strengths: Sequence[float] = STRENGTHS) -> list[Video]:
    """Videos of one prompt, all flaws of each as strong as the list says."""
    return [
        render(prompt, np.full(len(FLAWS), strength), seed)
        for seed, strength in enumerate(strengths)
    ]


def report(rewards: Iterable[float]) -> None:
    """Prints the rewards of a group; ends the program if the better videos have not the higher ones."""
    found = [float(reward) for reward in rewards]
    print("flaws ", *(f"{strength:7.2f}" for strength in STRENGTHS))
    print("reward", *(f"{reward:7.2f}" for reward in found))
    if len(found) != len(STRENGTHS) or sorted(found, reverse=True) != found:
        sys.exit("the rewards do not fall as the flaws rise")


def spectral_distance(video: Video, prompt: str) -> float:
    """Log-spectral distance from the scene without flaws, in dB: of blur and noise, not of where things are."""
    clean = render(prompt, np.zeros(len(FLAWS)), 0)
    difference = _log_power(video) - _log_power(clean)
    return float(np.sqrt(np.mean(difference**2)))


def _log_power(video: Video) -> Floats:
    """The mean power spectrum of the frames' gray values, in dB."""
    spectra = np.abs(np.fft.rfft2(video.mean(axis=-1), axes=(1, 2))) ** 2
    return np.asarray(10 * np.log10(spectra.mean(axis=0) + 1))


def write_y4m(path: pathlib.Path, video: Video) -> None:
    """Writes a file without a coder, in the 4:4:4 YUV of BT.601."""
    matrix = np.array([[65.481, 128.553, 24.966], [-37.797, -74.203, 112], [112, -93.786, -18.214]])
    planes: Any = (video / 255) @ matrix.T + (16, 128, 128)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C444\n".encode())
        for frame in planes.round().astype(np.uint8):
            file.write(b"FRAME\n" + frame.transpose(2, 0, 1).tobytes())
