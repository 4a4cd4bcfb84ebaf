internal import CKernels

/// The sizes and the memory of all values of a net for inputs of one size.
///
/// Values that are needed at different times share memory.
struct ConvolutionPlan: Sendable {
    let input: Extent
    /// Of each value.
    let extents: [Extent]
    /// Of each layer with a window.
    let layouts: [Window.Layout?]
    /// The piece of memory of each value that has one.
    let pieces: [Int?]
    /// Elements of each piece for one input.
    let pieceSizes: [Int]

    /// The plan; nil if the input is too small for a layer.
    init?(_ graph: LayerGraph, input: Extent) {
        self.input = input
        var extents = Array(repeating: input, count: graph.channels.count)
        var layouts: [Window.Layout?] = []
        for layer in graph.layers {
            let source = extents[layer.input.index]
            var output = source
            var layout: Window.Layout?
            switch layer.operation {
            case .convolution(let window, _, _, _), .maximum(let window), .mean(let window):
                guard let found = window.layout(over: source) else { return nil }
                layout = found
                output = found.output
            case .globalMean: output = .one
            }
            layouts.append(layout)
            extents[layer.output.index] = output
            extents[graph.place(of: layer.output).root.index] = output
        }
        self.extents = extents
        self.layouts = layouts
        var memory = MemoryPlan(graph) { extents[$0] }
        memory.assign()
        pieces = memory.pieces
        pieceSizes = memory.sizes
    }

    /// Bytes for one input.
    var byteCount: Int { 4 * pieceSizes.reduce(0, +) }
}

/// Assigns pieces of memory to values, and those of values that are needed no more to later ones.
private struct MemoryPlan {
    private let graph: LayerGraph
    private let extent: (Int) -> Extent
    /// The last layer that reads each value; the outputs are needed in the end.
    private var lastReads: [Int]
    private(set) var pieces: [Int?]
    private(set) var sizes: [Int] = []
    private var free: Set<Int> = []

    init(_ graph: LayerGraph, extent: @escaping (Int) -> Extent) {
        self.graph = graph
        self.extent = extent
        pieces = Array(repeating: nil, count: graph.channels.count)
        lastReads = Array(repeating: 0, count: graph.channels.count)
        for (index, layer) in graph.layers.enumerated() {
            lastReads[graph.place(of: layer.input).root.index] = index
        }
        for value in graph.outputs {
            lastReads[graph.place(of: value).root.index] = graph.layers.count
        }
    }

    mutating func assign() {
        take(graph.input)
        for (index, layer) in graph.layers.enumerated() {
            take(graph.place(of: layer.output).root)
            let input = graph.place(of: layer.input).root
            if lastReads[input.index] == index, let piece = pieces[input.index] {
                free.insert(piece)
            }
        }
    }

    /// Gives a value the smallest free piece that is large enough, else the largest one, which grows.
    private mutating func take(_ value: LayerGraph.Value) {
        guard pieces[value.index] == nil else { return }
        let size = extent(value.index).count * graph.channels[value.index]
        let fitting = free.filter { sizes[$0] >= size }.min { (sizes[$0], $0) < (sizes[$1], $1) }
        let piece = fitting ?? free.max { (sizes[$0], $0) < (sizes[$1], $1) }
        guard let piece else {
            pieces[value.index] = sizes.count
            sizes.append(size)
            return
        }
        free.remove(piece)
        sizes[piece] = max(sizes[piece], size)
        pieces[value.index] = piece
    }
}
