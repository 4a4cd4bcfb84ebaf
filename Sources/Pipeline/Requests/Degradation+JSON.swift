import Media
package import TextFormats

extension Degradation {
    /// Parses the key `degradation` of a list: `{"kind": "blur", "strength": 3, "seed": 7}`, where
    /// the strength may be 0 and the seed defaults to 0, or `{"filters": "gblur=sigma=3"}`.
    ///
    /// - Returns: Nil for any other value.
    package init?(json: JSONValue) {
        if let filters = json["filters"] {
            guard let text = filters.stringValue, !text.isEmpty, json["kind"] == nil else {
                return nil
            }
            self.init(filters: text)
            return
        }
        guard let kind = json["kind"]?.stringValue.flatMap(Kind.init),
            let strength = json["strength"]?.integerValue, 0...Self.strengths.upperBound ~= strength
        else { return nil }
        self.init(kind: kind, strength: strength)
        guard let seed = json["seed"] else { return }
        guard let number = seed.integerValue.flatMap(UInt32.init(exactly:)) else { return nil }
        self.seed = number
    }

    package var json: JSONValue {
        switch operation {
        case .kind(let kind):
            [
                "kind": .string(kind.rawValue), "strength": .integer(strength),
                "seed": .integer(Int(seed)),
            ]
        case .filters(let filters):
            ["filters": .string(filters)]
        }
    }

    /// The error for any other value.
    static var expectation: String {
        let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
        return """
            "degradation" is {"kind": "blur", "strength": 3}, with a kind of \(kinds), a strength from \
            0 (only coded as the others are) to \(strengths.upperBound) and, if it is not to be 0, a "seed"; or \
            {"filters": "gblur=sigma=3"}, with filters of FFmpeg
            """
    }
}
