public import Frames
public import Reward
public import TextFormats

/// A result row: one JSON object with the scores of an input, a clip, a candidate or a segment, as
/// `ganrm score`, `ganrm rank` and `ganrm segments` write it.
///
/// All keys of results are defined here. A row keeps the order of its members, and members with
/// other keys, such as those that are copied from requests.
public struct ScoreRow: Sendable, Hashable {
    /// The keys of results and of candidates.
    public enum Key: String, Sendable, Hashable, CaseIterable {
        case group, prompt, candidates, input, rank
        case promptTruncated = "prompt_truncated"
        case promptMisdecoded = "prompt_misdecoded"
        case metrics
        case error
        case score, logit, spread
        case logitSpread = "logit_spread"
        case probability
        case percentileGenerated = "percentile_generated"
        case percentileProxy = "percentile_proxy"
        case parts, unfamiliar, degenerate, excluded, margin
        case kind, frames, duration, truncated, truncation
        case droppedClips = "dropped_clips"
        case clips, start, end, indices
        case model, precision, sampling, version
        case position, total
        case memberPosition = "member_position"
        case memberTotal = "member_total"

        /// Whether the row of a request has the request's value, since `ganrm score` has none.
        fileprivate var isCopied: Bool {
            switch self {
            case .group, .prompt, .candidates, .rank, .margin: true
            default: false
            }
        }
    }

    /// Keys and values, in the order in which they are written.
    public private(set) var members: [JSONValue.Member]

    public init(members: [JSONValue.Member] = []) {
        self.members = members
    }

    /// The row of a JSON object; of any other value, a row without members.
    public init(_ json: JSONValue) {
        members = json.members ?? []
    }

    /// Parses a line.
    public init(parsing line: some StringProtocol) throws(JSONValue.ParseError) {
        self.init(try JSONValue(parsing: line))
    }

    /// Starts the row of an input: the keys of its request, except those of results, then the input.
    public init(input: String, extras: [JSONValue.Member]) {
        members = extras.filter { Key(rawValue: $0.key)?.isCopied ?? true }
        self.input = input
    }

    public var json: JSONValue { .object(members) }

    public subscript(key: Key) -> JSONValue? { self[key.rawValue] }

    /// The value of any key, such as one that was copied from the request.
    public subscript(key: String) -> JSONValue? { members.first { $0.key == key }?.value }

    /// Replaces the value of a key, or appends it if the row does not have the key.
    ///
    /// The properties set most keys; the row of a segment has other values of `kind` and `clips`.
    package mutating func set(_ key: Key, _ value: JSONValue?) {
        let index = members.firstIndex { $0.key == key.rawValue }
        switch (index, value) {
        case (let index?, let value?): members[index].value = value
        case (let index?, nil): members.remove(at: index)
        case (nil, let value?): members.append(.init(key.rawValue, value))
        case (nil, nil): break
        }
    }
}

extension ScoreRow: CustomStringConvertible {
    /// The row as one line of JSON.
    public var description: String { json.description }
}

/// Conversion of values.
extension ScoreRow {
    /// The value of a key as a number.
    ///
    /// Numbers of single precision have the value of their text, so that a row that was just
    /// computed and one that was read from a file have the same values.
    private func number(_ key: Key) -> Double? { number(self[key]) }

    private func number(_ value: JSONValue?) -> Double? {
        switch value {
        case .float(let float)?: float.isFinite ? Double("\(float)") : nil
        case .number(let number)?: number.isFinite ? number : nil
        case let value: value?.doubleValue
        }
    }

    private mutating func setNumber(_ key: Key, _ value: Double?) {
        set(key, value.map { .number($0) })
    }

    /// Sets a number that is written with single precision.
    private mutating func setSingle(_ key: Key, _ value: Double?) {
        set(key, value.map { .float(Float($0)) })
    }

    private func integer(_ key: Key) -> Int? { self[key]?.integerValue }

    private mutating func setInteger(_ key: Key, _ value: Int?) {
        set(key, value.map { .integer($0) })
    }

    private func string(_ key: Key) -> String? { self[key]?.stringValue }

    private mutating func setString(_ key: Key, _ value: String?) {
        set(key, value.map { .string($0) })
    }
}

/// The input.
extension ScoreRow {
    /// The path or URL, as the user gave it.
    public var input: String? {
        get { string(.input) }
        set { setString(.input, newValue) }
    }

    /// The name of the candidate's group; a value that is not a string is written as JSON.
    public var group: String? {
        get { self[.group]?.name }
        set { setString(.group, newValue) }
    }

    /// The prompt of the candidate's group.
    public var prompt: String? {
        get { string(.prompt) }
        set { setString(.prompt, newValue) }
    }

