import Pipeline
import Statistics
import TextFormats

/// An annotated pair whose samples both have a score.
struct ScoredPair: Sendable, Hashable {
    /// Logit of the first sample minus logit of the second.
    let difference: Double
    let preference: PairPreference
    let group: String?

    /// Whether the sample that people prefer has the higher logit.
    var isConcordant: Bool { difference * Double(preference.rawValue) > 0 }
}

/// A metric of agreement between scores and human annotations. To add one, add a static member
/// below.
struct AgreementMetric<Sample: Sendable>: Sendable {
    /// The metric, prepared for a set of samples.
    struct Measurement {
        /// The largest difference of logits that counts as a tie; nil if the metric does not fit
        /// one.
        var tieThreshold: Double?
        /// The metric over the samples at these indices, which may repeat; nil if undefined.
        let value: (_ indices: [Int]) -> Double?
    }

    /// The key in JSON, such as `accuracy_without_ties`.
    let key: String
    /// The column title in a table.
    let name: String
    let measure: @Sendable ([Sample]) -> Measurement
}

extension AgreementMetric<ScoredPair> {
    /// Share of concordant pairs among those that annotators do not call a tie. Equal scores count
    /// as wrong.
    ///
    /// Source: VideoAlign `calc_accuracy.py`, `calc_accuracy_without_ties`; ImageReward `test.py`, `acc`.
    static var accuracyWithoutTies: Self {
        Self(key: "accuracy_without_ties", name: "without ties") { pairs in
            Measurement { indices in
                let count = indices.count { pairs[$0].preference != .tie }
                guard count > 0 else { return nil }
                return Double(indices.count { pairs[$0].isConcordant }) / Double(count)
            }
        }
    }

    /// Three-class accuracy (first, tie, second); see `TieCalibration`.
    static var accuracyWithTies: Self {
        Self(key: "accuracy_with_ties", name: "with ties") { pairs in
            let calibration = TieCalibration(pairs)
            return Measurement(
                tieThreshold: calibration.best(of: Array(pairs.indices))?.threshold
            ) { calibration.best(of: $0)?.accuracy }
        }
    }

    /// Pair accuracy within each ranking, averaged over rankings. Annotated ties are left out;
    /// equal scores count as wrong.
    ///
    /// Source: HPSv2 `hpsv2/src/training/train.py`, `calc_ImageReward`.
    static var meanAccuracy: Self {
        Self(key: "mean_accuracy", name: "mean over prompts") { pairs in
            meanOverGroups(pairs) { pair in
                pair.preference == .tie ? nil : pair.isConcordant ? 1 : 0
            }
        }
    }

    /// Share of pairs of each ranking that are not inverted, averaged over rankings. Equal scores
    /// count half.
    ///
    /// Source: HPSv2 `hpsv2/src/training/train.py`, `inversion_score`, which breaks ties of scores at random.
    static var meanInversionAccuracy: Self {
        Self(key: "mean_accuracy", name: "mean over prompts") { pairs in
            meanOverGroups(pairs) { pair in
                pair.preference == .tie || pair.isConcordant ? 1 : pair.difference == 0 ? 0.5 : 0
            }
        }
    }

    /// The mean over groups of the mean credit within a group.
    ///
    /// - Parameter credit: 1 for a correct pair, 0 for a wrong one, nil for one that does not
    ///   count.
    private static func meanOverGroups(
        _ pairs: [ScoredPair], credit: (ScoredPair) -> Double?
    ) -> Measurement {
        let credits = pairs.map(credit)
        let counted = pairs.indices.filter { credits[$0] != nil }
        var weights = Array(repeating: 0.0, count: pairs.count)
        for group in Dictionary(grouping: counted, by: { pairs[$0].group.map { ByteString($0) } })
            .values
        {
            for index in group { weights[index] = 1 / Double(group.count) }
        }
        // The bootstrap draws whole groups, so the weights of a group sum to how often it was
        // drawn.
        return Measurement { indices in
            var (sum, total) = (0.0, 0.0)
            for index in indices {
                guard let credit = credits[index] else { continue }
                sum += weights[index] * credit
                total += weights[index]
            }
            return total > 0 ? sum / total : nil
        }
    }
}

extension AgreementMetric<RatingMetrics.Sample> {
    /// The metrics of benchmarks with ratings. No logistic function is fitted before PLCC.
    static var ratingMetrics: [Self] {
        [
            correlation("plcc", "PLCC") { LinearCorrelation($0, $1)?.pearson },
            correlation("srcc", "SRCC") { RankCorrelation($0, $1)?.spearman },
            correlation("krcc", "KRCC") { RankCorrelation($0, $1)?.kendall },
        ]
    }

    private static func correlation(
        _ key: String, _ name: String, _ value: @escaping @Sendable ([Double], [Double]) -> Double?
    ) -> Self {
        Self(key: key, name: name) { samples in
            Measurement { indices in
                value(
                    indices.map { samples[$0].scored.logit }, indices.map { samples[$0].rating })
            }
        }
    }
}
