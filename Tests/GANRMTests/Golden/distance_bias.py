"""Bias of the Fréchet distance for few samples: the table in docs/evaluation.md.

    pip install numpy==2.4.6 scikit-learn==1.9.1
    python distance_bias.py

Prints, for several sample counts, the covariance term between two sets from one normal distribution as
the mean of 8 draws, with plain covariances and with scikit-learn's ledoit_wolf.
"""

import numpy
from sklearn.covariance import ledoit_wolf

WIDTH = 192
DRAWS = 8


def term(covariances):
    a, b = covariances
    values, vectors = numpy.linalg.eigh(a)
    root = (vectors * numpy.sqrt(values.clip(0))) @ vectors.T
    eigenvalues = numpy.linalg.eigvalsh(root @ b @ root).clip(0)
    return a.trace() + b.trace() - 2 * numpy.sqrt(eigenvalues).sum()


random = numpy.random.default_rng(0)
variances = 1 / numpy.arange(1, WIDTH + 1)
deviations = numpy.sqrt(variances / variances.sum())
for count in (24, 48, 96, 192, 384, 768, 1920):
    terms = []
    for _ in range(DRAWS):
        sets = [random.normal(size=(count, WIDTH)) * deviations for _ in range(2)]
        plain = [numpy.cov(x, rowvar=False) for x in sets]
        shrunk = [ledoit_wolf(x)[0] * count / (count - 1) for x in sets]
        terms.append([term(plain), term(shrunk)])
    print(count, *numpy.mean(terms, axis=0).round(4))
