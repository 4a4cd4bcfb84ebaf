import Foundation
import Tensors
import Testing
import TestSupport

@Suite struct SafetensorsTests {
    @Test func `every dtype written by the reference library is read`() throws {
        let file = try WeightFile.open(golden("training.safetensors"))
        #expect(file.tensors.count == 20)
        #expect(file.tensors["i64"]?.floats() == [1, -2, 0x1p40])
        #expect(file.tensors["i8"]?.floats() == [-128, 127])
        #expect(file.tensors["flags"]?.floats() == [1, 0, 1])
        #expect(file.tensors["scalar"]?.shape == [])
        #expect(file.tensors["scalar"]?.floats() == [2.5])
        #expect(file.tensors["empty"]?.shape == [0, 3])
    }

    @Test func `written tensors are read back bit-exactly`() throws {
        let tensors = [
            "b/ü \"quoted\"": Tensor(shape: [2, 1], elements: [1.5, -.infinity]),
            "a": Tensor(shape: [], elements: [0.1]), "none": Tensor(shape: [0], elements: []),
        ]
        let bytes = Safetensors.encode(tensors, metadata: ["note": "line\n\u{1F3AC}"])
        let file = try openWeights(bytes)
        #expect(file.tensors.mapValues { $0.tensor() } == tensors)
        #expect(file.metadata == ["note": "line\n\u{1F3AC}"])
        #expect(bytes == Safetensors.encode(tensors, metadata: ["note": "line\n\u{1F3AC}"]))
    }

    /// Kilobytes of a mapped file that are residentKilobytes in this process.
    private func residentKilobytes(_ path: String) throws -> Int {
        // Read until the end of file: files in /proc report a size of 0.
        let maps = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
            .readDataToEndOfFile()
        let lines = String(decoding: maps, as: UTF8.self).split(separator: "\n")
        let first = try #require(lines.firstIndex { $0.hasSuffix(path) })
        let rss = try #require(lines[first...].first { $0.hasPrefix("Rss:") })
        return try #require(Int(rss.split(separator: " ")[1]))
    }

    @Test func `mapped pages are released after a copy and can be read again`() throws {
        let elements = (0..<4_000_000).map(Float.init)
        let folder = try TemporaryFolder()
        let path = folder.path + "/large.safetensors"
        try Data(Safetensors.encode(["x": Tensor(shape: [elements.count], elements: elements)]))
            .write(to: URL(fileURLWithPath: path))
        let tensor = try #require(try WeightFile.open(path).tensors["x"])
        tensor.withBytes { bytes in
            let touched = stride(from: 4095, to: bytes.count, by: 4096)
            #expect(touched.reduce(0) { $0 + Int(bytes[$1]) } > 0)
        }
        #expect(try residentKilobytes(path) > 15_000)
        #expect(tensor.floats() == elements)
        #expect(try residentKilobytes(path) < 100)
        #expect(tensor.floats() == elements)
    }

    /// The header length is the start of the file: 640 bytes looks like a pickle (80 02), other
    /// lengths like other containers.
    @Test func `a header of any length is recognised`() throws {
        let tensors = ["a": Tensor(shape: [1], elements: [2])]
        var lengths: Set<Int> = []
        for count in 0..<1500 {
            let metadata = ["note": String(repeating: "x", count: count)]
            let bytes = Safetensors.encode(tensors, metadata: metadata)
            guard lengths.insert(Int(bytes[0]) | Int(bytes[1]) << 8).inserted else { continue }
            #expect(try openWeights(bytes).metadata == metadata)
        }
        #expect(lengths.contains(0x280) && lengths.contains(0x480))
    }

    @Test func `stored tensors are written with their own dtypes`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("stored.safetensors")
        let source = try WeightFile.open(golden("training.pth"))
        try Safetensors.write(stored: source.tensors, metadata: ["from": "test"], to: path)
        let copy = try WeightFile.open(path)
        #expect(copy.metadata == ["from": "test"])
        #expect(copy.tensors.mapValues(\.dtype) == source.tensors.mapValues(\.dtype))
        #expect(copy.tensors.mapValues { $0.floats() } == source.tensors.mapValues { $0.floats() })
    }

    @Test func `a failed write leaves the existing file and no temporary file`() throws {
        let folder = try TemporaryFolder()
        // The target is a folder, so the rename fails.
        let target = folder.url.appendingPathComponent("taken")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        #expect(throws: TensorError.self) {
            try Safetensors.write(["x": Tensor(shape: [1], elements: [1])], to: target.path)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"])
    }

    @Test(arguments: ["U16", "U32", "U64", "F8_E4M3", "C64"])
    func `tensors of unsupported dtypes are skipped`(type: String) throws {
        let file = try openWeights(
            safetensors(
                """
                {"odd":{"dtype":"\(type)","shape":[1],"data_offsets":[0,8]},\
                "w":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}
                """, body: 12))
        #expect(file.tensors.keys.sorted() == ["w"])
    }

    @Test(arguments: [
        (#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x"#, 4, "text after the end"),
        (#"{"__metadata__":{}"#, 0, "'}' expected"),
        (#"[]"#, 0, "is neither safetensors"),
        (#"{"w":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}"#, 4, "no integer"),
        (#"{"w":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, 4, "no integer"),
        (#"{"w":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}"#, 4, "no integer"),
        (#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,1e30]}}"#, 4, "no integer"),
        (#"{"w":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}"#, 4, "a value expected"),
        (#"{"w":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#, 4, "a leading zero"),
        (#"{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "impossible shape [-1]"),
        (
            #"{"w":{"dtype":"F32","shape":[0,9223372036854775807,2],"data_offsets":[0,0]}}"#, 0,
            "impossible shape"
        ),
        (
            #"{"w":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#, 4,
            "no integer"
        ),
        (#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "4 bytes for F32 [2]"),
        (#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4, "bytes 4 to 0"),
        (#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3, "bytes 0 to 4"),
        (#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 5, "belong to no tensor"),
        (#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "instead of 0"),
        (
            """
            {"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},\
            "w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}
            """, 8, "starts at byte 4 instead of 8"
        ),
        (
            """
            {"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},\
            "w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}
            """, 4, "the key 'w' comes twice"
        ),
        (#"{"__metadata__":{"a":1}}"#, 0, "not a map of texts"),
        (#"{"a\ud800":1}"#, 0, "surrogate"),
        (#"{"w":{"dtype":"F32","shape":["# + String(repeating: "[", count: 99), 0, "too deeply"),
    ])
    func `an invalid header is refused with a reason`(
        header: String, body: Int, reason: String
    ) throws {
        let found = try #require(try refusal(of: safetensors(header, body: body)))
        #expect(found.contains(reason), "\(found)")
    }

    @Test func `a header that is not UTF-8 is refused`() throws {
        var file = safetensors(#"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, body: 4)
        file[10] = 0xff
        #expect(try refusal(of: file)?.contains("not UTF-8") == true)
    }

    @Test func `a length that exceeds the file is refused`() throws {
        var file = safetensors("{}")
        file.replaceSubrange(0..<8, with: Data(repeating: 0xff, count: 8))
        #expect(try refusal(of: file) == "the header: claims 18446744073709551615 bytes")
    }
}
