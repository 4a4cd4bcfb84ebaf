package import Frames
package import TextFormats

extension Sampling {
    /// The keys of a sampling in a result row, in the order in which they are written.
    private enum Key: String, CaseIterable {
        case kind, frames, burst, stride
        case clipRate = "clip_rate"
        case hop
    }

    /// The sampling as a result row records it.
    package var json: JSONValue {
        var members: [JSONValue.Member] = []
        func add(_ key: Key, _ value: JSONValue) { members.append(.init(key.rawValue, value)) }
        switch self {
        case .uniform(let uniform):
            add(.kind, uniform.separatesFrames ? "frames" : "uniform")
            add(.frames, .integer(uniform.frameCount))
            if uniform.burst > 1 { add(.burst, .integer(uniform.burst)) }
        case .window(let window):
            add(.kind, "window")
            add(.frames, .integer(window.frameCount))
            switch window.step {
            case .stride(let stride): add(.stride, .integer(stride))
            case .clipRate(let rate): add(.clipRate, .number(rate))
            }
            if let hop = window.hop { add(.hop, .integer(hop)) }
        }
        return .object(members)
    }

    /// Whether JSON is a `uniform` sampling, of one clip per input.
    static func isUniform(_ json: JSONValue) -> Bool {
        json[Key.kind.rawValue]?.stringValue == "uniform"
    }

    /// A sampling's values as text, in a fixed order, whatever the order of the keys.
    static func words(_ json: JSONValue) -> String {
        Key.allCases.compactMap { key in
            json[key.rawValue].map { value in
                "\(key.rawValue)=\(value.doubleValue.map { "\($0)" } ?? value.description)"
            }
        }.joined(separator: ",")
    }
}
