import Encoders
import Files
import Foundation
import Frames
public import Tensors

extension RewardModel {
    /// Metadata key of the record, a JSON document.
    static let metadataKey = "ganrm"
    /// Name of the head's file in a folder.
    static let fileName = "head.safetensors"

    /// The JSON document in the file's metadata.
    private struct Record: Codable {
        var version = Self.current
        var encoders: [MediaKind: EncoderIdentity]
        var sampling: Sampling
        var training: TrainingRecord?
        var reference: ScoreReference?
        var familiarity: Familiarity.Scale?
        var degradation: DegradationPart.Scale?

        enum CodingKeys: String, CodingKey {
            case version, encoders, sampling, training, reference, familiarity
            case degradation = "damage"
        }

        static let current = 1
    }

    private struct RecordVersion: Decodable {
        var version: Int
    }

    /// Loads a safetensors file, or a folder that contains one.
    ///
    /// In a folder it reads `head.safetensors`, or else the only safetensors file.
    ///
    /// - Throws: `RewardError.file`, `.noHead`, `.badRecord` or `.badTensor`.
    public static func load(_ path: String) throws(RewardError) -> RewardModel {
        let path = try locate(path)
        let file: WeightFile
        do { file = try WeightFile.open(path) } catch { throw .file(error) }
        let record = try record(of: file)
        // Tensors of parts that the record does not list are left to the head, which rejects them.
        let (headAndDegradation, familiarityFile) =
            record.familiarity == nil ? (file, nil) : file.split(prefix: Familiarity.prefix)
        let (heads, degradationFile) =
            record.degradation == nil
            ? (headAndDegradation, nil) : headAndDegradation.split(prefix: DegradationPart.prefix)
        let settings = record.training?.settings
        let ensemble = try HeadEnsemble(
            heads, architecture: settings?.architecture ?? .projection,
            isVoting: settings?.strategy == .voting)
        for problem in [record.familiarity?.problem, record.degradation?.problem] {
            if let problem { throw .badRecord(source: path, reason: "it has \(problem)") }
        }
        var familiarity: Familiarity?
        if let scale = record.familiarity, let familiarityFile {
            let metric = try MahalanobisDistance(
                familiarityFile, prefix: Familiarity.prefix, width: ensemble.width,
                ridge: scale.ridge)
            try familiarityFile.checkNames(
                among: metric.parameters(prefix: Familiarity.prefix))
            familiarity = Familiarity(metric: metric, scale: scale)
        }
        var degradation: DegradationPart?
        if let scale = record.degradation, let degradationFile {
            let part = try DegradationPart(
                degradationFile, width: ensemble.width,
                hasMotion: DegradationPart.hasMotion(degradationFile), scale: scale)
            try degradationFile.checkNames(among: part.parameters)
            degradation = part
        }
        return try RewardModel(
            ensemble: ensemble, encoders: record.encoders, sampling: record.sampling,
            training: record.training, reference: record.reference, familiarity: familiarity,
            degradation: degradation, source: path)
    }

    /// Writes a file that PyTorch's equivalent module loads with `strict=True`; in a folder it is
    /// named `head.safetensors`. The file is written atomically.
    ///
    /// - Parameter dtype: F32, or F16, to which values are rounded.
    /// - Throws: `RewardError.file`, `.badSetting`, `.badRecord`, or `.badTensor` if a value is out
    ///   of the dtype's range.
    public func write(
        to path: String, as dtype: DType = .f32
    ) throws(RewardError) {
        guard dtype == .f32 || dtype == .f16 else {
            throw .badSetting(name: "element type", requirement: "F32 or F16")
        }
        let type = try FileSystem.type(of: path) { RewardError.file(.file($0)) }
        let path = type == .folder ? PathName.join(path, Self.fileName) : path
        var tensors = ensemble.parameters
        if let metric = familiarity?.metric {
            tensors.merge(metric.parameters(prefix: Familiarity.prefix)) { first, _ in first }
        }
        if let degradation { tensors.merge(degradation.parameters) { first, _ in first } }
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            // Deviations are divisors and must not become 0.
            let minimum: Float = name.hasSuffix(".deviation") ? 0x1p-14 : 0
            let fits = tensor.elements.allSatisfy {
                dtype == .f16 ? abs($0) < 65_520 && abs($0) >= minimum : $0.isFinite
            }
            guard fits else {
                throw .badTensor(
                    source: path, tensor: name,
                    problem: "holds values that \(dtype.rawValue) cannot; write F32")
            }
        }
        let record = try recordText(source: path)
        do throws(TensorError) {
            try Safetensors.write(
                tensors, metadata: [Self.metadataKey: record],
                as: dtype, to: path)
        } catch {
            throw .file(error)
        }
    }

    /// The JSON document of the file's metadata, deterministic.
    ///
    /// - Parameter source: The model's name in the error.
    /// - Throws: `RewardError.badRecord` if a value is not finite.
    package func recordText(source: String) throws(RewardError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let record = Record(
            encoders: encoders, sampling: sampling, training: training, reference: reference,
            familiarity: familiarity?.scale, degradation: degradation?.scale)
        do {
            return String(decoding: try encoder.encode(record), as: UTF8.self)
        } catch {
            throw .badRecord(source: source, reason: "a value is not finite")
        }
    }

    private static func record(of file: WeightFile) throws(RewardError) -> Record {
        guard let text = file.metadata[metadataKey] else {
            throw .badRecord(
                source: file.name,
                reason: "its metadata has no '\(metadataKey)'; name the encoder beside the head")
        }
        let data = Data(text.utf8)
        guard let version = try? JSONDecoder().decode(RecordVersion.self, from: data) else {
            throw .badRecord(source: file.name, reason: "the record is not versioned JSON")
        }
        guard version.version == Record.current else {
            throw .badRecord(
                source: file.name,
                reason: """
                    the record has version \(version.version), this ganrm reads \(Record.current); \
                    use the ganrm that wrote it
                    """)
        }
        do {
            return try JSONDecoder().decode(Record.self, from: data)
        } catch let error as DecodingError {
            throw .badRecord(source: file.name, reason: error.reason)
        } catch {
            throw .badRecord(source: file.name, reason: "the record is damaged")
        }
    }

    private static func locate(_ path: String) throws(RewardError) -> String {
        let type = try FileSystem.type(of: path) { RewardError.file(.file($0)) }
        guard type == .folder else { return path }
        let names = try FileSystem.names(inFolder: path) { RewardError.file(.file($0)) }
            .filter { PathName.split($0).extension == "safetensors" }
        if names.contains(fileName) { return "\(path)/\(fileName)" }
        guard names.count == 1 else {
            throw .noHead(
                folder: path,
                reason: names.isEmpty
                    ? "it holds no safetensors file"
                    : "it holds \(names.count) safetensors files; name one of them")
        }
        return "\(path)/\(names[0])"
    }
}
