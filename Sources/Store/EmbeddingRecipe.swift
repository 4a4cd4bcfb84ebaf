import Crypto
public import Encoders
import Foundation
public import Frames
public import Media

/// Everything that an embedding depends on besides the input's bytes.
public struct EmbeddingRecipe: Sendable, Hashable {
    /// The encoder, its preprocessing and its taps.
    public let encoder: EncoderIdentity
    public let precision: Precision
    public let sampling: Sampling
    /// Options that change what is read from a file; those at their defaults are omitted.
    public let reading: [String: String]
    /// Versions of FFmpeg's libraries, of the reading of files, of the compute kernels and of the detection of degenerate
    /// clips.
    public let libraries: String
    /// SHA-256 of all fields except the encoder's name: one encoder may have two names.
    let digest: Data

    /// - Parameter source: Version of the generator of the frames, if they do not come from a file.
    public init(
        encoder: EncoderIdentity, precision: Precision, sampling: Sampling, options: MediaOptions,
        generator source: String? = nil
    ) {
        let defaults = MediaOptions()
        var reading: [String: String] = [:]
        reading["format"] = options.format
        reading["width"] = options.width.map(String.init)
        reading["height"] = options.height.map(String.init)
        reading["pixelFormat"] = options.pixelFormat
        reading["frameRate"] = options.frameRate
        reading["durationLimit"] = options.durationLimit.map { "\($0)" }
        if options.pixelLimit != defaults.pixelLimit {
            reading["pixelLimit"] = String(options.pixelLimit)
        }
        var libraries =
            "\(MediaLibraries.version), kernels \(ComputeKernels.revision), pixels \(Degeneracy.revision)"
        if let source { libraries += ", drawn by \(source)" }
        if !options.filtering.isEmpty {
            reading["treatment"] = options.filtering.text
            libraries += ", \(MediaLibraries.filterVersion)"
        }
        self.init(
            encoder: encoder, precision: precision, sampling: sampling, reading: reading,
            libraries: libraries)
    }

    private init(
        encoder: EncoderIdentity, precision: Precision, sampling: Sampling,
        reading: [String: String], libraries: String
    ) {
        self.encoder = encoder
        self.precision = precision
        self.sampling = sampling
        self.reading = reading
        self.libraries = libraries
        var document = Document(
            encoder: encoder, precision: precision, sampling: sampling, reading: reading,
            libraries: libraries)
        document.encoder.name = ""
        digest = Data(SHA256.hash(data: Data(document.text.utf8)))
    }

    /// A recipe's JSON representation.
    private struct Document: Codable {
        var encoder: EncoderIdentity
        var precision: Precision
        var sampling: Sampling
        var reading: [String: String]
        var libraries: String

        /// Canonical JSON: the same text for the same values.
        var text: String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard let json = try? encoder.encode(self) else {
                preconditionFailure("a recipe's values are finite")
            }
            return String(decoding: json, as: UTF8.self)
        }
    }

    /// The recipe as canonical JSON: the same text for the same recipe.
    var json: String {
        Document(
            encoder: encoder, precision: precision, sampling: sampling, reading: reading,
            libraries: libraries
        ).text
    }

    /// Parses the output of `json`; nil if it is invalid.
    init?(json: String) {
        let data = Data(json.utf8)
        guard let document = try? JSONDecoder().decode(Document.self, from: data) else {
            return nil
        }
        guard document.encoder.hasPossibleWidth, document.encoder.preprocessing.problem == nil,
            (try? document.sampling.validate()) != nil
        else { return nil }
        self.init(
            encoder: document.encoder, precision: document.precision, sampling: document.sampling,
            reading: document.reading, libraries: document.libraries)
    }
}
