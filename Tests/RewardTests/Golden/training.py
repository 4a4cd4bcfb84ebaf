"""Golden values for the head and its training, from PyTorch.

    pip install torch==2.* numpy scipy scikit-learn safetensors
    python training.py    # writes training.json and head.safetensors

Initial weights, data, sample order and dropout masks are not stored. They are drawn from the seed by a Python
implementation of the generators documented in Sources/Statistics/RandomGenerator.swift, RewardHead.swift,
BatchSampler.swift and HeadGradient.swift. head.safetensors is the head of the first run as saved by PyTorch.

Tolerances in the tests: 1e-4 relative for losses over 200 steps (float32 sums in another order, accumulated over
200 updates), 1e-5 for logits of heads with equal weights.
"""

import json
import math
import pathlib

import numpy
import safetensors.torch
import scipy.optimize
import scipy.stats
import torch
from sklearn.metrics import log_loss, roc_auc_score

MASK = 2**64 - 1


class Generator:
    """xoshiro256**, seeded by SplitMix64."""

    def __init__(self, seed, stream):
        mixer = seed ^ (stream * 0xD1342543DE82EF95 & MASK)
        self.state = []
        for _ in range(4):
            mixer = (mixer + 0x9E3779B97F4A7C15) & MASK
            z = mixer
            z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
            z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
            self.state.append(z ^ z >> 31)

    def next(self):
        def rotate(x, k):
            return (x << k | x >> 64 - k) & MASK

        s = self.state
        result = rotate(s[1] * 5 & MASK, 7) * 9 & MASK
        t = s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 45)
        return result

    def below(self, bound):
        return self.next() * bound >> 64

    def uniform(self):
        return numpy.float32(self.next() >> 40) * numpy.float32(2**-24)

    def symmetric(self, bound, *shape):
        """Uniform in ±bound."""
        flat = [
            numpy.float32(bound) * (numpy.float32(2) * self.uniform() - numpy.float32(1))
            for _ in range(math.prod(shape))
        ]
        return torch.tensor(numpy.array(flat, numpy.float32).reshape(shape))

    def shuffle(self, elements):
        for i in range(len(elements) - 1, 0, -1):
            j = self.below(i + 1)
            elements[i], elements[j] = elements[j], elements[i]


class RPL(torch.nn.Module):
    def __init__(self, width, architecture="rpl"):
        super().__init__()
        self.architecture = architecture
        hidden = width * 3 // 2
        self.fc1 = torch.nn.Linear(width, hidden)
        self.bn1 = torch.nn.BatchNorm1d(hidden)
        self.mask = None
        self.fc2 = torch.nn.Linear(hidden, width)
        self.bn2 = torch.nn.BatchNorm1d(width)
        self.out = torch.nn.Linear(width, 2)

    def forward(self, x):
        if self.architecture == "linear":
            return self.out(x)
        h = self.norm(self.bn1, torch.relu(self.fc1(x)))
        if self.training and self.mask is not None:
            h = h * self.mask
        h = self.norm(self.bn2, torch.relu(self.fc2(h)))
        return self.out(h if self.architecture == "no_residual" else h + x)

    def norm(self, norm, x):
        return x * norm.weight + norm.bias if self.architecture == "no_norm" else norm(x)

    def draw(self, seed):
        generator = Generator(seed, 1)
        layers = [self.out] if self.architecture == "linear" else [self.fc1, self.fc2, self.out]
        with torch.no_grad():
            self.fc1.weight.zero_()
            for linear in layers:
                bound = 1 / math.sqrt(linear.in_features)
                linear.weight.copy_(generator.symmetric(bound, *linear.weight.shape))
                linear.bias.copy_(generator.symmetric(bound, *linear.bias.shape))


class Order:
    """Sample order: proxy and generated samples alternating, then perturbed ones.

    Each kind is drawn without replacement and reshuffled when exhausted.
    """

    def __init__(self, proxies, generated, perturbed, seed):
        self.decks = [[deck, len(deck)] for deck in (proxies, generated, perturbed)]
        self.generator = Generator(seed, 2)

    def draw(self, count, perturbed):
        indices = []
        for i in range(count + perturbed):
            deck = self.decks[i % 2 if i < count else 2]
            if deck[1] == len(deck[0]):
                self.generator.shuffle(deck[0])
                deck[1] = 0
            indices.append(deck[0][deck[1]])
            deck[1] += 1
        return indices