    /// Whether the prompt has more symbols than a metric's text encoder takes, and was cut.
    public var isPromptTruncated: Bool {
        get { self[.promptTruncated] == .bool(true) }
        set { set(.promptTruncated, newValue ? .bool(true) : nil) }
    }

    /// Whether the prompt may have been decoded with a wrong encoding; see `TokenizedText.mayBeMisdecoded`.
    public var isPromptMisdecoded: Bool {
        get { self[.promptMisdecoded] == .bool(true) }
        set { set(.promptMisdecoded, newValue ? .bool(true) : nil) }
    }

    /// Values of `ganrm metrics` by name, in the order of the row; nil in rows of other commands.
    public var metrics: [(name: String, value: Double)]? {
        get {
            self[.metrics]?.members?.compactMap { member in
                number(member.value).map { (member.key, $0) }
            }
        }
        set {
            set(
                .metrics,
                newValue.map { values in
                    .object(values.map { .init($0.name, .float(Float($0.value))) })
                })
        }
    }

    /// Number of candidates of a group that could not be compared.
    public var candidateCount: Int? {
        get { integer(.candidates) }
        set { setInteger(.candidates, newValue) }
    }

    /// Why there is no score; nil if there is one.
    public var failure: String? {
        get { string(.error) }
        set { setString(.error, newValue) }
    }

    /// Whether the row has an error of any type.
    public var hasFailed: Bool { self[.error] != nil }

    public var kind: MediaKind? {
        get { string(.kind).flatMap(MediaKind.init) }
        set { setString(.kind, newValue?.rawValue) }
    }

    /// Number of decoded frames.
    public var frameCount: Int? {
        get { integer(.frames) }
        set { setInteger(.frames, newValue) }
    }

    /// Duration of a video in seconds, from its first frame.
    public var duration: Double? {
        get { number(.duration) }
        set { setNumber(.duration, newValue) }
    }

    /// Why frames are missing or damaged; nil if the input was read completely.
    public var truncation: String? {
        get { string(.truncation) }
        set {
            set(.truncated, newValue.map { _ in .bool(true) })
            setString(.truncation, newValue)
        }
    }

    /// Clips that were dropped because the encoder was busy; nil if none can be dropped.
    public var droppedClips: Int? {
        get { integer(.droppedClips) }
        set { setInteger(.droppedClips, newValue) }
    }

    /// Index of the input in its list, from 0, with `--shard`.
    public var position: Int? {
        get { integer(.position) }
        set { setInteger(.position, newValue) }
    }

    /// Number of inputs in the list; nil if it is unknown.
    public var total: Int? {
        get { integer(.total) }
        set { setInteger(.total, newValue) }
    }

    /// Index of the row among those of its tar archive, from 0, with `--shard`.
    public var memberPosition: Int? {
        get { integer(.memberPosition) }
        set { setInteger(.memberPosition, newValue) }
    }

    /// Number of rows of the tar archive.
    public var memberTotal: Int? {
        get { integer(.memberTotal) }
        set { setInteger(.memberTotal, newValue) }
    }
}

/// Scores.
extension ScoreRow {
    /// Sets the score, the logit and, for an ensemble, their standard deviations.
    public mutating func setScore(_ score: Score) {
        setSingle(.score, score.value)
        setSingle(.logit, score.logit)
        setSingle(.spread, score.spread)
        setSingle(.logitSpread, score.logitSpread)
    }

    /// Sets the terms of the logit, realism minus damage, if the model has a damage part.
    public mutating func setParts(of score: Score) {
        set(
            .parts,
            score.degradationPenalty.map { penalty in
                [
                    "realism": .float(Float(score.logit + penalty)),
                    "damage": .float(Float(penalty)),
                ]
            })
    }

    /// σ(logit), in 0…1.
    public var score: Double? {
        get { number(.score) }
        set { setSingle(.score, newValue) }
    }

    /// z1 − z0, proxy minus generated.
    public var logit: Double? {
        get { number(.logit) }
        set { setSingle(.logit, newValue) }
    }

    /// Standard deviation of the logits of an ensemble's heads; nil for a single head.
    public var logitSpread: Double? {
        get { number(.logitSpread) }
        set { setSingle(.logitSpread, newValue) }
    }

    /// The calibrated probability of being proxy data.
    public var probability: Double? {
        get { number(.probability) }
        set { setSingle(.probability, newValue) }
    }

    /// Percentile among held-out generated samples.
    public var percentileGenerated: Double? {
        get { number(.percentileGenerated) }
        set { setNumber(.percentileGenerated, newValue) }
    }

