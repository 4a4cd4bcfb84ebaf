import Foundation

/// Where a candidate's bytes are.
struct CandidateFile: Sendable, Hashable {
    /// A part of the picture, in pixels.
    struct Cell: Sendable, Hashable {
        let x: Int, y: Int, width: Int, height: Int
    }

    /// As it was given, without the part.
    let path: String
    /// Nil: the whole picture.
    let cell: Cell?

    init(_ candidate: Candidate) {
        let input = candidate.input
        if let mark = input.range(of: "#xywh=", options: .backwards) {
            let numbers = input[mark.upperBound...].split(
                separator: ",", omittingEmptySubsequences: false
            ).map { Int($0) }
            if numbers.count == 4, let x = numbers[0], let y = numbers[1], let width = numbers[2],
                let height = numbers[3]
            {
                path = String(input[..<mark.lowerBound])
                cell = Cell(x: x, y: y, width: width, height: height)
                return
            }
        }
        path = input
        cell = nil
    }

    /// The name without folders and extension.
    var stem: String {
        let name = path.split(separator: "/").last ?? ""
        return String(
            name.lastIndex(of: ".").map { $0 > name.startIndex ? name[..<$0] : name } ?? name)
    }

    /// Lower case, without the dot; empty if there is none.
    var `extension`: String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }
}
