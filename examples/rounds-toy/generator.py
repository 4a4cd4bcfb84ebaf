#!/usr/bin/env python3
"""A video generator that is small enough to train in a second, for `ganrm rounds`.

    generator.py prepare FOOTAGE WORK         cut proxy clips, scenes and prompts; the first checkpoint
    generator.py generate SCENES              write outputs, as GANRM_* in the environment say
    generator.py train sft|dpo                make the next checkpoint from what ganrm preferred

It shows a scene of real footage through flaws: noise, blur, jitter, flicker and lost colour. How strong
each is, is drawn from a normal distribution; the means and deviations are the checkpoint. What an output
was drawn with stands beside it in a JSON file, as a real generator would keep latents.
"""

import json
import math
import os
import pathlib
import random
import subprocess
import sys

FLAWS = ["noise", "blur", "jitter", "flicker", "colour"]
FRAMES = 8
# Real clips and outputs get the same coder: the head is not to learn that.
CODER = ["-c:v", "libx264", "-crf", "12", "-preset", "veryfast", "-threads", "1", "-bitexact",
         "-pix_fmt", "yuv420p"]


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments], check=True)


def read(path):
    return json.loads(pathlib.Path(path).read_text())


def write(path, value):
    pathlib.Path(path).write_text(json.dumps(value, indent=1) + "\n")


def prepare(footage, folder):
    """Cuts the footage into clips of 8 frames: in turn one for the proxy data, one as a scene."""
    folder = pathlib.Path(folder)
    (folder / "proxy").mkdir(parents=True, exist_ok=True)
    (folder / "scenes").mkdir(exist_ok=True)
    prompts = []
    for name, count in [("bikes", 250), ("bigbuckbunny", 132), ("carphone_pristine", 120)]:
        for number, first in enumerate(range(0, count - FRAMES, FRAMES)):
            # Larger than what is shown, so that there is room for jitter.
            size = "scale=160:120:force_original_aspect_ratio=increase,crop=160:120"
            trim = f"trim=start_frame={first}:end_frame={first + FRAMES},setpts=N/8/TB,fps=8"
            source = ["-i", f"{footage}/{name}.mp4", "-an"]
            if number % 2 == 0:
                ffmpeg(*source, "-vf", f"{trim},{size},crop=128:96", *CODER,
                       folder / f"proxy/{name}-{first:03}.mp4")
            elif number % 4 == 1:
                ffmpeg(*source, "-vf", f"{trim},{size}", *CODER,
                       folder / f"scenes/{name}-{first:03}.mp4")
                prompts.append(f"{name}-{first:03}")
    (folder / "prompts.txt").write_text("".join(f"{prompt}\n" for prompt in prompts))
    write(folder / "base.json", {flaw: {"mean": 0.6, "deviation": 0.25} for flaw in FLAWS})


def filters(flaws, phase):
    """FFmpeg's filters for flaws between 0 and about 1."""
    jitter = 12 * flaws["jitter"]
    return ",".join([
        f"crop=128:96:x='16+clip({jitter:.4f}*sin(9.1*n+{phase}),-16,16)'"
        f":y='12+clip({jitter:.4f}*cos(7.7*n+{phase}),-12,12)'",
        f"eq=saturation={max(0, 1 - flaws['colour']):.4f}"
        f":brightness='{0.3 * flaws['flicker']:.4f}*sin(2.3*n+{phase})':eval=frame",
        f"gblur=sigma={4 * flaws['blur']:.4f}",
        f"noise=alls={min(100, round(50 * flaws['noise']))}:allf=t:all_seed={phase}",
    ])


def generate(scenes):
    environment = os.environ
    model = read(environment["GANRM_CHECKPOINT"])
    prompts = pathlib.Path(environment["GANRM_PROMPTS"]).read_text().split()
    output = pathlib.Path(environment["GANRM_OUTPUT"])
    for number, prompt in enumerate(prompts):
        for candidate in range(int(environment["GANRM_CANDIDATES"])):
            draw = random.Random(f"{environment['GANRM_SEED']} {prompt} {candidate}")
            flaws = {
                flaw: max(0, draw.gauss(model[flaw]["mean"], model[flaw]["deviation"]))
                for flaw in FLAWS
            }
            name = output / f"{number:04}_{candidate}"
            ffmpeg("-i", f"{scenes}/{prompt}.mp4",
                   "-vf", filters(flaws, draw.randrange(100000)), *CODER, f"{name}.mp4")
            write(f"{name}.json", flaws)
    print("all outputs are written")


def rows(variable):
    return [json.loads(line) for line in open(os.environ[variable])]


def flaws_of(video):
    return read(pathlib.Path(video).with_suffix(".json"))


def sft(model):
    """Refits the distribution to the best outputs, as the cross-entropy method does (Rubinstein 1999):
    the maximum-likelihood fit is what fine-tuning on them would end in."""
    best = [flaws_of(row["input"]) for row in rows("GANRM_SFT")]
    for flaw, normal in model.items():
        values = [sample[flaw] for sample in best]
        mean = sum(values) / len(values)
        deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
        normal["mean"] = mean
        # A generator keeps some variety, else nothing is left to choose from.
        normal["deviation"] = max(deviation, 0.05)


def dpo(model, rate=1.0):
    """One step along the gradient of log p(chosen) - log p(rejected), scaled by the variance as a natural
    gradient is."""
    pairs = [(flaws_of(row["chosen"]), flaws_of(row["rejected"])) for row in rows("GANRM_PAIRS")]
    for flaw, normal in model.items():
        mean, variance = normal["mean"], normal["deviation"] ** 2
        step = sum(good[flaw] - bad[flaw] for good, bad in pairs) / len(pairs)
        spread = sum((good[flaw] - mean) ** 2 - (bad[flaw] - mean) ** 2 for good, bad in pairs)
        normal["mean"] = max(0, mean + rate * step)
        variance += rate / 2 * spread / len(pairs)
        normal["deviation"] = min(0.25, math.sqrt(max(variance, 0.05 ** 2)))


def main():
    match sys.argv[1:]:
        case ["prepare", footage, folder]:
            prepare(footage, folder)
        case ["generate", scenes]:
            generate(scenes)
        case ["train", "sft" | "dpo" as how]:
            model = read(os.environ["GANRM_CHECKPOINT"])
            {"sft": sft, "dpo": dpo}[how](model)
            write(os.environ["GANRM_NEW_CHECKPOINT"], model)
        case _:
            sys.exit(__doc__)


main()