    /// Percentile among held-out proxy samples.
    public var percentileProxy: Double? {
        get { number(.percentileProxy) }
        set { setNumber(.percentileProxy, newValue) }
    }

    /// Percentile of unfamiliarity to the head, 0…100.
    public var unfamiliar: Double? {
        get { number(.unfamiliar) }
        set { setNumber(.unfamiliar, newValue) }
    }

    /// Why the input is degenerate; nil if it is not, or for an unknown reason.
    public var degeneracy: Degeneracy? {
        get { string(.degenerate).flatMap(Degeneracy.init) }
        set { setString(.degenerate, newValue?.rawValue) }
    }

    /// Whether the input is degenerate, for whatever reason.
    public var isDegenerate: Bool { string(.degenerate) != nil }

    /// Rank among the candidates of the group, from 1.
    public var rank: Int? {
        get { integer(.rank) }
        set { setInteger(.rank, newValue) }
    }

    /// Why a scored candidate must not win; nil if it may.
    public var exclusion: String? {
        get { string(.excluded) }
        set { setString(.excluded, newValue) }
    }

    /// Logit minus that of the candidate with the next rank.
    public var margin: Double? {
        get { number(.margin) }
        set { setSingle(.margin, newValue) }
    }
}

/// Clips.
extension ScoreRow {
    /// The rows of the clips, in order of time; nil for the row of a clip.
    public var clips: [ScoreRow]? {
        get { self[.clips]?.arrayValue?.map { ScoreRow($0) } }
        set { set(.clips, newValue.map { .array($0.map(\.json)) }) }
    }

    /// Time of a clip's first frame, in seconds from the input's first frame.
    public var start: Double? {
        get { number(.start) }
        set { setNumber(.start, newValue) }
    }

    /// Time of a clip's last frame.
    public var end: Double? {
        get { number(.end) }
        set { setNumber(.end, newValue) }
    }

    /// Indices of a clip's frames.
    public var indices: [Int]? {
        get { self[.indices]?.arrayValue?.compactMap(\.integerValue) }
        set { set(.indices, newValue.map { .array($0.map { .integer($0) }) }) }
    }
}

/// Provenance.
extension ScoreRow {
    /// The reward model of a score and the encoder of the input's kind.
    public struct Model: Sendable, Hashable {
        private enum Key: String {
            case name, fingerprint, encoder
        }

        public var name: String?
        /// The short fingerprint.
        public var fingerprint: String?
        /// Name and fingerprint of the encoder.
        public var encoder: String?

        public init(name: String?, fingerprint: String?, encoder: String?) {
            self.name = name
            self.fingerprint = fingerprint
            self.encoder = encoder
        }

        fileprivate init(_ json: JSONValue) {
            func string(_ key: Key) -> String? { json[key.rawValue]?.stringValue }
            self.init(
                name: string(.name), fingerprint: string(.fingerprint), encoder: string(.encoder))
        }

        fileprivate var json: JSONValue {
            let strings: [(Key, String?)] = [
                (.name, name), (.fingerprint, fingerprint), (.encoder, encoder),
            ]
            return .object(
                strings.compactMap { key, string in
                    string.map { .init(key.rawValue, .string($0)) }
                })
        }
    }

    /// Nil if there is no score.
    public var model: Model? { self[.model].map { Model($0) } }

    public var precision: String? { string(.precision) }

    /// The version of ganrm.
    public var version: String? { string(.version) }

    /// Whether the input was scored as a whole, by `uniform` sampling.
    public var isSampledUniformly: Bool { self[.sampling].map(Sampling.isUniform) ?? false }

    /// Sets what is needed to reproduce the scores bit for bit.
    ///
    /// - Parameter model: Written as null if it is nil.
    public mutating func setProvenance(
        model: Model?, precision: String, sampling: Sampling, version: String
    ) {
        set(.model, model?.json ?? .null)
        setString(.precision, precision)
        set(.sampling, sampling.json)
        setString(.version, version)
    }

    /// The members of the provenance that the row has: model, precision, sampling and version.
    public var provenance: [JSONValue.Member] {
        [Key.model, .precision, .sampling, .version].compactMap { key in
            self[key].map { .init(key.rawValue, $0) }
        }
    }

    /// Appends members, such as those of a provenance.
    public mutating func append(_ members: [JSONValue.Member]) {
        self.members += members
    }

    /// A text that is equal for comparable rows: model, precision, sampling and version. Nil for a
    /// row without a score.
    package var signature: String? {
        guard let model else { return nil }
        return [
            model.name, model.fingerprint, precision, self[.sampling].map(Sampling.words),
            version.map { "ganrm \($0)" },
        ].map { $0 ?? "?" }.joined(separator: " ")
    }
}
