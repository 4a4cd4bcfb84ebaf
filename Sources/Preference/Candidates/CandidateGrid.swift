public import Media
import TextFormats

/// How the candidates in one file are tiled.
public enum CandidateGrid: Sendable, Hashable {
    case layout(GridLayout)
    /// Detected from the black gutters of the frames.
    case detected

    /// Parses a grid description.
    ///
    /// - Parameters:
    ///   - text: `3` (columns), `3x2` (columns and rows), each up to 1000, or `auto`.
    ///   - padding: Pixels around and between cells.
    /// - Returns: Nil for invalid text.
    public init?(_ text: String, padding: Int = GridLayout.defaultPadding) {
        if text == "auto" {
            self = .detected
            return
        }
        let sides = text.split(separator: "x", omittingEmptySubsequences: false)
            .map { Int($0) ?? 0 }
        guard (1...2).contains(sides.count), sides.allSatisfy((1...1000).contains) else {
            return nil
        }
        self = .layout(
            GridLayout(columns: sides[0], rows: sides.count == 2 ? sides[1] : 1, padding: padding))
    }
}

/// Splits grid files into one region per cell.
struct GridExpansion {
    /// The result for one file.
    enum Outcome {
        case cells([String])
        case failed(String)
    }

    /// Files probed to detect the layout for one frame size, approximately.
    private static let probedFileCount = 12

    private let grid: CandidateGrid
    private let options: MediaOptions

    init(_ grid: CandidateGrid, options: MediaOptions) {
        self.grid = grid
        self.options = options
    }

    /// The cells of each file, in reading order, by file.
    func cells(of files: [String]) -> [ByteString: Outcome] {
        var outcomes: [ByteString: Outcome] = [:]
        var sizes: [(file: String, width: Int, height: Int)] = []
        for file in files {
            do {
                let info = try MediaReader(.path(file), options: options).info
                sizes.append((file, info.width, info.height))
            } catch {
                outcomes[file] = .failed(error.description)
            }
        }
        let layouts = Dictionary(grouping: sizes) { [$0.width, $0.height] }
            .mapValues { layout(of: $0.map(\.file)) }
        for (file, width, height) in sizes {
            guard let layout = layouts[[width, height]] ?? nil else {
                outcomes[file] = .failed(
                    "'\(file)': no black gutters divide its \(width)×\(height) frames; "
                        + "say how many candidates it holds by --grid N")
                continue
            }
            if let cells = layout.cells(width: width, height: height) {
                outcomes[file] = .cells(cells.map { file + $0.fragment })
            } else {
                outcomes[file] = .failed(
                    "'\(file)': frames of \(width)×\(height) do not divide into \(layout); "
                        + "try --grid auto or another --grid-padding")
            }
        }
        return outcomes
    }

    /// The layout detected in most files, since dark frames can hide the gutters of a single file.
    private func layout(of files: [String]) -> GridLayout? {
        if case .layout(let layout) = grid { return layout }
        var counts: [GridLayout: Int] = [:]
        let step = max(1, files.count / Self.probedFileCount)
        for index in stride(from: 0, to: files.count, by: step) {
            if let layout = try? GridLayout.detect(in: .path(files[index]), options: options).layout
            {
                counts[layout, default: 0] += 1
            }
        }
        return counts.max { ($0.value, $0.key.count) < ($1.value, $1.key.count) }?.key
    }
}
