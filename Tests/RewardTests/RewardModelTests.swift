import Encoders
import Foundation
import Frames
import Reward
import Tensors
import Testing
import TestModels
import TestSupport
import TextFormats
import Training

@Suite struct RewardModelTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func trained() throws -> RewardModel {
        var settings = TrainingSettings()
        settings.steps = 20
        let outcome = try TestModels.trained(
            settings, on: examples(count: 50, width: 8, distance: 0.5))
        return try RewardModel(
            ensemble: outcome.ensemble,
            encoders: [.image: identity(width: 8), .video: identity(width: 8)],
            sampling: .uniform(UniformSampling(frameCount: 8)),
            training: TrainingRecord(
                settings: settings, metrics: outcome.metrics, lineage: ["abc"]))
    }

    @Test func `a model survives a round trip through a file`() throws {
        let model = try trained()
        let path = folder.path("model.safetensors")
        try model.write(to: path)
        let loaded = try RewardModel.load(path)
        #expect(loaded.ensemble.parameters == model.ensemble.parameters)
        #expect(loaded.encoders == model.encoders)
        #expect(loaded.sampling == model.sampling)
        #expect(loaded.training == model.training)
        #expect(loaded.fingerprint == model.fingerprint)
    }

    /// The fingerprint in the file was written when the model was trained. It must not depend on the
    /// names of types and members.
    @Test func `the default model has the fingerprint that was published with it`() throws {
        let models = URL(filePath: #filePath).appending(path: "../../../models").standardized
        let reference = try JSONValue(
            parsing: String(
                contentsOf: models.appending(path: "default.reference.json"), encoding: .utf8))
        let model = try RewardModel.load(models.appending(path: "default.safetensors").path)
        #expect(model.familiarity != nil && model.degradation?.motion != nil)
        #expect(model.fingerprint == reference["fingerprint"]?.stringValue)
    }

    @Test func `the parts' lines in a fingerprint are fixed`() {
        let familiarity = Familiarity.Scale(
            ridge: 0.00001, count: 3, logMedian: -0.5, logDeviation: 2)
        #expect(
            familiarity.fingerprintText
                == "Scale(ridge: 1e-05, count: 3, logMedian: -0.5, logDeviation: 2.0)")
        let degradation = DegradationPart.Scale(
            ridge: 0.25, offset: -1, weight: 1.5, usual: 0.75, copyCount: 10,
            kinds: ["blur", "hue=h='90'"])
        #expect(
            degradation.fingerprintText == """
                Scale(ridge: 0.25, offset: -1.0, weight: 1.5, usual: 0.75, copyCount: 10, \
                kinds: ["blur", "hue=h=\\'90\\'"])
                """)
    }

    @Test func `half precision rounds to nearest and changes the fingerprint`() throws {
        let model = try trained()
        let path = folder.path("half.safetensors")
        try model.write(to: path, as: .f16)
        let loaded = try RewardModel.load(path)
        #expect(loaded.fingerprint != model.fingerprint)
        for (name, tensor) in model.ensemble.parameters {
            let rounded = try #require(loaded.ensemble.parameters[name])
            for (a, b) in zip(tensor.elements, rounded.elements) {
                #expect(abs(a - b) <= max(abs(a) * 0x1p-11, 0x1p-25))
            }
        }
        let again = folder.path("again.safetensors")
        try loaded.write(to: again, as: .f16)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: path))
                == Data(contentsOf: URL(fileURLWithPath: again)))
    }

    @Test func `values out of range for half precision are refused, not made infinite`() throws {
        var parameters = RewardHead(width: 4, seed: 0).parameters
        parameters["bn2.running_var"]?.elements[0] = 1e6
        let source = folder.path("big.safetensors")
        try Safetensors.write(parameters, to: source)
        let model = try RewardModel(
            ensemble: HeadEnsemble(RewardHead.load(source)), encoders: [.image: identity(width: 4)])
        let path = folder.path("half.safetensors")
        #expect(
            throws: RewardError.badTensor(
                source: path, tensor: "bn2.running_var",
                problem: "holds values that F16 cannot; write F32")
        ) { try model.write(to: path, as: .f16) }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a model can be written to and loaded from a folder`() throws {
        let model = try trained()
        try model.write(to: folder.url.path)
        #expect(try RewardModel.load(folder.url.path).fingerprint == model.fingerprint)
    }

    @Test func `an empty folder is refused`() throws {
        let error = #expect(throws: RewardError.self) { try RewardModel.load(folder.url.path) }
        #expect(
            error?.description == """
                '\(folder.url.path)' holds no reward model: it holds no safetensors file
                """)
    }

    @Test func `a missing file is refused with the system's reason`() throws {
        let path = folder.path("none")
        let error = #expect(throws: RewardError.self) { try RewardModel.load(path) }
        #expect(error?.description == "cannot read '\(path)': No such file or directory")
    }

    @Test(
        arguments: [
            (nil, "its metadata has no 'ganrm'; name the encoder beside the head"),
            ("", "the record is not versioned JSON"),
            ("[]", "the record is not versioned JSON"),
            (#"{"version":1e400}"#, "the record is not versioned JSON"),
            (
                #"{"version":9}"#,
                "the record has version 9, this ganrm reads 1; use the ganrm that wrote it"
            ),
            (#"{"version":1}"#, "'encoders' is missing"),
            (
                #"{"version":1,"encoders":{},"sampling":{"uniform":{"frameCount":8}}}"#,
                "it names no encoder"
            ),
            (
                #"{"version":1,"encoders":{"audio":{}}}"#,
                "'encoders.audio' is not what it should be"
            ),
            (
                #"{"version":1,"encoders":{"image":{"name":7}}}"#,
                "'encoders.image.name' is not what it should be"
            ),
            (
                #"""
                {"version":1,"sampling":{"uniform":{"frameCount":8}},"encoders":{"image":{"name":"x",\#
                "fingerprint":"f","taps":[1],"embeddingWidth":4,"preprocessing":{"resize":"squash",\#
                "size":8,"crop":8,"filter":"pillow_bicubic","mean":[0,0,0],"deviation":[1,1,1]}}},\#
                "reference":{"temperature":1,"generated":{"count":2,"quantiles":[0,1,2]},\#
                "proxy":{"count":2,"quantiles":[]}}}
                """#, "its reference has 3 quantiles instead of 101"
            ),
            (String(repeating: "[", count: 100_000), "the record is not versioned JSON"),
        ] as [(String?, String)])
    func `an invalid record is refused with a reason`(record: String?, reason: String) throws {
        let path = folder.path("head.safetensors")
        try Safetensors.write(
            RewardHead(width: 4, seed: 0).parameters,
            metadata: record.map { ["ganrm": $0] } ?? [:], to: path)
        #expect(throws: RewardError.badRecord(source: path, reason: reason)) {
            try RewardModel.load(path)
        }
    }

    /// Numbers that overflow or that are searched without end; the first two have the motion features'
    /// width of 24.
    @Test(arguments: [
        (
            #""embeddingWidth":8"#,
            #""motion":{"block":1,"burst":4,"revision":2},"embeddingWidth":8"#
        ),
        (
            #""embeddingWidth":8"#,
            #""motion":{"block":1,"burst":4,"revision":2},"embeddingWidth":-9223372036854775808"#
        ),
        (#""embeddingWidth":8"#, #""embeddingWidth":9223372036854775807"#),
        (#""embeddingWidth":8"#, #""embeddingWidth":0"#),
        (#""frameCount":8"#, #""frameCount":8,"burst":9223372036854775807"#),
        (#""frameCount":8"#, #""frameCount":-9223372036854775808"#),
    ])
    func `an impossible width or sampling is refused`(valid: String, invalid: String) throws {
        let whole = folder.path("whole.safetensors")
        try trained().write(to: whole)
        let file = try WeightFile.open(whole)
        let record = try #require(file.metadata["ganrm"])
        #expect(record.contains(valid), "\(record)")
        let path = folder.path("damaged.safetensors")
        try Safetensors.write(
            stored: file.tensors,
            metadata: ["ganrm": record.replacingOccurrences(of: valid, with: invalid)], to: path)
        let error = #expect(throws: RewardError.self) { try RewardModel.load(path) }
        guard case .badRecord = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `an encoder with another embedding width is refused`() {
        #expect(throws: RewardError.self) {
            try RewardModel(
                ensemble: HeadEnsemble(RewardHead(width: 8, seed: 0)),
                encoders: [.image: identity(width: 10)])
        }
    }

    @Test func `an encoder under another name is accepted`() throws {
        try trained().check(identity(name: "renamed", width: 8), for: .video)
    }

    @Test func `another encoder is refused with both fingerprints`() throws {
        let error = #expect(throws: RewardError.self) {
            try trained().check(
                identity(name: "clip-vit-base-patch32", fingerprint: "beef", width: 8),
                for: .video)
        }
        #expect(
            error?.description == """
                the head cannot score this encoder's video embeddings: it was trained with \
                'dinov2-small-imgfocus' (fingerprint f00d), not with 'clip-vit-base-patch32' \
                (fingerprint beef); use that encoder or train a head
                """)
    }

    @Test func `other blocks of the same encoder are refused`() throws {
        let error = #expect(throws: RewardError.self) {
            try trained().check(identity(taps: [11], width: 8), for: .image)
        }
        #expect(
            error?.description == """
                the head cannot score this encoder's image embeddings: it was trained on blocks \
                [12] of 'dinov2-small-imgfocus' (fingerprint f00d), not on blocks [11] of \
                'dinov2-small-imgfocus' (fingerprint f00d); set the taps to the head's or train a \
                head
                """)
    }

    @Test func `other preprocessing is refused`() throws {
        #expect(throws: RewardError.self) {
            try trained().check(identity(crop: 192, width: 8), for: .image)
        }
    }

    @Test func `a media kind without an encoder is refused`() throws {
        let model = try RewardModel(
            ensemble: HeadEnsemble(RewardHead(width: 8, seed: 0)),
            encoders: [.image: identity(width: 8)])
        let error = #expect(throws: RewardError.self) {
            try model.check(identity(width: 8), for: .video)
        }
        #expect(
            error?.description == """
                the head was not trained for video input, only for image; train one with such \
                examples
                """)
    }

    @Test func `the fingerprint depends on head, encoder and taps`() throws {
        func fingerprint(seed: UInt64 = 0, _ identity: EncoderIdentity) throws -> String {
            try RewardModel(
                ensemble: HeadEnsemble(RewardHead(width: 8, seed: seed)),
                encoders: [.image: identity]
            ).fingerprint
        }
        let all = try [
            fingerprint(identity(width: 8)), fingerprint(seed: 1, identity(width: 8)),
            fingerprint(identity(fingerprint: "beef", width: 8)),
            fingerprint(identity(taps: [11], width: 8)),
            fingerprint(identity(crop: 192, width: 8)),
        ]
        #expect(Set(all).count == all.count)
        #expect(try fingerprint(identity(name: "renamed", width: 8)) == all[0])
    }
}
