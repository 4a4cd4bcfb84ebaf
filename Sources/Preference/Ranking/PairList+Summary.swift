import Foundation
import Reward
import Tensors

extension PairList {
    /// How many pairs there are, their margins, and what was left out, in words.
    public var summary: String {
        let left = PairOmission.allCases.compactMap { reason in
            omitted[reason].map { "\($0) \(reason.words($0))" }
        }
        let margins = pairs.map(\.margin).sorted()
        var text =
            "\(pairs.count) pair\(pairs.count == 1 ? "" : "s") of \(promptCount) prompt\(promptCount == 1 ? "" : "s")"
        if !margins.isEmpty {
            let quantiles = [0, 0.25, 0.5, 0.75, 1].map { share in
                String(format: "%.3f", quantile(share, ofSorted: margins))
            }
            text += "; margins (least, quartiles, most): " + quantiles.joined(separator: " ")
        }
        if !left.isEmpty { text += "; left out: " + left.joined(separator: ", ") }
        return text
    }
}

extension PairOmission {
    fileprivate func words(_ count: Int) -> String {
        let many = count == 1 ? "" : "s"
        return switch self {
        case .tooFewScores: "prompt\(many) with fewer than two scores"
        case .tie: "pair\(many) of equal scores"
        case .narrowMargin: "below the least margin"
        case .wideSpread: "above the widest spread"
        case .overLimit: "over the limit of a prompt"
        case .duplicate: "duplicate\(many)"
        case .notSampled: "not drawn"
        }
    }
}
