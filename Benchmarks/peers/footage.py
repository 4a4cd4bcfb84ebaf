"""Frames of real videos, prepared for an encoder: what int8 is calibrated with, and what accuracy is measured on.

The footage is what `make demo` fetches. The first part of each video is for calibration, the rest for accuracy.
"""

import subprocess

import numpy as np

VIDEOS = ["bikes.mp4", "bigbuckbunny.mp4", "carphone_pristine.mp4", "carphone_distorted.mp4"]
CALIBRATION_SHARE = 0.6


def decode(path, side):
    """All frames, short side 256/224 of `side`, cropped to the middle: [frames, side, side, 3]."""
    short = side * 256 // 224
    fit = f"scale={short}:{short}:force_original_aspect_ratio=increase:flags=bicubic,crop={side}:{side}"
    words = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-vf", fit, "-pix_fmt", "rgb24"]
    pixels = subprocess.run([*words, "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
    return np.frombuffer(pixels, np.uint8).reshape(-1, side, side, 3)


def clips(footage, of, count, is_calibration):
    """Clips of consecutive frames at equal distances, as many of each video: [count, frames, side, side, 3]."""
    made = []
    for number, name in enumerate(VIDEOS):
        frames = decode(footage / name, of.image)
        cut = int(len(frames) * CALIBRATION_SHARE)
        frames = frames[:cut] if is_calibration else frames[cut:]
        of_video = count // len(VIDEOS) + (number < count % len(VIDEOS))
        starts = np.linspace(0, len(frames) - of.frames, of_video).round().astype(int)
        made += [frames[start : start + of.frames] for start in starts]
    return np.stack(made)


def normalized(of, frames):
    """What the encoder's own preparation makes of bytes: [clips * frames, 3, side, side]."""
    pixels = frames.reshape(-1, of.image, of.image, 3).astype(np.float32) / 255
    pixels = (pixels - np.float32(of.mean)) / np.float32(of.deviation)
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