class Masks:
    """Dropout masks for one step. Each 64-bit draw decides two elements, its low half first."""

    def __init__(self, dropout, seed):
        self.dropout = dropout
        self.generator = Generator(seed, 3)

    def draw(self, *shape):
        if self.dropout == 0:
            return None
        halves = []
        for _ in range(math.prod(shape) // 2):
            bits = self.generator.next()
            halves += [bits & 0xFFFFFFFF, bits >> 32]
        kept = numpy.array(halves).reshape(shape) >= int(self.dropout * 2**32)
        return torch.tensor(kept / (1 - self.dropout), dtype=torch.float32)


def data(width, count, seed, perturbed):
    """Embeddings uniform in ±1; every third example is a proxy, shifted by 0.3, with label 1 or 0.7.

    With perturbed examples, every fifth example is one, with label 0.4.
    """
    generator = Generator(seed, 9)
    x = generator.symmetric(1, count, width)
    y = torch.zeros(count)
    for i in range(0, count, 3):
        x[i] += 0.3
        y[i] = 1 if i % 2 == 0 else 0.7
    if perturbed:
        y[::5] = 0.4
    return x, y


def average(kept, x, rates):
    """A head with the mean parameters of the checkpoints.

    The running statistics are those of the norms' inputs if examples are drawn at the given rates.
    """
    model = RPL(x.shape[1])
    model.load_state_dict({key: torch.stack([one[key].double() for one in kept]).mean(0) for key in kept[0]})
    model.eval()
    rates = rates / rates.sum()

    def measure(norm, h):
        h = h.double()
        norm.running_mean.copy_((rates[:, None] * h).sum(0))
        norm.running_var.copy_((rates[:, None] * (h - norm.running_mean.double()) ** 2).sum(0))

    with torch.no_grad():
        measure(model.bn1, torch.relu(model.fc1(x)))
        measure(model.bn2, torch.relu(model.fc2(model.bn1(torch.relu(model.fc1(x))))))
    return model


def strategies(kept, x, rates):
    """Logits of the averaged head, and the order of all examples by the checkpoints' votes, ties by the mean."""
    def difference(state):
        model = RPL(x.shape[1])
        model.load_state_dict(state)
        model.eval()
        logits = model(x)
        return (logits[:, 1] - logits[:, 0]).double().numpy()

    with torch.no_grad():
        averaged = average(kept, x, rates)(x)
        logits = numpy.stack([difference(state) for state in kept])
    votes = scipy.stats.rankdata(-logits, axis=1).sum(0)
    order = sorted(range(len(x)), key=lambda i: (votes[i], -logits[:, i].mean(), i))
    return {
        "averaged_logits": averaged.tolist(),
        "order": order,
        "mean_logits": logits.mean(0).tolist(),
        "spread": logits.std(0).tolist(),
    }


def train(
    width, count, seed, steps, warm_up, rate, decay, smoothing, dropout=0, batch=8, accumulation=2, perturbed=0,
    save=None, architecture="rpl", pair_weight=0, weighted=False, checkpoints=1, interval=20
):
    """Trains a head. If weighted, every fourth example has weight 2.5. The original of a perturbed example is the next one."""
    x, y = data(width, count, seed, perturbed)
    weights = torch.ones(count)
    if weighted:
        weights[::4] = 2.5
    model = RPL(width, architecture)
    model.draw(seed)
    first = model.fc1.weight.flatten()[:3].tolist() + model.out.bias.tolist()
    fifths = list(range(0, count, 5)) if perturbed else []
    rest = [i for i in range(count) if i not in fifths]
    order = Order([i for i in rest if i % 3 == 0], [i for i in rest if i % 3], fifths, seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / warm_up)
    )
    masks = Masks(dropout, seed)
    losses, batches, kept = [], [], []
    for step in range(steps):
        total = 0
        mask = masks.draw(accumulation, batch + (2 if pair_weight else 1) * perturbed, width * 3 // 2)
        for i in range(accumulation):
            model.mask = None if mask is None else mask[i]
            indices = order.draw(batch, perturbed)
            batches.append(indices)
            originals = [i + 1 for i in indices[batch:]] if pair_weight else []
            logits = model(x[indices + originals])
            logits = logits[:, 1] - logits[:, 0]
            labelled = indices[:batch] if pair_weight else indices
            target = y[labelled] * (1 - smoothing) + smoothing / 2
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                logits[: len(labelled)], target, weight=weights[labelled]
            )
            if pair_weight:
                worse, better = logits[batch:].chunk(2)
                loss = loss + pair_weight * torch.nn.functional.softplus(worse - better).mean()
            (loss / accumulation).backward()
            total += loss.item() / accumulation
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        losses.append(total)
        if (steps - 1 - step) % interval == 0:
            kept.append({key: value.clone() for key, value in model.state_dict().items()})
    model.eval()
    if save:
        safetensors.torch.save_file(model.state_dict(), save)
    with torch.no_grad():
        logits = model(x)
    more = {}
    if checkpoints > 1:
        proxies = [i for i in rest if i % 3 == 0]
        rates = torch.zeros(count, dtype=torch.double)
        rates[[i for i in rest if i % 3]] = batch / 2 / (len(rest) - len(proxies))
        rates[proxies] = batch / 2 / len(proxies)
        if perturbed:
            rates[fifths] = perturbed / len(fifths)
            if pair_weight:
                rates[[i + 1 for i in fifths]] += perturbed / len(fifths)
        more = strategies(kept[-checkpoints:], x, rates)
    return more | {
        "width": width,
        "count": count,
        "seed": seed,
        "steps": steps,
        "warm_up_steps": warm_up,
        "learning_rate": rate,
        "weight_decay": decay,
        "label_smoothing": smoothing,
        "dropout": dropout,
        "batch_size": batch,
        "accumulation": accumulation,
        "perturbed_per_batch": perturbed,
        "architecture": architecture,
        "pair_weight": pair_weight,
        "weighted": weighted,
        "checkpoints": checkpoints,
        "checkpoint_interval": interval,
        "first_weights": first,
        "first_batches": batches[:4],
        "losses": losses,
        "logits": logits.tolist(),
    }


