import Foundation
import Statistics

extension PairList {
    /// A summary in words: the number of pairs, quartiles of their margins, and omissions by reason.
    public var summary: String {
        let omissions = PairOmission.allCases.compactMap { reason in
            omitted[reason].map { "\($0) \(reason.phrase(count: $0))" }
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
        if !omissions.isEmpty { text += "; left out: " + omissions.joined(separator: ", ") }
        return text
    }
}

extension PairOmission {
    fileprivate func phrase(count: Int) -> String {
        let plural = count == 1 ? "" : "s"
        return switch self {
        case .tooFewScores: "prompt\(plural) with fewer than two scores"
        case .tie: "pair\(plural) of equal scores"
        case .narrowMargin: "below the least margin"
        case .wideSpread: "above the widest spread"
        case .overLimit: "over the limit of a prompt"
        case .duplicate: "duplicate\(plural)"
        case .notSampled: "not drawn"
        }
    }
}