def metrics():
    """Metrics of logits with ties and hard labels."""
    generator = Generator(5, 9)
    cases = []
    for count, levels in ((2, 1000), (7, 3), (50, 8), (200, 10000)):
        logits = [(generator.below(levels) - levels // 2) * 8 / levels for _ in range(count)]
        labels = [i % 2 for i in range(count)]
        scores = 1 / (1 + numpy.exp(-numpy.array(logits)))
        cases.append(
            {
                "logits": logits,
                "labels": labels,
                "auc": roc_auc_score(labels, logits),
                "loss": log_loss(labels, scores),
                "accuracy": float(numpy.mean((scores >= 0.5) == numpy.array(labels))),
            }
        )
    return cases


def references():
    """Quantiles and percentiles from NumPy, and the temperature with the lowest log loss from SciPy."""
    generator = Generator(6, 9)
    cases = []
    for count, shift, scale in ((5, 1, 1), (41, 1.5, 6), (200, 2, 0.3)):
        logits = [(generator.below(2001) / 1000 - 1) * scale for _ in range(count)]
        labels = [i % 2 for i in range(count)]
        logits = [float(numpy.float32(l + shift * scale * 0.3 * y)) for l, y in zip(logits, labels)]
        proxies = numpy.array([l for l, y in zip(logits, labels) if y])
        generated = numpy.array([l for l, y in zip(logits, labels) if not y])

        def loss(log_temperature):
            factor = numpy.exp(-log_temperature)
            return (
                numpy.logaddexp(0, -factor * proxies).mean()
                + numpy.logaddexp(0, factor * generated).mean()
            )

        found = scipy.optimize.minimize_scalar(
            loss, bounds=(-math.log(100), math.log(100)), method="bounded", options={"xatol": 1e-9}
        )
        quantiles = numpy.quantile(generated, numpy.arange(101) / 100)
        places = [-9.0, *generated[:4].tolist(), 0.1, 0.7, 99.0]
        cases.append(
            {
                "logits": logits,
                "labels": labels,
                "quantiles": quantiles.tolist(),
                "places": places,
                "percentiles": [float(numpy.interp(p, quantiles, numpy.arange(101))) for p in places],
                "temperature": float(numpy.exp(found.x)),
            }
        )
    return cases


if __name__ == "__main__":
    torch.set_num_threads(1)
    here = pathlib.Path(__file__).parent
    golden = {
        "torch": torch.__version__.split("+")[0],
        "runs": [
            train(32, 60, 7, 200, 50, 1e-3, 0.01, 0, save=here / "head.safetensors"),
            train(50, 41, 2**63 + 11, 200, 500, 3e-3, 0.1, 0.1, batch=6, accumulation=3),
            train(6, 9, 1, 200, 1, 1e-3, 0, 0),
            train(34, 60, 3, 200, 20, 1e-3, 0.01, 0, dropout=0.2),
            train(34, 60, 4, 200, 20, 1e-3, 0.01, 0, dropout=0.2, perturbed=4),
            train(34, 64, 5, 200, 20, 1e-3, 0.01, 0, dropout=0.2, perturbed=2, pair_weight=0.3, checkpoints=4),
            train(34, 60, 6, 200, 20, 1e-3, 0.01, 0, weighted=True, checkpoints=3),
            train(34, 64, 7, 200, 20, 3e-3, 0.1, 0, architecture="linear", perturbed=4, pair_weight=0.3),
            train(34, 60, 8, 200, 20, 1e-3, 0.01, 0, dropout=0.2, architecture="no_norm"),
            train(34, 60, 9, 200, 20, 1e-3, 0.01, 0, architecture="no_residual"),
        ],
        "metrics": metrics(),
        "references": references(),
    }
    with open(here / "training.json", "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")
